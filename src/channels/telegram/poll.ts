import type { Api } from 'grammy'
import { SECOND } from '../../core/time.ts'
import type { Duration } from '../../core/time.ts'
import { StoreError } from '../../ports/store.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Log, Metrics } from '../../ports/log.ts'
import { advice, pauseAsked, refusal, troubleOf } from './errors.ts'
import { NotStored } from './read.ts'
import type { Read } from './read.ts'

/** How long Telegram holds a request open while nothing is said. */
const LONG_POLL: Duration = 20 * SECOND
const FIRST_PAUSE: Duration = SECOND
const LONGEST_PAUSE: Duration = 10 * SECOND

export interface PollOptions {
  api: Api
  read: Read
  clock: Clock
  log: Log
  metrics: Metrics
  /** Telegram answers: for the first time, or again. */
  onWell: () => void
}

/** Keeps reading through every error, with backoff. */
export interface Poller {
  start(): void
  stop(): Promise<void>
  /** Resolves when everything that Telegram held at the time of the call is stored. Throws as soon as an attempt fails. */
  caughtUp(): Promise<void>
  /** Why nothing is heard, as a short code with what to do; undefined while all is well. */
  trouble(): string | undefined
}

interface Asking {
  resolve: () => void
  reject: (error: Error) => void
}

export function poller({ api, read, clock, log, metrics, onWell }: PollOptions): Poller {
  const halt = new AbortController()
  /** Cuts short a long poll or a pause, because somebody wants to be sure now. */
  let nudge = new AbortController()
  let asking: Asking[] = []
  let running: Promise<void> | undefined
  /** Ask without waiting until nothing more comes: at the start, and after trouble. */
  let behind = true
  let failures = 0
  let trouble = 'starting'

  const well = (): void => {
    if (trouble === '') return
    log.info('Telegram is being read', { failures })
    metrics.set('imok_telegram_polling', 1)
    trouble = ''
    failures = 0
    onWell()
  }

  const setback = async (error: unknown): Promise<void> => {
    const code = codeOf(error)
    const hint = advice(code)
    const said = hint === undefined ? code : `${code}: ${hint}`
    metrics.count('imok_telegram_poll_failures_total', { trouble: code })
    metrics.set('imok_telegram_polling', 0)
    if (said !== trouble) log[hint ? 'error' : 'warn'](hint ?? 'Telegram cannot be read', { trouble: code })
    trouble = said
    behind = true
    failures += 1
    if (isWebhookSet(error)) await dropWebhook(api)
    const pause = Math.max(Math.min(FIRST_PAUSE * 2 ** (failures - 1), LONGEST_PAUSE), pauseAsked(error) ?? 0)
    await Promise.race([clock.pause(pause), aborted(nudge.signal), aborted(halt.signal)])
  }

  /** One request, on behalf of those who had asked before it began. */
  const round = async (askers: Asking[]): Promise<void> => {
    const atOnce = behind || askers.length > 0
    try {
      behind = !(await read(
        atOnce ? 0 : LONG_POLL,
        atOnce ? halt.signal : AbortSignal.any([halt.signal, nudge.signal]),
      ))
      well()
      if (behind) asking.unshift(...askers)
      else for (const asker of askers) asker.resolve()
    } catch (error) {
      if (halt.signal.aborted || (!atOnce && nudge.signal.aborted && !(error instanceof NotStored))) {
        asking.unshift(...askers)
        return
      }
      for (const asker of askers) asker.reject(unread(codeOf(error)))
      await setback(error)
    }
  }

  const run = async (): Promise<void> => {
    while (!halt.signal.aborted) {
      if (nudge.signal.aborted) nudge = new AbortController()
      const askers = asking
      asking = []
      await round(askers)
    }
    for (const asker of asking) asker.reject(unread('stopped'))
    asking = []
  }

  return {
    start() {
      running ??= run()
    },
    async stop() {
      halt.abort()
      await running
    },
    caughtUp: () =>
      new Promise((resolve, reject) => {
        if (halt.signal.aborted) {
          reject(unread('stopped'))
          return
        }
        asking.push({ resolve, reject })
        nudge.abort()
        running ??= run()
      }),
    trouble: () => (trouble === '' ? undefined : trouble),
  }
}

function codeOf(error: unknown): string {
  if (!(error instanceof NotStored)) return troubleOf(error)
  return error.cause instanceof StoreError ? `inbox-${error.cause.code}` : 'inbox'
}

const unread = (code: string): Error => Object.assign(new Error(`Telegram could not be read: ${code}`), { code })

const isWebhookSet = (error: unknown): boolean => {
  const answer = refusal(error)
  return answer?.error_code === 409 && /webhook/i.test(answer.description)
}

/** A bot that was once set up for webhooks cannot be polled until they are off. Waiting updates are kept. */
async function dropWebhook(api: Api): Promise<void> {
  await api.deleteWebhook({ drop_pending_updates: false }).catch(() => undefined)
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
