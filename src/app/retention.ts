import type { Policy } from '../core/policy.ts'
import type { Duration } from '../core/time.ts'
import { DAY, HOUR, MINUTE } from '../core/time.ts'
import type { Clock } from '../ports/clock.ts'
import type { Log } from '../ports/log.ts'
import type { Store } from '../ports/store.ts'
import { codeOf } from './due-loop.ts'
import type { Overview } from './overview.ts'

/** How often what is over is looked for. Real time. */
export const EVERY: Duration = HOUR

/** And this soon after a start, once what is urgent is done: a kernel that never runs for an hour erases all the same. Real time. */
const SOON: Duration = MINUTE

/** How long a file that could not be read waits for somebody to repair it. Whose it was they were told when it was found. */
const SET_ASIDE: Duration = 30 * DAY

export interface Retention {
  /** Erases what is over. One that cannot be erased keeps no other; throws the first trouble when all were tried. */
  sweep: () => Promise<void>
  /** Sweeps once, soon. Returns how to call it off. */
  soon: () => () => void
}

/** What is over is erased on schedule (S11): by each document when it is woken, and by the store what the inbox holds of texts that were handled. */
export function createRetention(options: {
  tidy: Store['tidy']
  overview: Overview
  wake: (document: string) => Promise<void>
  keep: Policy['retention']
  isWatching: () => boolean
  clock: Clock
  log: Log
}): Retention {
  const { tidy, overview, wake, keep, isWatching, clock, log } = options

  const sweep = async (): Promise<void> => {
    const troubles: unknown[] = []
    const attempt = async (work: () => Promise<void>): Promise<void> => {
      // A kernel that is being stopped has no store any more.
      if (isWatching()) await work().catch((error: unknown) => troubles.push(error))
    }
    const now = clock.now()
    await attempt(() => tidy({ done: now - keep.sessions, setAside: now - SET_ASIDE }))
    const over = [...overview.all()].filter(({ dueAt, incident }) => dueAt === undefined && !incident)
    for (const { id } of over) await attempt(() => wake(id))
    if (troubles.length > 0) throw troubles[0]
  }

  return {
    sweep,
    soon: () =>
      clock.at(clock.now() + SOON * clock.speed, () => {
        sweep().catch((error: unknown) =>
          log.warn('what is over could not all be erased; it is tried again within the hour', { code: codeOf(error) }),
        )
      }),
  }
}
