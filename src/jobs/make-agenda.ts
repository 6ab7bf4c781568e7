import { createRequire } from 'node:module'
import { Agenda } from 'agenda'
import type { AgendaBackend } from 'agenda'
import { codeOf } from '../app/due-loop.ts'
import type { Duration } from '../core/time.ts'
import { SECOND } from '../core/time.ts'
import type { Log } from '../ports/log.ts'
import { InProcessBackend, InProcessNotifications } from './in-process-backend.ts'
import { JobGone } from './in-process-jobs.ts'

/**
 * Real milliseconds after which a run counts as stuck: its place is given to others and its job to another run. Waking takes
 * milliseconds, so whoever takes longer waits for a store that hangs; work that takes long on purpose says that it lives.
 * (Agenda's default of 10 minutes is how late an alarm of a killed process would be.)
 */
export const LOCK: Duration = 5 * SECOND

/** How many alarms ring side by side. Measured with 500 due at once: with 20 the last was 1.2 s late, with 200 0.1 s. */
export const RINGING_AT_ONCE = 200

/** Recurring work always finds a place beside the alarms, even if all of them are stuck. */
const RUNNING_AT_ONCE = RINGING_AT_ONCE + 20

/**
 * Agenda's own default of 5 s makes alarms up to 3.5 s late (measured). It takes the jobs that are due before its next look, and goes
 * through all of these for each of them: the sooner it looks again, the fewer they are.
 */
const LOOK: Duration = SECOND / 5

/**
 * For each line that it does not log Agenda makes a logger of the package `debug`, and each of those asks the system whether the terminal
 * has colours. Measured with 10,000 deadlines in a minute: an eighth of the kernel's time. So the answer is given once and for all.
 */
function forgoColours(): void {
  const debug = createRequire(import.meta.resolve('agenda'))('debug') as { inspectOpts?: { colors?: boolean } }
  if (debug.inspectOpts) debug.inspectOpts.colors = false
}

/** A backend that is asked over a network is asked less often: what is made anew it is told of all the same. */
const LOOK_FAR: Duration = SECOND

/** A job that the database's backend does not find. Nothing is wrong: an older version of it was called off. */
const isGone = (error: unknown): boolean =>
  error instanceof JobGone || (error instanceof Error && error.message.includes('cannot be updated in the database'))

/**
 * Agenda looks not how its own connect ends, nor an unlock, and a rejection that nobody sees ends the process. So the backend it gets is connected
 * already; a lock runs out by itself.
 */
function settle(backend: AgendaBackend, tell: (error: unknown) => void): void {
  const { repository } = backend
  const unlock = repository.unlockJob.bind(repository)
  repository.unlockJob = (job) => unlock(job).catch(tell)
  backend.connect = () => Promise.resolve()
}

/** Agenda, by default on its in-process backend; it tells of its troubles in the log and nowhere else. Any other backend is connected. */
export function makeAgenda(log: Log, backend: AgendaBackend = new InProcessBackend()): Agenda {
  forgoColours()
  const tell = (error: unknown): void => {
    if (isGone(error)) return
    log.warn('Agenda reports trouble; deadlines are watched by the due loop all the same', { code: codeOf(error) })
  }
  settle(backend, tell)
  // One kernel acts, so the news of a job need not leave its process.
  const channel = new InProcessNotifications()
  const agenda = new Agenda({
    backend,
    notificationChannel: channel,
    name: 'imok',
    processEvery: backend instanceof InProcessBackend ? LOOK : LOOK_FAR,
    maxConcurrency: RUNNING_AT_ONCE,
    defaultConcurrency: 1,
    defaultLockLifetime: LOCK,
    // None: Agenda never gives back the place of a job whose lock ran out in the queue, so a limit would fill up and stop it for good.
    lockLimit: 0,
    defaultLockLimit: 0,
    removeOnComplete: true,
    logging: false,
  })
  agenda.on('error', tell)
  channel.on('error', tell)
  agenda.on('fail', (error, job) => {
    log.warn('a job failed and is tried again', { job: job.attrs.name, code: error.message })
  })
  return agenda
}
