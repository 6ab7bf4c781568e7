import type { Duration, Instant } from '../core/time.ts'

/** The kernel's clock. Its minutes may run faster than real ones (the simulator's speed); its timers are armed in its own time. */
export interface Clock {
  now: () => Instant
  /** Kernel milliseconds in a real one: 1 but for the simulator. */
  readonly speed: number
  /** Runs `job` once, at or after `at` by this clock. Returns how to call it off. */
  at: (at: Instant, job: () => void) => () => void
  /** Runs `job` every `real` milliseconds of real time, until called off. */
  every: (real: Duration, job: () => void) => () => void
  /** Resolves after `real` milliseconds of real time. */
  pause: (real: Duration) => Promise<void>
  /**
   * How far the wall clock has moved against a steady one since the last look, in milliseconds: 0 when they agree. A jump forward
   * is followed; a jump back is not, because deadlines are in this clock's time and must not move away.
   */
  jump: () => Duration
}
