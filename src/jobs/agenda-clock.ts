import type { Agenda, AgendaBackend } from 'agenda'
import { codeOf } from '../app/due-loop.ts'
import type { Duration } from '../core/time.ts'
import { SECOND } from '../core/time.ts'
import type { AlarmClock } from '../ports/alarm-clock.ts'
import type { Clock } from '../ports/clock.ts'
import type { Log } from '../ports/log.ts'
import type { Documents } from '../ports/store.ts'
import type { Alarms } from './alarms.ts'
import type { Work } from './recurring-work.ts'
import type { JobFailed } from './running.ts'
import { createRunning } from './running.ts'

/** Real milliseconds. */
const TICK: Duration = SECOND

/** How long a stop waits for what is running. Real milliseconds. */
const LONGEST_STOP: Duration = 5 * SECOND

/** How soon it is tried again to start. Real milliseconds. */
const AGAIN: Duration = 5 * SECOND

/** What the start is called among what runs: a second does not join it, and a stop waits for it. */
const START = 'start'

const NOT_STARTED =
  'the alarm clock did not start: deadlines are watched without it, but nothing recurring is done; it is tried again every few seconds'

type Ring = (document: string) => Promise<void>

export interface AgendaClock extends AlarmClock {
  /** Undefined while it does not run. */
  agenda: () => Agenda | undefined
}

/**
 * The second clock, on Agenda, in this process or, with a `backend`, where several kernels' jobs lie. Agenda goes by the machine's clock, so it gets converted times. Whatever goes wrong in
 * it is logged and nothing else: the due loop holds every deadline without it. A start that fails is tried again until a stop.
 */
export function agendaClock(options: { clock: Clock; log: Log; backend?: () => Promise<AgendaBackend> }): AgendaClock {
  const { clock, log } = options
  const works: Work[] = []
  const running = createRunning(codeOf)
  let agenda: Agenda | undefined
  let alarms: Alarms | undefined
  let callOff: (() => void) | undefined
  let isBegun = false
  const stopping = new AbortController()
  const isStopped = (): boolean => stopping.signal.aborted

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

  /** What it cannot unlock any more is unlocked by time. */
  const end = (ended: Agenda): Promise<void> => ended.stop().catch(() => undefined)

  /** All of it starts, or nothing: then it throws, or a stop has come. `late`: real milliseconds since it should have. */
  const begin = async (ring: Ring, due: Documents['due'], late: () => Duration): Promise<void> => {
    // Only now, when the due loop watches already: it takes a tenth of a second.
    const [{ makeAgenda }, { createAlarms, SWEEP }, { createRecurringWork }] = await Promise.all([
      import('./make-agenda.ts'),
      import('./alarms.ts'),
      import('./recurring-work.ts'),
    ])
    const backend = await options.backend?.()
    await backend?.connect()
    // Another kernel may have jobs there by now.
    if (isStopped()) return
    // The jobs of an earlier kernel, and its locks: what is wanted of them is in the documents, and is made anew.
    await backend?.repository.purgeAllJobs()
    const made = makeAgenda(log, backend)
    const madeAlarms = createAlarms({ agenda: made, clock, running, ring, due })
    const all = [...works, { name: 'sweep', every: SWEEP, job: madeAlarms.sweep }]
    const recurring = createRecurringWork({ agenda: made, works: all, clock, log, running })
    try {
      await made.start()
      await recurring.start(late())
      alarms = madeAlarms
      // Repeated in five seconds in any case.
      await madeAlarms.sweep().catch(() => undefined)
      if (!isStopped()) agenda = made
    } finally {
      if (!agenda) await end(made)
    }
    if (!agenda) return
    callOff?.()
    callOff = ticking([madeAlarms, recurring])
  }

  return {
    agenda: () => agenda,
    set: (document, version, at) => alarms?.set(document, version, at),
    recurring: (name, real, job) => {
      if (isBegun) throw new Error(`recurring work must be known before the start: ${name}`)
      works.push({ name, every: real, job })
    },
    start: async (ring, due) => {
      isBegun = true
      const since = performance.now()
      let hasFailed = false
      const attempt = async (): Promise<void> => {
        if (isStopped()) return
        try {
          await running.run(START, () => begin(ring, due, () => performance.now() - since))
          if (hasFailed && agenda) log.info('the alarm clock has started after all: recurring work is done again')
        } catch (error) {
          if (!hasFailed && !isStopped()) log.error(NOT_STARTED, { code: (error as JobFailed).message })
          hasFailed = true
        }
      }
      await attempt()
      if (!agenda && !isStopped()) callOff = clock.every(AGAIN, () => void attempt())
    },
    stop: async () => {
      stopping.abort()
      callOff?.()
      const ended = agenda
      callOff = alarms = agenda = undefined
      if (ended) await end(ended)
      await running.ended(LONGEST_STOP)
    },
  }
}
