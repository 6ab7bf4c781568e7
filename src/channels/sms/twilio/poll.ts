import { MINUTE, SECOND } from '../../../core/time.ts'
import type { Duration, Instant } from '../../../core/time.ts'
import type { Clock } from '../../../ports/clock.ts'
import { TwilioFault } from './errors.ts'

/** Real milliseconds between two looks while somebody is out. */
const TICK = 5 * SECOND
/** In ticks: how often to look while nobody is out (30 s), and how far errors may stretch the pause (60 s). */
const IDLE = 6
const LONGEST = 12
/** In ticks: without a good look for 90 s we are blind. */
const BLIND = 18
/** Every look overlaps the last good one by this much: Twilio lists a text some time after it got it. */
const OVERLAP = 10 * MINUTE

export interface Polling {
  clock: Clock
  somebodyIsOut: () => boolean
  /** Puts what came since into the inbox. */
  read: (since: Instant) => Promise<void>
}

export interface Poll {
  start(): void
  /** Resolves when the look under way has ended. */
  stop(): Promise<void>
  /** Real milliseconds since the last good look, if that is too long. */
  blindFor(): Duration | undefined
}

/**
 * Looks for texts every 5 s while anyone is out, else every 30 s. It counts ticks and not the time of day, so a clock that
 * jumps neither stops it nor hides that it is blind.
 */
export function poll({ clock, somebodyIsOut, read }: Polling): Poll {
  let callOff: (() => void) | undefined
  let looking: Promise<void> | undefined
  let sinceLook = 0
  let sinceGood = 0
  let failures = 0
  let pause = 0
  let readTo: Instant = 0

  const look = async (): Promise<void> => {
    const began = clock.now()
    sinceLook = 0
    try {
      // A clock set back since the last look is the better witness.
      await read(Math.min(readTo, began) - OVERLAP)
      readTo = began
      sinceGood = failures = pause = 0
    } catch (error) {
      failures++
      const asked = error instanceof TwilioFault ? Math.ceil((error.wait ?? 0) / TICK) : 0
      pause = Math.max(Math.min(2 ** failures, LONGEST), asked)
    }
  }

  const tick = (): void => {
    sinceLook++
    sinceGood++
    const due = failures > 0 ? pause : somebodyIsOut() ? 1 : IDLE
    if (!looking && sinceLook >= due) begin()
  }

  const begin = (): void => {
    looking = look().finally(() => (looking = undefined))
  }

  return {
    start: () => {
      if (callOff) return
      readTo = clock.now()
      sinceGood = 0
      callOff = clock.every(TICK, tick)
      begin()
    },
    stop: async () => {
      callOff?.()
      callOff = undefined
      await looking
    },
    blindFor: () => (callOff && sinceGood > BLIND ? sinceGood * TICK : undefined),
  }
}
