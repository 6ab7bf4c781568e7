import type { Agenda, Job } from 'agenda'
import type { Duration } from '../core/time.ts'
import { MINUTE, SECOND } from '../core/time.ts'
import type { Clock } from '../ports/clock.ts'
import type { Log } from '../ports/log.ts'
import { LOCK } from './make-agenda.ts'
import type { Running } from './running.ts'

/** All in real milliseconds. Work that takes longer than this is stuck; until then it tells Agenda that it lives. */
const LONGEST: Duration = 5 * MINUTE

/** Work that is later than this is begun anew: a clock was set back, or Agenda lost its job. */
const LATE: Duration = 10 * SECOND

/** After a failure it is tried again so soon (then doubled, three times) if its own turn is not sooner. */
const RETRY: Duration = 5 * SECOND

export interface Work {
  name: string
  every: Duration
  job: () => Promise<void>
}

export interface RecurringWork {
  /** Begins: each for the first time when its interval has passed; what should have come meanwhile at once. `late`: real milliseconds. */
  start: (late: Duration) => Promise<void>
  /** Begins anew what should have run and has not. Called every second. */
  tick: () => Promise<void>
}

export function createRecurringWork(options: {
  agenda: Agenda
  works: readonly Work[]
  clock: Clock
  log: Log
  running: Running
}): RecurringWork {
  const { agenda, works, clock, log, running } = options
  const lastSign = new Map<Work, number>()

  const keepAlive = (job: Job): (() => void) => {
    const until = performance.now() + LONGEST
    const off = clock.every(LOCK / 3, () => {
      if (performance.now() > until) return off()
      void job.touch().catch(off)
    })
    return off
  }

  for (const work of works) {
    const handle = async (job: Job): Promise<void> => {
      lastSign.set(work, performance.now())
      const off = keepAlive(job)
      try {
        await running.run(work.name, work.job)
      } finally {
        lastSign.set(work, performance.now())
        off()
      }
    }
    agenda.define(work.name, handle, {
      concurrency: 1,
      lockLifetime: LOCK,
      backoff: ({ attempt }) => (attempt > 3 ? null : Math.min(work.every, RETRY * 2 ** (attempt - 1))),
    })
  }

  const begin = async (work: Work, isOverdue: boolean): Promise<void> => {
    await agenda.every(work.every, work.name, {}, { skipImmediate: !isOverdue })
    // Not before it is saved: what fails is begun again in a second, and not when its interval has passed once more.
    lastSign.set(work, performance.now())
  }

  return {
    start: async (late) => {
      for (const work of works) await begin(work, late >= work.every)
    },
    tick: async () => {
      for (const work of works) {
        const silent = performance.now() - (lastSign.get(work) ?? 0)
        if (silent < work.every + LATE || running.has(work.name)) continue
        log.warn('recurring work did not come; it is begun anew', { job: work.name })
        await agenda.cancel({ name: work.name })
        await begin(work, true)
      }
    },
  }
}
