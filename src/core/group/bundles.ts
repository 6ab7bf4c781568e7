import type { EffectId } from '../effect.ts'
import type { Climb } from '../ladder.ts'
import { climb } from '../ladder.ts'
import type { Member } from '../member/member.ts'
import type { Ladder, Storm, Waits } from '../policy.ts'
import type { Duration, Instant } from '../time.ts'

/** A member with an open `overdue` that nobody has: what storms are made of. */
export interface Untaken {
  member: string
  incident: string
  number: number
  /** No place is one place. */
  place: string
  /** Since when nobody has it: raised, or fallen back, then. */
  since: Instant
  /** A take of it ran out. */
  again: boolean
  /** In a roll-call: the alert of its last naming. */
  called?: EffectId
  climb: Climb
}

export function untakenOf({ id, session, incident }: Member): Untaken | undefined {
  if (incident?.kind !== 'overdue' || incident.taken) return undefined
  return {
    member: id,
    incident: incident.id,
    number: incident.number,
    place: session?.place ?? '',
    since: incident.climb.startedAt,
    again: incident.again === true,
    ...(incident.called !== undefined && { called: incident.called }),
    climb: incident.climb,
  }
}

/**
 * Whether an alert is one of a storm, so that a roll-call says it. What is in a roll-call stays in it until it is taken or over, and whoever
 * becomes overdue beside enough of them joins. `atPlace`: all untaken at its place. `lately`: alerts of the last second, this one included.
 */
export function isStorm(
  alert: { of: Untaken; opensAgain: boolean },
  atPlace: Iterable<Untaken>,
  lately: number,
  now: Instant,
  storm: Storm,
): boolean {
  const { of, opensAgain } = alert
  if (of.called !== undefined && !opensAgain) return true
  if (lately > storm.alerts) return true
  let count = 0
  for (const other of atPlace) {
    // OPEN AGAIN stays single unless it is a storm itself.
    if (opensAgain && !other.again) continue
    if (!belongs(other, now, storm)) continue
    if (++count >= storm.members) return true
  }
  return false
}

/** Of one storm with whoever becomes overdue now. */
export const belongs = (other: Untaken, now: Instant, { within }: Storm): boolean =>
  other.called !== undefined || other.since + within >= now

/** As shares of `waits.rollCall`: what is left for naming people even if it was quick last time, and at most. */
const LEAST_LEFT = 0.06
const MOST_LEFT = 0.6

/**
 * When those who wait are named: at once but for the moment in which others may come, and not within `waits.rollCall` of the last such
 * message, unless somebody would then be named too late. `since`: when the first of `count` began to wait; `each`: how long it took to
 * name one last time.
 */
export function cutAt(
  { since, count }: { since: Instant; count: number },
  last: { at: Instant; each: Duration } | undefined,
  { gather, rollCall }: Pick<Waits, 'gather' | 'rollCall'>,
): Instant {
  if (!last) return since + gather
  const left = Math.min(Math.max(2 * count * last.each, LEAST_LEFT * rollCall), MOST_LEFT * rollCall)
  return Math.max(since + gather, Math.min(last.at + rollCall, since + rollCall - left))
}

/** Where a roll-call stands on the ladder: where the one stands who has waited longest. What is due by now is its message. */
export function climbOf(named: Iterable<Untaken>, ladder: Ladder, now: Instant): Climb | undefined {
  let oldest: Climb | undefined
  for (const { climb: one } of named) if (!oldest || one.startedAt < oldest.startedAt) oldest = one
  return oldest && climb(ladder, oldest, now).climb
}
