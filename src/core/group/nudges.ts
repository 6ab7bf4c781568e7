import type { Effect, Handover } from '../effect.ts'
import { isOpen, mayBeHeard, wasAccepted } from '../effect.ts'
import type { Draft } from '../outbox/outbox.ts'
import { emit, find, withdraw } from '../outbox/outbox.ts'
import type { TextKey } from '../texts.ts'
import { clock, text } from '../texts.ts'
import type { Duration, Instant } from '../time.ts'
import { MINUTE } from '../time.ts'
import type { DutyPerson, Group, GroupPolicy, Nudged } from './group.ts'

export type GroupDraft = Draft<Group>
type NudgeAsked = Extract<Handover, { type: 'nudge-asked' }>

/** Several incidents within a minute are one round: a person gets one nudge in it. */
const ROUND: Duration = MINUTE

/** A nudge that is older says nothing that the next one does not. */
const WORTH: Duration = 10 * MINUTE

const words: Record<NudgeAsked['reason'], Extract<TextKey, `nudge${string}`>> = {
  untaken: 'nudge',
  'room-down': 'nudge.room-down',
  'take-ends': 'nudge.take-ends',
}

export function nudgeAsked(draft: GroupDraft, asked: NudgeAsked, policy: GroupPolicy): void {
  for (const person of chosen(draft.state, asked, policy.duty)) {
    const before = draft.state.nudged.find(
      (n) => n.person === person.id && draft.at - n.at < ROUND && n.incidents.length > 0,
    )
    if (before && saysAll(draft.state, before, words[asked.reason])) {
      // In a storm hundreds ask for the same nudge.
      if (before.incidents.includes(asked.incident)) continue
      const joined: Nudged = { ...before, incidents: [...before.incidents, asked.incident] }
      draft.state.nudged = draft.state.nudged.map((n) => (n === before ? joined : n))
    } else nudge(draft, person, 0, [asked.incident], words[asked.reason])
  }
}

/** Whoever was called in this round need not be called again, unless it is to say something else. */
const saysAll = (group: Group, { effectId }: Nudged, key: TextKey): boolean =>
  key === words.untaken || find(group, effectId)?.body[0]?.key === key

function chosen(group: Group, asked: NudgeAsked, duty: readonly DutyPerson[]): DutyPerson[] {
  if (asked.whom === 'everyone') return [...duty]
  if (asked.whom === 'holder') return duty.filter((p) => p.id === asked.holder)
  const tried = new Set(group.nudged.filter((n) => n.incidents.includes(asked.incident)).map((n) => n.person))
  const fresh = asked.whom === 'next' ? duty.filter((p) => !tried.has(p.id)) : duty
  // Nobody new to ask: the first one again, rather than silence.
  return (fresh.length > 0 ? fresh : duty).slice(0, 1)
}

function nudge(
  draft: GroupDraft,
  person: DutyPerson,
  used: number,
  incidents: string[],
  key: Extract<TextKey, `nudge${string}`>,
): void {
  const address = person.addresses[used]
  if (!address) return
  const effectId = emit(draft, {
    urgency: 'alert',
    purpose: 'nudge',
    recipient: { to: 'person', person: person.id, address },
    body: [text(key, { at: clock(draft.at) })],
    expiresAt: draft.at + WORTH,
  })
  const before = draft.state.nudged.find((n) => n.person === person.id)
  const earlier = before && surest(heardBy(draft.state, before))?.id
  // It says nothing that the new one does not.
  if (before) withdraw(draft, (e) => e.id === before.effectId)
  draft.state.nudged = [
    ...draft.state.nudged.filter((n) => n !== before),
    {
      person: person.id,
      incidents: [...new Set([...(before?.incidents ?? []), ...incidents])],
      at: draft.at,
      effectId,
      used,
      ...(earlier !== undefined && { earlier }),
    },
  ]
}

/** The nudges that somebody may have heard. */
const heardBy = (group: Group, { earlier, effectId }: Nudged): Effect[] =>
  [earlier, effectId].flatMap((id) => (id === undefined ? [] : (find(group, id) ?? []))).filter(mayBeHeard)

/** The last that was heard for certain, and else the last that may have been. */
const surest = (heard: readonly Effect[]): Effect | undefined => heard.findLast(wasAccepted) ?? heard.at(-1)

/** It failed, or nothing proves that it arrived: the person's next channel. */
export function nudgeElsewhere(draft: GroupDraft, effect: Effect, policy: GroupPolicy): void {
  const before = draft.state.nudged.find((n) => n.effectId === effect.id)
  const person = policy.duty.find((p) => p.id === before?.person)
  if (!before || !person || before.incidents.length === 0 || before.used + 1 >= person.addresses.length) return
  nudge(draft, person, before.used + 1, before.incidents, keyOf(effect))
}

const keyOf = (effect: Effect): Extract<TextKey, `nudge${string}`> =>
  Object.values(words).find((key) => key === effect.body[0]?.key) ?? 'nudge'

/** When the proof of a nudge's delivery is overdue, if there is another way to that person. */
export function evidenceDue(group: Group, policy: GroupPolicy): { effect: Effect; at: Instant }[] {
  return group.nudged.flatMap((n) => {
    const effect = find(group, n.effectId)
    const more = (policy.duty.find((p) => p.id === n.person)?.addresses.length ?? 0) > n.used + 1
    if (!effect || !more || n.incidents.length === 0 || effect.state !== 'accepted') return []
    return [{ effect, at: (effect.acceptedAt ?? effect.createdAt) + policy.waits.evidence }]
  })
}

/** Nothing more goes out for it; those who may have heard, and have no other reason to come, are told that it is over. */
export function incidentEnded(draft: GroupDraft, incident: string, policy: GroupPolicy): void {
  const { state } = draft
  const touched = state.nudged.filter((n) => n.incidents.includes(incident))
  const idle = touched.filter((n) => n.incidents.length === 1)
  withdraw(draft, (e) => e.purpose === 'nudge' && isOpen(e) && idle.some((n) => n.effectId === e.id))
  for (const n of idle) {
    const heard = heardBy(draft.state, n)
    const person = policy.duty.find((p) => p.id === n.person)
    if (heard.length > 0) tellOver(draft, person, heard)
  }
  draft.state.nudged = state.nudged
    .map((n) => ({ ...n, incidents: n.incidents.filter((i) => i !== incident) }))
    .filter((n) => n.incidents.length > 0)
}

function tellOver(draft: GroupDraft, person: DutyPerson | undefined, heard: readonly Effect[]): void {
  const last = surest(heard)
  const address = last?.recipient.to === 'person' ? last.recipient.address : person?.addresses[0]
  if (!person || !address) return
  emit(draft, {
    urgency: 'answer',
    purpose: 'nudge-over',
    recipient: { to: 'person', person: person.id, address },
    body: [text('nudge.over', { at: clock(draft.at) })],
    after: heard.map((e) => e.id),
    onlyIfHeard: true,
    expiresAt: draft.at + 6 * WORTH,
  })
}
