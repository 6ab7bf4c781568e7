import type { Duration } from '../core/time.ts'
import { SECOND } from '../core/time.ts'
import type { Clock } from '../ports/clock.ts'
import { StoreError } from '../ports/store.ts'
import type { Documents } from '../ports/store.ts'
import { inTime } from './in-time.ts'

/**
 * Real milliseconds. A save takes one; ten thousand at once on a slow card take some seconds, and giving those up would only make more.
 */
const LONGEST: Duration = 30 * SECOND

/** Real milliseconds after which an alarm is said although its save may yet be made: as long as a database may take that does not answer (ADR 7). */
const LATE: Duration = 10 * SECOND

/** Calls `late` every second once a save takes longer than an alarm may wait. */
export async function whileSlow<T>(clock: Pick<Clock, 'every'>, save: Promise<T>, late: () => void): Promise<T> {
  let waited: Duration = 0
  const off = clock.every(SECOND, () => (waited += SECOND) >= LATE && late())
  return save.finally(off)
}

/**
 * A disk that never answers is a disk that fails: whoever waits for it is told so after a while, and alerts go out without it. A write
 * that was given up may still be made: then the next one meets a `Conflict` and is decided anew.
 */
export function impatient(documents: Documents, clock: Pick<Clock, 'every'>): Documents {
  const late = (): Promise<never> => Promise.reject(new StoreError('timeout', 'the store did not answer in time'))
  return {
    read: (id) => inTime(clock, LONGEST, documents.read(id), late),
    write: (document) => inTime(clock, LONGEST, documents.write(document), late),
    erase: (id, version) => inTime(clock, LONGEST, documents.erase(id, version), late),
    due: (until, limit) => documents.due(until, limit),
    all: (kind) => documents.all(kind),
  }
}
