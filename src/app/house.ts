import type { Effect, Outcome } from '../core/effect.ts'
import type { Group, GroupPolicy } from '../core/group/group.ts'
import { newGroup } from '../core/group/group.ts'
import type { GroupEvent } from '../core/group/event.ts'
import { transition as groupTransition, wakeAt as groupWakeAt } from '../core/group/transition.ts'
import type { Fresh, MemberEvent } from '../core/member/event.ts'
import type { Member } from '../core/member/member.ts'
import type { OutboxEvent } from '../core/outbox/event.ts'
import { find } from '../core/outbox/outbox.ts'
import { transition as memberTransition } from '../core/member/transition.ts'
import { wakeAt as memberWakeAt } from '../core/member/woke.ts'
import type { Policy } from '../core/policy.ts'
import type { Instant } from '../core/time.ts'
import type { Documents } from '../ports/store.ts'
import type { Keeper } from './keeper.ts'
import { createKeeper } from './keeper.ts'
import type { Overview } from './overview.ts'
import { unlessNewer } from './unless-newer.ts'

/** The group's one document. */
export const GROUP = 'group'

/** Of the bodies that this code writes; older ones are migrated when they are read, newer ones are refused. */
export const SCHEMA = 1

type WithFresh = Extract<MemberEvent, { fresh: Fresh }>
/** What callers say happened; ids and the next number are put in when it is applied, so that no number is given out twice. */
export type Happened =
  | Exclude<MemberEvent, WithFresh>
  | (WithFresh extends infer E ? (E extends WithFresh ? Omit<E, 'fresh'> : never) : never)

/** No term of office decides on more effects for the group than this. */
const EFFECTS_PER_TERM = 1_000_000

export interface House {
  members: Keeper<Member, Happened>
  group: Keeper<Group, GroupEvent>
  /** The record of that name, whichever kind it is: what only concerns how things are sent happens to both alike. */
  either: Pick<Keeper<Member | Group, OutboxEvent>, 'read' | 'apply'>
  overview: Overview
  /** The number of an alarm that came to nothing was heard, so the next one has another. */
  numberSpent: (member: string) => void
}

/** The two kinds of documents and everybody at a glance; `saved` hears of every save, for the drain and the clocks. */
export function createHouse(options: {
  documents: Documents
  policy: Policy
  groupPolicy: GroupPolicy
  overview: Overview
  newId: () => string
  /** Kept until the save: a transition that must be redone gets the same ids and the same number again. */
  given: Map<string, Fresh>
  office: { readonly epoch: number }
  saved: (state: Member | Group, wakeAt: Instant | undefined) => void
  /** The store refuses to save this state: what must not wait for it can be sent under the ids that a later save will give it. */
  unsaved: (state: Member) => void
  /** Whether something of this member was sent so, and is not saved yet. */
  owesSave: (id: string) => boolean
  /** Whether the room has this alert, although that is not saved. */
  isHeard: (effect: Effect) => boolean
  /** Whether it has this alert or may have it, from before that could be saved. */
  mayHave: (effect: Effect) => boolean
  /** Calls `late` again and again while the save takes longer than an alarm may wait. */
  whileSlow: <T>(save: Promise<T>, late: () => void) => Promise<T>
}): House {
  const {
    documents,
    policy,
    groupPolicy,
    overview,
    newId,
    given,
    office,
    saved,
    unsaved,
    owesSave,
    isHeard,
    mayHave,
    whileSlow,
  } = options

  const makeFresh = (): Fresh => ({ sessionId: newId(), incidentId: newId(), incidentNumber: overview.nextNumber() })

  /** Whether the room has the alert that this member waits for. */
  const hasHeard = ({ incident, effects }: Member): boolean =>
    incident?.answer !== undefined && effects.some((e) => e.id === incident.answer?.alert && isHeard(e))

  /** That an attempt came to nothing does not undo what the room was told before: an OUT that comes now must stand the alarm down (S6). */
  const asHeard = (outcome: Outcome, effect: Effect | undefined): Outcome =>
    'trouble' in outcome && effect !== undefined && mayHave(effect)
      ? { type: 'unknown', trouble: outcome.trouble }
      : outcome

  const applyToMember = (member: Member, event: Happened): Member => {
    if (event.type === 'settled') {
      const outcome = asHeard(event.outcome, find(member, event.effectId))
      return memberTransition(member, { ...event, outcome }, policy)
    }
    if (!needsFresh(event)) return memberTransition(member, event, policy)
    const heard = event.type === 'woke' && hasHeard(member) ? { isHeard: true } : {}
    const kept = given.get(member.id)
    // One that is over by now, in the same save, keeps its number for itself.
    const fresh = kept && !member.past.some((p) => p.id === kept.incidentId) ? kept : makeFresh()
    const next = memberTransition(member, { ...event, ...heard, fresh }, policy)
    // At once, before the save: the next member that is in trouble in this very moment must get another number.
    if (next.incident?.number === fresh.incidentNumber) {
      overview.usedNumber(fresh.incidentNumber)
      given.set(member.id, fresh)
    }
    return next
  }

  const memberKind = {
    kind: 'member',
    schema: SCHEMA,
    transition: applyToMember,
    wakeAt: (m: Member) => memberWakeAt(m, policy),
    unsaved,
    whileSlow,
  } as const
  const members = createKeeper<Member, Happened>(memberKind, documents, (member, wakeAt) => {
    // One that the room has heard, and that another save went before, keeps its number for the next try.
    if (!owesSave(member.id) || member.incident?.id === given.get(member.id)?.incidentId) given.delete(member.id)
    overview.saw(member)
    saved(member, wakeAt)
  })
  const group = createKeeper<Group, GroupEvent>(
    {
      kind: 'group',
      schema: SCHEMA,
      transition: (g, event) => groupTransition(g, event, groupPolicy),
      wakeAt: (g) => groupWakeAt(g, groupPolicy),
      // Should the group's record be lost, its effects must not get the ids of earlier ones.
      create: (id) => newGroup(id, office.epoch * EFFECTS_PER_TERM),
    },
    documents,
    (state, wakeAt) => {
      overview.sawGroup(state)
      saved(state, wakeAt)
    },
  )
  const apply: typeof members.apply = (id, event) => {
    // First in the same save, or it would get another id and another number: the room would hear a second alarm.
    if (event.type !== 'woke' && owesSave(id)) members.apply(id, { type: 'woke', at: event.at }).catch(() => undefined)
    return members.apply(id, event)
  }
  const applyToGroup: typeof group.apply = async (id, event) => {
    if (!isOnlyTold(event)) return group.apply(id, event)
    const applied = await unlessNewer(() => group.apply(id, event))
    return applied === 'newer' ? undefined : applied
  }
  const either: House['either'] = {
    read: (id) => (id === GROUP ? group.read(id) : members.read(id)),
    apply: (id, event) => (id === GROUP ? applyToGroup(id, event) : apply(id, event)),
  }
  return {
    members: { ...members, apply },
    group: { ...group, apply: applyToGroup },
    either,
    overview,
    numberSpent: (id) => void given.delete(id),
  }
}

/** What the room is only told. Where a newer imok has written the group's record it cannot be, and nothing else may wait for that. */
const isOnlyTold = ({ type }: GroupEvent): boolean =>
  type === 'announced' || type === 'answered' || type === 'stranger-said' || type === 'receipt' || type === 'link-used'

const needsFresh = (event: Happened): event is Extract<Happened, { type: 'said' | 'ordered' | 'woke' }> =>
  event.type === 'said' || event.type === 'ordered' || event.type === 'woke'
