import type { Duration, Instant } from '../core/time.ts'
import { MINUTE, SECOND } from '../core/time.ts'
import type { Clock } from '../ports/clock.ts'
import type { Log } from '../ports/log.ts'
import type { Announce } from './announce.ts'
import { blindness } from './announce.ts'
import type { Overview } from './overview.ts'
import { inTime } from './in-time.ts'
import type { Readable } from './read-back.ts'
import { readAllBack } from './read-back.ts'
import type { TakeIn } from './take-in.ts'

/** Of the kernel's clock. A provider lists a text by when it came to the provider, which may be long before it came to us. */
export const REACH: Duration = 10 * MINUTE

/** Real milliseconds. In less than that a provider has hardly tried to bring anything; the room is told only of what could not be read back. */
const HICCUP: Duration = MINUTE

/** So long it is waited until all is applied, and between two looks. Real milliseconds. One that cannot be applied now holds nothing up. */
const APPLIED: Duration = 5 * SECOND
const LOOK: Duration = SECOND / 2

/**
 * While the store could not write, no text was taken in, and few providers bring one again. What came in that time is read back, and the room
 * hears how long it was (S1, S10). Throws what the store throws: then it is still to be done.
 */
export function createMissedTexts(options: {
  ways: readonly Readable[]
  overview: Overview
  announce: Announce
  takeIn: Pick<TakeIn, 'hear' | 'depth'>
  clock: Clock
  log: Log
}): (from: Instant, to: Instant) => Promise<void> {
  const { ways, overview, announce, takeIn, clock, log } = options
  return async (from, to) => {
    const before = overview.out()
    const unread = await readAllBack(ways, from - REACH, clock, log)
    // What was read is applied a moment later, and may have brought somebody home. What others put is looked for first.
    const heard = takeIn.hear(clock.now()).catch(() => undefined)
    await inTime(clock, APPLIED, heard, () => undefined)
    for (let left = APPLIED; takeIn.depth() > 0 && left > 0; left -= LOOK) await clock.pause(LOOK)
    if (unread.length === 0 && (to - from) / clock.speed < HICCUP) return
    const lines = blindness(overview, { what: 'texts', from, to, unread, before })
    await announce(`blind:store:${String(from)}:${String(to)}`, lines, { loud: overview.out().length > 0 })
  }
}
