import type { Effect, EffectId } from '../effect.ts'
import { isInDoubt } from '../effect.ts'
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

/** All of them, found without going through everybody: ten thousand may be out. */
export interface Alarms {
  get: (member: string) => Untaken | undefined
  at: (place: string) => Iterable<Untaken>
  /** Those in the roll-call. */
  called: () => Iterable<Untaken>
  count: () => number
  /** Whether a message of a roll-call that is not settled names this alert. */
  isNamed: (alert: EffectId) => boolean
}

/**
 * Whether an alert is one of a storm, so that a roll-call says it. What is in a roll-call stays in it until it is taken or over, and whoever
 * becomes overdue beside enough of them joins. `lately`: alerts of the last second, this one included.
 */
export function isStorm(
  member: string,
  alert: Effect,
  alarms: Alarms,
  lately: number,
  now: Instant,
  storm: Storm,
): boolean {
  const of = alarms.get(member)
  if (of === undefined || of.incident !== alert.incident) return false
  // Sent by itself, and nobody can say whether it arrived: the same again under the same id is one message.
  if (isInDoubt(alert) && of.called !== alert.id) return false
  const opensAgain = alert.body[0]?.key === 'room.open-again'
  if (of.called !== undefined && !opensAgain) return true
  if (lately > storm.alerts) return true
  let count = 0
  for (const other of alarms.at(of.place)) {
    // OPEN AGAIN stays single unless it is a storm itself.
    if (opensAgain && !other.again) continue
    if (belongs(other, now, storm) && ++count >= storm.members) return true
  }
  return false
}

/** Of one storm with whoever becomes overdue now. */
const belongs = (other: Untaken, now: Instant, { within }: Storm): boolean =>
  other.called !== undefined || other.since + within >= now

/**
 * Whom the next messages name: `joined` are new in the roll-call, with those of their storm who were said singly. When one of those who
 * were named before is to be heard `again`, all are who are in it. `waited`: those whose alerts wait for it. `unnamed`: those of them who could not be
 * named the last time; they are tried again, and bring nobody else with them.
 */
export function toBeNamed(
  fresh: ReadonlySet<string>,
  waited: ReadonlyMap<string, unknown>,
  unnamed: ReadonlySet<string>,
  alarms: Alarms,
  now: Instant,
  storm: Storm,
): { joined: Untaken[]; again: Untaken[] } {
  const joined = new Map<string, Untaken>()
  const join = (one: Untaken | undefined): void => {
    if (one && one.called === undefined) joined.set(one.member, one)
  }
  for (const id of fresh) join(alarms.get(id))
  for (const place of new Set([...joined.values()].map((one) => one.place)))
    for (const one of alarms.at(place)) if (belongs(one, now, storm)) join(one)
  // Whom a message names that still waits to go out is not named in another one.
  const isAll = [...waited.keys()].some((id) => alarms.get(id)?.called !== undefined && !unnamed.has(id))
  const again = [...alarms.called()].filter(
    (one) => waited.has(one.member) || (isAll && !alarms.isNamed(one.called ?? '')),
  )
  return { joined: [...joined.values()].sort(byNumber), again: again.sort(byNumber) }
}

const byNumber = (a: Untaken, b: Untaken): number => a.number - b.number

/** As shares of `waits.rollCall`: what is left for naming people even if it was quick last time, and at most. */
const LEAST_LEFT = 0.1
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
