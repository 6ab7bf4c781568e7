import type { Duration, Instant } from '../core/time.ts'
import type { Clock } from '../ports/clock.ts'

/** What the clock is made from; replaced in tests that let it jump. */
export interface TimeSource {
  /** The machine's wall clock, milliseconds since the epoch. */
  wall(): number
  /** Milliseconds of a clock that only ever goes forward. */
  steady(): number
}

const machine: TimeSource = { wall: () => Date.now(), steady: () => performance.now() }

/** The longest `setTimeout` can wait without overflowing. */
const LONGEST_TIMEOUT = 2 ** 31 - 1

export interface SystemClock extends Clock {
  /** Sets the clock ahead: the simulator's "skip a minute". */
  skip(by: Duration): void
  /** What is stored has happened: the clock goes on from there if it is behind. */
  atLeast(at: Instant): void
  /** Goes by the machine's clock again, also back. Only for who stands by: nothing that happened depends on it yet. */
  follow(): void
}

/**
 * The kernel's clock. At speed 1 it is the wall clock, except that it never goes back. Faster, it starts at the wall clock and runs ahead.
 * It begins at `notBefore` if the wall clock is behind that: what was stored has happened.
 */
export function systemClock(options: { speed?: number; notBefore?: Instant; source?: TimeSource } = {}): SystemClock {
  const { speed = 1, notBefore = 0, source = machine } = options
  let base = Math.max(source.wall(), notBefore)
  let since = source.steady()
  let wallSince = source.wall()
  let latest = base
  const timers = new Set<() => void>()

  const now = (): Instant => {
    latest = Math.max(latest, Math.floor(base + (source.steady() - since) * speed))
    return latest
  }

  const at = (when: Instant, job: () => void): (() => void) => {
    let timer: NodeJS.Timeout | undefined
    const arm = (): void => {
      const left = (when - now()) / speed
      if (left <= 0 && timer !== undefined) return fire()
      timer = setTimeout(
        () => (when <= now() ? fire() : arm()),
        Math.max(0, Math.min(Math.ceil(left), LONGEST_TIMEOUT)),
      )
    }
    const fire = (): void => {
      off()
      job()
    }
    const rearm = (): void => {
      clearTimeout(timer)
      arm()
    }
    const off = (): void => {
      clearTimeout(timer)
      timers.delete(rearm)
    }
    timers.add(rearm)
    arm()
    return off
  }

  const setAhead = (by: Duration): void => {
    base += by
    for (const rearm of [...timers]) rearm()
  }

  return {
    now,
    speed,
    at,
    every: (real, job) => {
      const timer = setInterval(job, real)
      return () => clearInterval(timer)
    },
    pause: (real) => new Promise((resolve) => setTimeout(resolve, real)),
    skip: setAhead,
    atLeast: (at) => {
      if (now() < at) setAhead(at - now())
    },
    follow: () => {
      if (speed !== 1) return
      since = source.steady()
      base = latest = wallSince = source.wall()
      for (const rearm of [...timers]) rearm()
    },
    jump: () => {
      const steady = source.steady()
      const wall = source.wall()
      const jumped = wall - wallSince - (steady - since)
      // Follow the wall clock from here on: slow drift is put right at every look, without a jump.
      const current = now()
      base = speed === 1 ? Math.max(current, wall) : current
      since = steady
      wallSince = wall
      if (Math.abs(jumped) > 1000) for (const rearm of [...timers]) rearm()
      return jumped
    },
  }
}
