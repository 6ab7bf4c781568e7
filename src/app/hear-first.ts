import type { Duration, Instant } from '../core/time.ts'
import { SECOND } from '../core/time.ts'
import type { Clock } from '../ports/clock.ts'
import type { Documents } from '../ports/store.ts'
import type { House } from './house.ts'
import { inTime } from './in-time.ts'
import { isMember } from './outgoing.ts'
import type { TakeIn } from './take-in.ts'

/** How long a deadline waits for what people have said, from when it was found to have passed. Real milliseconds: the alarm comes within a second (S2). */
const LONGEST: Duration = SECOND / 2

/**
 * While the store is away nothing can be heard, and no alarm saved: one that waits to be saved would be, in the moment in which the store is back,
 * before the OUT that lies in it (seed 254368). So it waits for the store, but no longer than this: then the room hears it unsaved. Real milliseconds.
 */
const LONGEST_AWAY: Duration = 3 * SECOND

/** A store that answers sooner was there all the time. Real milliseconds. */
const PROMPT: Duration = SECOND / 10

/** How soon a store that refuses is asked again. Real milliseconds. */
const AGAIN: Duration = SECOND / 20

/** `unread`: the inbox could not be read; `late`: nothing came of it in time. */
type Outcome = 'heard' | 'unread' | 'late'

/**
 * Whoever is home may have said so: to another kernel, which has stored it, or to us, and it is in line behind others. Resolves when what was
 * stored by `since` and may concern this document is applied; an alarm waits for that only a little, and in a storm nobody waits one after the other.
 */
export function createHearFirst(options: {
  takeIn: Pick<TakeIn, 'hear' | 'applied' | 'depth'>
  house: Pick<House, 'either'>
  documents: Pick<Documents, 'due'>
  /** The inbox is shared, and reading it may fail by itself. */
  hasOthers: boolean
  clock: Clock
}) {
  const { takeIn, house, documents, hasOthers, clock } = options
  /** When it answered again after it had not. */
  let back: Instant = -Infinity
  let asking: Promise<void> | undefined

  const real = (since: Instant): Duration => (clock.now() - since) / clock.speed

  /** What is here already is waited for in any case. */
  const hear = async (document: string, since: Instant): Promise<Outcome> => {
    const outcome = await takeIn.hear(since).then(
      () => 'heard' as const,
      () => 'unread' as const,
    )
    if (takeIn.depth() === 0) return outcome
    const state = await house.either.read(document)
    await takeIn.applied(state && isMember(state) ? state.addresses : [])
    return outcome
  }

  const left = (since: Instant): Duration => LONGEST - real(Math.max(since, back))

  const hearInTime = (document: string, since: Instant): Promise<Outcome> => {
    const heard = hear(document, since).catch(() => 'unread' as const)
    return inTime<Outcome>(clock, left(since), heard, () => 'late')
  }

  const ask = async (): Promise<void> => {
    const since = clock.now()
    while (real(since) < LONGEST_AWAY) {
      const isThere = await documents.due(0, 1).then(
        () => true,
        () => false,
      )
      if (isThere && real(since) > PROMPT) back = clock.now()
      if (isThere) return
      await clock.pause(AGAIN)
    }
  }

  /** Resolves when the store answers, or has not done so for a while. */
  const untilItAnswers = (): Promise<void> => (asking ??= ask().finally(() => (asking = undefined)))

  return async (document: string, since: Instant): Promise<void> => {
    const backBefore = back
    let outcome: Outcome = 'unread'
    if (!asking) {
      if (left(since) <= 0) return
      outcome = await hearInTime(document, since)
    }
    if (outcome === 'heard' || !hasOthers) return
    await inTime(clock, Math.max(1, LONGEST_AWAY - real(since)), untilItAnswers(), () => undefined)
    // One that is slow, and no more than that, holds up no alarm.
    const isWorthwhile = outcome === 'unread' || back > backBefore
    if (isWorthwhile && left(since) > 0) await hearInTime(document, since)
  }
}
