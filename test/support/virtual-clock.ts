import type { Duration, Instant } from '../../src/core/time.ts'
import type { Clock } from '../../src/ports/clock.ts'

interface Timer {
  at: Instant
  job: () => void
  every?: Duration
}

/** A clock that stands still until it is moved; timers ring in order on the way, and `settled` is awaited after each. */
export interface VirtualClock extends Clock {
  forward(by: Duration, settled: () => Promise<void>): Promise<void>
  /** What the next look at `jump` reports, as if the wall clock had moved by itself. */
  jumpBy(by: Duration): void
}

export function virtualClock(start: Instant): VirtualClock {
  let now = start
  let jumped = 0
  const timers = new Set<Timer>()
  const arm = (timer: Timer): (() => void) => {
    timers.add(timer)
    return () => void timers.delete(timer)
  }
  const next = (until: Instant): Timer | undefined =>
    [...timers].filter((t) => t.at <= until).sort((a, b) => a.at - b.at)[0]

  return {
    now: () => now,
    speed: 1,
    at: (at, job) => arm({ at: Math.max(at, now), job }),
    every: (real, job) => arm({ at: now + real, job, every: real }),
    pause: (real) => new Promise((resolve) => arm({ at: now + real, job: resolve })),
    jump: () => {
      const by = jumped
      jumped = 0
      return by
    },
    jumpBy: (by) => {
      jumped += by
      if (by > 0) now += by
    },
    forward: async (by, settled) => {
      const until = now + by
      await settled()
      for (let timer = next(until); timer; timer = next(until)) {
        now = Math.max(now, timer.at)
        if (timer.every === undefined) timers.delete(timer)
        else timer.at = now + timer.every
        timer.job()
        await settled()
      }
      now = Math.max(now, until)
    },
  }
}
