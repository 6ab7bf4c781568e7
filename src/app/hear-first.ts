import type { Duration, Instant } from '../core/time.ts'
import { SECOND } from '../core/time.ts'
import type { Clock } from '../ports/clock.ts'
import type { Fence } from './fence.ts'
import type { House } from './house.ts'
import { inTime } from './in-time.ts'
import { isMember } from './outgoing.ts'
import type { TakeIn } from './take-in.ts'

/** How long a deadline waits for what people have said, from when it was found to have passed. Real milliseconds: the alarm comes within a second (S2). */
const LONGEST: Duration = SECOND / 2

/**
 * While the database is away nothing can be heard, and no alarm saved: one that waits to be saved would be, in the moment in which the database is
 * back, before the OUT that lies in it (seed 254368). So it is not saved before it could hear, but waits no longer than this. Real milliseconds.
 */
const LONGEST_AWAY: Duration = 3 * SECOND

/** A database that answers sooner was there all the time; before that it is not asked. Real milliseconds. */
const PROMPT: Duration = SECOND / 10

/** How soon what was refused is tried again. Real milliseconds. */
const AGAIN: Duration = SECOND / 20

/**
 * Whoever is home may have said so: to another kernel, which has stored it, or to us, and it is in line behind others. Resolves when what was
 * stored by `since` and may concern this document is applied; an alarm waits for that only a little, and in a storm nobody waits one after the other.
 */
export function createHearFirst(options: {
  takeIn: Pick<TakeIn, 'hear' | 'applied' | 'depth'>
  house: { either: Pick<House['either'], 'read'> }
  /** Of a kernel that is alone it answers at once. Unlike the records it is never known from memory. */
  fence: Pick<Fence, 'prove'>
  clock: Clock
}) {
  const { takeIn, house, fence, clock } = options
  /** When the database answered again after it had not. */
  let back: Instant = -Infinity
  let asking: Promise<boolean> | undefined

  const real = (since: Instant): Duration => (clock.now() - since) / clock.speed

  /** Tried until it succeeds or nobody waits for it any more. */
  const hear = async (document: string, since: Instant, signal: AbortSignal): Promise<void> => {
    while (!signal.aborted) {
      try {
        await takeIn.hear(since)
        if (takeIn.depth() === 0) return
        const state = await house.either.read(document)
        return await takeIn.applied(state && isMember(state) ? state : undefined, signal)
      } catch {
        await clock.pause(AGAIN)
      }
    }
  }

  /** Whether the database answers, whatever it says. All who want to know ask once. */
  const ask = (): Promise<boolean> =>
    (asking ??= fence
      .prove()
      .then(
        () => true,
        () => false,
      )
      .finally(() => (asking = undefined)))

  const untilItAnswers = async (signal: AbortSignal): Promise<void> => {
    const since = clock.now()
    while (!(await ask())) {
      if (signal.aborted) return
      await clock.pause(AGAIN)
    }
    if (real(since) > PROMPT) back = clock.now()
  }

  /** Until half a second has passed, from the database's return for whoever waited for that. */
  const left = (since: Instant): Duration => LONGEST - real(Math.max(since, back))

  const within = async (longest: Duration, ...any: Promise<void>[]): Promise<void> => {
    if (longest > 0) await inTime(clock, longest, Promise.race(any), () => undefined)
  }

  return async (document: string, since: Instant): Promise<void> => {
    if (left(since) <= 0) return
    const waits = new AbortController()
    const { signal } = waits
    const heard = hear(document, since, signal).finally(() => waits.abort())
    await within(Math.min(PROMPT, left(since)), heard)
    // Those who were in line when it came back need not ask: they have what is left of that half second.
    if (!signal.aborted && since > back) await within(LONGEST_AWAY - real(since), heard, untilItAnswers(signal))
    if (!signal.aborted) await within(left(since), heard)
    waits.abort()
  }
}
