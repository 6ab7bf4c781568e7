import type { Duration, Instant } from '../core/time.ts'
import { SECOND } from '../core/time.ts'
import type { Clock } from '../ports/clock.ts'
import type { House } from './house.ts'
import { inTime } from './in-time.ts'
import { isMember } from './outgoing.ts'
import type { TakeIn } from './take-in.ts'

/** How long a deadline waits for what people have said, from when it was found to have passed. Real milliseconds: the alarm comes within a second (S2). */
const LONGEST: Duration = SECOND / 2

/**
 * Whoever is home may have said so: to another kernel, which has stored it, or to us, and it is in line behind others. Resolves when what was
 * stored by `since` and may concern this document is applied; an alarm waits for that only a little, and in a storm nobody waits one after the other.
 */
export function createHearFirst({ takeIn, house, clock }: { takeIn: TakeIn; house: House; clock: Clock }) {
  const hear = async (document: string, since: Instant): Promise<void> => {
    // An inbox that cannot be read now hides nothing of what is here.
    await takeIn.hear(since).catch(() => undefined)
    if (takeIn.depth() === 0) return
    const state = await house.either.read(document)
    await takeIn.applied(state && isMember(state) ? state.addresses : [])
  }
  return async (document: string, since: Instant): Promise<void> => {
    const left = LONGEST - (clock.now() - since) / clock.speed
    if (left <= 0) return
    await inTime(
      clock,
      left,
      hear(document, since).catch(() => undefined),
      () => undefined,
    )
  }
}
