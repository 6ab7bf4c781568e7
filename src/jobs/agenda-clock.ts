import type { Agenda, AgendaBackend } from 'agenda'
import { codeOf } from '../app/due-loop.ts'
import type { Duration } from '../core/time.ts'
import { SECOND } from '../core/time.ts'
import type { AlarmClock } from '../ports/alarm-clock.ts'
import type { Clock } from '../ports/clock.ts'
import type { Log } from '../ports/log.ts'
import type { Alarms } from './alarms.ts'
import type { Work } from './recurring-work.ts'
import { createRunning } from './running.ts'

/** Real milliseconds. */
const TICK: Duration = SECOND

/** How long a stop waits for what is running. Real milliseconds. */
const LONGEST_STOP: Duration = 5 * SECOND

export interface AgendaClock extends AlarmClock {
  /** Undefined while it does not run. */
  agenda: () => Agenda | undefined
}

/**
 * The second clock, on Agenda, in this process or, with a `backend`, where several kernels' jobs lie. Agenda goes by the machine's clock, so it gets converted times. Whatever goes wrong in
 * it is logged and nothing else: the due loop holds every deadline without it.
 */
export function agendaClock(options: { clock: Clock; log: Log; backend?: () => Promise<AgendaBackend> }): AgendaClock {
  const { clock, log } = options
  const works: Work[] = []
  const running = createRunning(codeOf)
  let agenda: Agenda | undefined
  let alarms: Alarms | undefined
  let callOff: (() => void) | undefined

  const ticking = (jobs: { tick(): Promise<void> }[]): (() => void) => {
    let busy = false
    return clock.every(TICK, () => {
      if (busy) return
      busy = true
      void Promise.all(jobs.map((it) => it.tick()))
        .catch((error: unknown) =>
          log.warn('jobs could not be made; it is tried again in a second', { code: codeOf(error) }),
        )
        .finally(() => (busy = false))
    })
  }

  return {
    agenda: () => (callOff ? agenda : undefined),
    set: (document, version, at) => alarms?.set(document, version, at),
    recurring: (name, real, job) => {
      if (agenda) throw new Error(`recurring work must be known before the start: ${name}`)
      works.push({ name, every: real, job })
    },
    start: async (ring, due) => {
      // Only now, when the due loop watches already: it takes a tenth of a second.
      const [{ makeAgenda }, { createAlarms, SWEEP }, { createRecurringWork }] = await Promise.all([
        import('./make-agenda.ts'),
        import('./alarms.ts'),
        import('./recurring-work.ts'),
      ])
      const backend = await options.backend?.()
      // The jobs of an earlier kernel, and its locks: what is wanted of them is in the documents, and is made anew.
      await backend?.connect()
      await backend?.repository.purgeAllJobs()
      agenda = makeAgenda(log, backend)
      const made = createAlarms({ agenda, clock, running, ring, due })
      works.push({ name: 'sweep', every: SWEEP, job: made.sweep })
      const recurring = createRecurringWork({ agenda, works, clock, log, running })
      await agenda.start()
      await recurring.start()
      alarms = made
      await made.sweep()
      callOff = ticking([made, recurring])
    },
    stop: async () => {
      callOff?.()
      callOff = undefined
      alarms = undefined
      await agenda?.stop()
      await running.ended(LONGEST_STOP)
    },
  }
}
