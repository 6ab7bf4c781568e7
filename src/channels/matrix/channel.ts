import { setTimeout } from 'node:timers/promises'
import { codeOf } from '../../app/due-loop.ts'
import type { Duration } from '../../core/time.ts'
import { MINUTE, SECOND } from '../../core/time.ts'
import type { Room, RoomMessage } from '../../ports/channel.ts'
import { SendError } from '../../ports/channel.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Inbox } from '../../ports/inbox.ts'
import type { Log, Metrics } from '../../ports/log.ts'
import type { FetchMedia } from '../../ports/media.ts'
import type { Documents } from '../../ports/store.ts'
import type { Renderer } from '../../ports/texts.ts'
import type { MatrixApi } from './api.ts'
import { createBudget } from './budget.ts'
import { isRefusal, NotYet, PutOut, wordFor } from './connecting.ts'
import type { Line } from './line.ts'
import { createLine } from './line.ts'
import { lookFor } from './look-for.ts'
import type { MatrixSettings } from './options.ts'
import { ForeignIdentity } from './identity/foreign-identity.ts'
import { shareIdentity, takeSharedIdentity } from './identity/shared-identity.ts'
import { sendOutgoing } from './outgoing-requests.ts'
import { ownIdentity, wordsForForeign } from './own-identity.ts'
import type { Tell } from './receive.ts'
import type { SmallValues } from './small-values.ts'
import { Refused } from './refused.ts'
import { createRoom, joinRoom, resolveRoom } from './room.ts'
import type { RoomBook } from './room-record.ts'
import { openRoomBook } from './room-record.ts'
import { knownAccount, sameAccount, signedIn, signIn } from './sign-in.ts'
import { createMending, goesAfloat, tellable, troubleOf } from './store-trouble.ts'
import type { Vault } from './vault.ts'

/** Real milliseconds between tries: a hiccup is over in a second; a mistake in the settings is not mended by asking. */
const FIRST_PAUSE: Duration = SECOND
const LONGEST_PAUSE: Duration = 10 * SECOND
const REFUSED_PAUSE: Duration = MINUTE

/** How long the server holds an answer when there is nothing new; shorter while something waits for its key. */
const LONG_POLL: Duration = 30 * SECOND
const SHORT_POLL: Duration = 3 * SECOND

/** Without an answer for so long the room cannot be reached, and nobody reads what is said in it. Longer than a long poll. */
const SILENCE: Duration = MINUTE

export interface MatrixRoomOptions {
  settings: MatrixSettings
  documents: Documents
  /** `onFailure`: told, in one word, when the disk fails, or the vault can never be used again. */
  openVault: (onFailure: (code: string) => void) => Promise<Vault>
  /** Told once, at the first start: whoever has it can bring this identity back after a loss of everything. */
  showRecoveryKey: (written: string) => void
  roomName: string
  /** Absent: this kernel is alone. False while another one acts: then the room is read, and nothing is said or changed. */
  isActing?: () => boolean
  /** Asked right before a message leaves. */
  maySpeak?: () => boolean
  /** Another kernel of ours said something in the room just now. */
  othersSpoke?: () => void
  inbox: Inbox
  tell: Tell
  fetchMedia: FetchMedia
  texts: Renderer
  language: string
  clock: Clock
  log: Log
  metrics: Metrics
}

/** The encrypted room. It connects by itself, again and again; until it has, sends are refused and the ladder goes round it. */
export function matrixRoom(options: MatrixRoomOptions): Room {
  const { settings, documents, openVault, isActing = () => true, log } = options
  const hasOthers = options.isActing !== undefined
  const budget = createBudget(() => performance.now())
  const mend = createMending()
  const stopped = new AbortController()
  let line: Line | undefined
  /** Connected well enough to speak, while the room is still read. */
  let early: Line | undefined
  let vault: Vault | undefined
  let trouble: string | undefined = 'matrix-starting'
  let readers = 0
  let answeredAt = -Infinity
  let running: Promise<void> | undefined
  /** What was refused behind a round, which cannot tell: above all, keys of our account that are not ours were shown. */
  let barred: Refused | undefined
  /** Ends the wait for something new: somebody wants to know now. */
  let wake = new AbortController()
  const asking: { done: () => void; failed: (error: unknown) => void }[] = []

  const connect = async (): Promise<Line> => {
    const opened = (vault ??= await openVault(storeFailed))
    const values: SmallValues = opened
    const known = knownAccount(values)
    const account = known ? sameAccount(settings, known) : await signIn(settings, values)
    const api = signedIn({
      settings,
      values,
      account,
      before: (path) => tellable(opened, path),
      onRefused: refused,
      // A server that had deleted the device has none of its keys any more.
      onRenewed: () =>
        void identify().catch((error: unknown) => {
          if (error instanceof Refused) barred = error
          refused(error)
        }),
    })
    const machine = await opened.machine(account)
    const { password } = settings
    const identify = (): Promise<void> =>
      ownIdentity({ machine, api, values, password, showRecoveryKey: options.showRecoveryKey, log })
    barred = undefined
    const desk = { machine, api, store: values }
    if (hasOthers && !(await takeSharedIdentity(desk, documents)) && !isActing()) throw new NotYet()
    await identify()
    if (hasOthers && isActing()) await shareIdentity(desk, documents)
    const pump = async (): Promise<void> => {
      for (const { request, error } of await sendOutgoing(machine, api)) {
        if (error instanceof ForeignIdentity)
          barred ??= new Refused('matrix-foreign-identity', wordsForForeign(api.userId))
        log.warn('keys could not be exchanged; it is tried again', { request, code: codeOf(error) })
      }
    }
    const book = await openRoomBook(documents)
    const made = createLine({
      ...options,
      machine,
      api,
      values,
      together: opened.together,
      mayBeBehind: opened.mayBeBehind,
      book,
      admins: settings.admins,
      budget,
      pump,
    })
    // What was said while we were away is judged by who is in the room, so that comes first.
    await made.look()
    // An alarm need not wait until all is read.
    if (made.isIn()) early = made
    await made.round(0, stopped.signal)
    await enter(api, book)
    await made.open()
    return made
  }

  /** Into the room of last time, the configured one, or a new one. */
  const enter = async (api: MatrixApi, book: RoomBook): Promise<void> => {
    const { roomId: known, setting } = book.now()
    const { room: wanted } = settings
    if (wanted !== undefined && (known === undefined || wanted !== setting)) {
      const roomId = await resolveRoom(api, wanted)
      await joinRoom(api, roomId)
      if (isActing()) await book.change({ type: 'joined', roomId, setting: wanted })
    } else if (known !== undefined) await joinRoom(api, known)
    else if (!isActing()) throw new NotYet()
    else await book.change({ type: 'joined', roomId: await createRoom(api, settings.admins, options.roomName) })
  }

  const storeFailed = (code: string): void => {
    log.error('the keys of the Matrix room cannot be written', { code })
    // It waits for news, and must mend that now.
    wake.abort()
  }

  const refused = (error: unknown): void => {
    if (!isRefusal(error)) {
      trouble = wordFor(error)
      return
    }
    if (trouble !== error.code) log.error(error.message)
    trouble = error.code
  }

  const troubleNow = (): string | undefined => troubleOf(vault) ?? trouble

  const once = async (): Promise<void> => {
    const waited = asking.splice(0)
    try {
      const unmended = await mend(vault)
      // Nothing is read then; but whoever cannot speak yet must learn to.
      if (unmended && (line ?? early ?? vault?.failed()) !== undefined) throw unmended
      line ??= await connect()
      // Whoever asks, or was in trouble, wants an answer at once.
      const wait = waited.length > 0 || trouble !== undefined ? 0 : line.isWaiting() ? SHORT_POLL : LONG_POLL
      await line.round(wait, AbortSignal.any([stopped.signal, wake.signal]))
      if (barred) throw barred
      if (!line.isIn()) throw new PutOut()
      readers = (await line.roster.readers()).length
      answeredAt = performance.now()
      trouble = line.troubleOfRoom() ?? (readers === 0 ? 'matrix-no-reader' : undefined)
      for (const it of waited) it.done()
    } catch (error) {
      for (const it of waited) it.failed(error)
      throw error
    }
  }

  const loop = async (): Promise<void> => {
    let pause = FIRST_PAUSE
    const isOver = (): boolean => stopped.signal.aborted
    while (!isOver()) {
      if (wake.signal.aborted) wake = new AbortController()
      try {
        await once()
        pause = FIRST_PAUSE
        if (trouble !== undefined) await rest(FIRST_PAUSE)
      } catch (error) {
        if (isOver() || wake.signal.aborted) continue
        refused(error)
        options.metrics.count('imok_matrix_failures_total', { trouble: trouble ?? 'unknown' })
        if (vault?.failed() !== undefined) await reopen()
        // Whether it was mended is seen by beginning anew.
        if (isRefusal(error) || error instanceof PutOut) line = early = undefined
        await rest(isRefusal(error) ? REFUSED_PAUSE : pause)
        // Nothing is read while the disk takes nothing, and it is asked by nobody but us.
        pause = troubleOf(vault) === undefined ? Math.min(LONGEST_PAUSE, pause * 2) : FIRST_PAUSE
      }
    }
    for (const it of asking.splice(0)) it.failed(new Error('stopped'))
  }

  /** A pause that ends when somebody asks or everything stops. */
  const rest = (real: Duration): Promise<void> =>
    setTimeout(real, undefined, { signal: AbortSignal.any([stopped.signal, wake.signal]) }).catch(() => undefined)

  /** Somebody else has the keys: what is in memory must not be used. */
  const reopen = async (): Promise<void> => {
    line = early = undefined
    await vault?.close()
    vault = undefined
  }

  /** While the keys cannot be written only what must go goes (ADR 10). */
  const present = (mustGo = false): Line => {
    const failed = troubleOf(vault)
    if (failed !== undefined && !(mustGo && vault?.failed() === undefined)) throw new SendError('refused', failed)
    const used = line ?? early
    if (!used || barred) throw new SendError('refused', barred?.code ?? trouble ?? 'matrix-starting')
    return used
  }

  /** One whole round from now on. */
  const ask = (): Promise<void> =>
    new Promise<void>((done, failed) => {
      asking.push({ done, failed })
      wake.abort()
    })

  const begin = (): Promise<void> => {
    running ??= loop()
    return Promise.resolve()
  }

  return {
    ...(hasOthers && {
      find: async ({ id }: RoomMessage) => {
        // Whoever may speak already can look.
        const find = async (signal: AbortSignal): Promise<string | undefined> => (line ?? early)?.find(id, signal)
        const event = await lookFor({ find, catchUp: ask, clock: options.clock })
        return event === undefined ? undefined : { providerId: event, readers }
      },
      standBy: begin,
    }),
    send: async (message) => {
      const used = present(goesAfloat(message))
      const accepted = await used.sender.message(message)
      answeredAt = performance.now()
      if (troubleOf(vault) === undefined) void used.attend.after(message)
      return accepted
    },
    showBoard: async (text) => present().attend.showBoard(text),
    readers: () => (performance.now() - answeredAt > SILENCE || troubleNow() !== undefined ? 0 : readers),
    trouble: troubleNow,
    people: () => line?.people,
    readBack: ask,
    start: async () => {
      // It may have stood by: from now on it acts, and the next round sees that.
      if (running) wake.abort()
      await begin()
    },
    stop: async () => {
      stopped.abort()
      await running
      await vault?.close()
    },
  }
}
