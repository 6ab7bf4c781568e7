import type { Duration } from '../../core/time.ts'
import { SECOND } from '../../core/time.ts'

/** Synapse's default for messages: ten at once, then one in five seconds. Nobody tells a client what the server really allows. */
const BURST = 10
const EVERY: Duration = 5 * SECOND
/** So many of a burst are kept for alarms. */
const KEPT = 5
/** So many went through where the default allows none: the server allows more, until it says otherwise. */
const PROOF = 3

/**
 * One budget for all that is sent to the room: alarms take what there is; board, polls, hints and notices go only while some of the burst
 * is left, or the alarm that follows them would be refused.
 */
export interface Budget {
  /** Something that can wait or be left out. True: it may go now. */
  mayGo: () => boolean
  /** A message was accepted. */
  spent: () => void
  /** The server said 429; `wait`: for how long. */
  refused: (wait: Duration | undefined) => void
}

/** `now`: real milliseconds of a steady clock. */
export function createBudget(now: () => number): Budget {
  let left = BURST
  let filledAt = now()
  let closedUntil = -Infinity
  let isGenerous = false
  let beyond = 0

  const fill = (): void => {
    const whole = Math.floor((now() - filledAt) / EVERY)
    if (whole <= 0) return
    left = Math.min(BURST, left + whole)
    filledAt += whole * EVERY
  }

  return {
    mayGo: () => {
      fill()
      return now() >= closedUntil && (isGenerous || left > KEPT)
    },
    spent: () => {
      fill()
      if (left === 0 && ++beyond >= PROOF) isGenerous = true
      left = Math.max(0, left - 1)
    },
    refused: (wait = EVERY) => {
      left = 0
      filledAt = now()
      beyond = 0
      isGenerous = false
      closedUntil = now() + wait
    },
  }
}
