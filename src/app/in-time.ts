import type { Duration } from '../core/time.ts'
import type { Clock } from '../ports/clock.ts'

/** Waits for the job, but no longer than `real` milliseconds: then `late` decides. The timer ends with the job, or a busy hour would leave thousands. */
export async function inTime<T>(
  clock: Pick<Clock, 'every'>,
  real: Duration,
  job: Promise<T>,
  late: () => T | Promise<T>,
): Promise<T> {
  let off: (() => void) | undefined
  const over = new Promise<void>((resolve) => (off = clock.every(real, resolve))).then(late)
  // Whoever comes second is not listened to any more.
  over.catch(() => undefined)
  try {
    return await Promise.race([job, over])
  } finally {
    off?.()
  }
}
