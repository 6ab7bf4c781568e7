import { codeOf } from '../app/due-loop.ts'
import type { Engine } from '../app/engine.ts'
import { Tenure } from '../app/fence.ts'
import type { Duration } from '../core/time.ts'
import { SECOND } from '../core/time.ts'
import type { Log } from '../ports/log.ts'
import type { Office, Term } from '../ports/office.ts'

/** A kernel that can be started: it stands by until then. */
export interface Candidate {
  engine: Engine
  /** Goes through the restart order. */
  start: () => Promise<void>
}

export type Role = 'active' | 'standby'

/** Real milliseconds before a kernel that could not start is tried again. */
const PAUSE: Duration = 5 * SECOND

export interface Terms {
  role: () => Role
  engine: () => Engine | undefined
  /** Whether somebody watches: we, or another kernel that was seen in office within the last seconds. */
  watching: () => { ok: boolean; reasons: string[] }
  /** Resolves when this kernel watches, or stands by for another one. Rejects if its first start failed. */
  settled: Promise<void>
  /** Hands over; resolves when nothing of ours acts any more. */
  stop: () => Promise<void>
}

/**
 * Of several kernels one is active. This one stands by, takes office when nobody else is in it, starts as after a restart, and when another
 * kernel has taken office all the same (we were frozen, or cut off) it ends what it does and stands by again.
 */
export function serveTerms(options: {
  office: Office
  /** A new kernel for each time in office: nothing that the last one remembered is true any more. */
  candidate: (tenure: Tenure) => Promise<Candidate>
  /** Called again and again while it stands by: texts that it takes in bear the time of its clock. */
  followClock: () => void
  log: Log
}): Terms {
  const { office, candidate, followClock, log } = options
  const stopping = new AbortController()
  let engine: Engine | undefined
  let role: Role = 'standby'
  let settle: () => void = () => undefined
  let fail: (error: unknown) => void = () => undefined
  const first = { isSettled: false }
  const settled = new Promise<void>((resolve, reject) => {
    settle = () => {
      first.isSettled = true
      resolve()
    }
    fail = reject
  })
  settled.catch(() => undefined)

  const isOver = (): boolean => stopping.signal.aborted
  const stopped = new Promise<void>((resolve) => stopping.signal.addEventListener('abort', () => resolve()))

  /** One candidate: stands by, takes office, and ends when that is over. */
  const once = async (): Promise<void> => {
    const tenure = new Tenure()
    const made = await candidate(tenure)
    const { kernel } = (engine = made.engine)
    await kernel.standBy()
    const looks = setInterval(() => {
      if (role === 'standby') followClock()
      if (office.isHeldByAnother()) settle()
    }, SECOND / 4)
    let term: Term | undefined
    try {
      term = await office.take(stopping.signal)
      tenure.begin(term)
      role = 'active'
      log.info('in office', { epoch: term.epoch })
      await made.start()
      settle()
      await Promise.race([term.over, stopped])
      if (!isOver()) log.error('another kernel has taken over; this one ends what it does and stands by')
    } finally {
      clearInterval(looks)
      await kernel.stop()
      await term?.resign()
      role = 'standby'
    }
  }

  const run = (async () => {
    while (!isOver()) {
      try {
        await once()
      } catch (error) {
        if (isOver()) return
        // Nobody has relied on it yet: whoever starts it sees why it does not.
        if (!first.isSettled) return fail(error)
        log.error('this kernel could not take over; it tries again in five seconds', { code: codeOf(error) })
        await Promise.race([stopped, new Promise((resolve) => setTimeout(resolve, PAUSE))])
      }
    }
  })()

  return {
    role: () => role,
    engine: () => engine,
    watching: () => {
      if (role === 'active') return engine?.pulse.watching() ?? { ok: false, reasons: ['starting'] }
      return office.isHeldByAnother() ? { ok: true, reasons: [] } : { ok: false, reasons: ['nobody-in-office'] }
    },
    settled,
    stop: async () => {
      stopping.abort(new Error('stopping'))
      await run
    },
  }
}
