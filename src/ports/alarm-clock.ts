import type { Duration, Instant } from '../core/time.ts'
import type { Documents } from './store.ts'

/**
 * A second clock beside the due loop, which operators can see. It may ring late, twice or never: whoever is woken looks at the
 * stored deadline. Recurring work has only this one.
 */
export interface AlarmClock {
  /** Rings for this version of the document, if `at` is near; a newer version replaces it. */
  set: (document: string, version: number, at: Instant) => void
  /** Runs `job` every `real` milliseconds once started; a run that is still going is not joined by a second. Known before the start. */
  recurring: (name: string, real: Duration, job: () => Promise<void>) => void
  /**
   * `due` answers what comes up: what was set long ago, or by an earlier process, is taken from there when it comes near. Resolves
   * after the first try, and goes on trying until a stop; it does not reject.
   */
  start: (ring: (document: string) => Promise<void>, due: Documents['due']) => Promise<void>
  /** Resolves when nothing rings and nothing runs any more. */
  stop: () => Promise<void>
}
