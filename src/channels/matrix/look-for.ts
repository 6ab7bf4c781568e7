import { inTime } from '../../app/in-time.ts'
import type { Duration } from '../../core/time.ts'
import { SECOND } from '../../core/time.ts'
import type { Clock } from '../../ports/clock.ts'

/** Real milliseconds for all of it, and half of what one attempt has, which must still send: a duplicate alarm beats none (design/engine.md section 6). */
const LONGEST_LOOK: Duration = 5 * SECOND

/** Looks for what another kernel of ours said, and ends in time whatever the homeserver does. Never rejects. */
export function lookFor(options: {
  /** Asks nobody once the signal is aborted, and tells what is known. Never rejects. */
  find: (signal: AbortSignal) => Promise<string | undefined>
  /** One whole round of reading from now on. */
  catchUp: () => Promise<void>
  clock: Pick<Clock, 'every'>
}): Promise<string | undefined> {
  const { find, catchUp, clock } = options
  const over = new AbortController()
  const look = async (): Promise<string | undefined> => {
    const event = await find(over.signal)
    if (event !== undefined || over.signal.aborted) return event
    // What the other kernel said last may come with this, or the key to what was found.
    await catchUp().catch(() => undefined)
    return find(over.signal)
  }
  return inTime(clock, LONGEST_LOOK, look(), () => {
    over.abort()
    // The room is read all the time: what came that way meanwhile counts.
    return find(over.signal)
  })
}
