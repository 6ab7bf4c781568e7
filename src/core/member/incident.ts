import { startAtTop, startClimb, climb } from '../ladder.ts'
import type { Effect, EffectId } from '../effect.ts'
import { isInDoubt, wasAccepted } from '../effect.ts'
import { change, emit, withdraw } from '../outbox/outbox.ts'
import type { Policy, Whom } from '../policy.ts'
import { clock, text } from '../texts.ts'
import type { Instant } from '../time.ts'
import { alertRoom } from './alert.ts'
import type { Fresh, Said } from './event.ts'
import type { Incident, IncidentKind, Member } from './member.ts'
import type { MemberDraft } from './tell.ts'
import { tellPhone, tellRoom } from './tell.ts'

/** Opens an incident, or turns the open `overdue` into `sos` under the same number. The first rung is climbed at once. */
export function raise(
  draft: MemberDraft,
  kind: IncidentKind,
  policy: Policy,
  fresh: Fresh,
  more: Pick<Incident, 'words' | 'wordsAt' | 'sosAt' | 'blind'> = {},
): void {
  const { state, at } = draft
  const open = state.incident
  const by = at + (kind === 'sos' ? policy.waits.answer : policy.waits.roomDown)
  if (open?.kind === 'sos') {
    // A further SOS is heard again; whoever has it keeps it, and the ladder stands where it stood.
    draft.state.incident = { ...open, ...more, roomDownAt: roomDownAt(open, at, policy) }
    const alert = alertRoom(draft, draft.state.incident)
    draft.state.incident = { ...draft.state.incident, answer: { alert, by } }
    return
  }
  // What still waits to be said of a missed time must not stand in the way of the cry for help.
  if (open) withdrawTold(draft, open, ['alert', ...NEWS])
  const {
    taken: _taken,
    offeredTo: _offered,
    toldAt: _told,
    called: _called,
    again: _again,
    ...kept
  } = open ?? { id: fresh.incidentId, number: fresh.incidentNumber, raisedAt: at, notes: [] }
  draft.state.incident = {
    ...kept,
    ...more,
    kind,
    // An SOS is news: somebody who took the overdue alert has not taken this one.
    climb: startClimb(policy.ladders[kind], at),
    roomDownAt: at + policy.waits.roomDown,
    ...(kind === 'sos' && { tellUntakenAt: at + policy.take.tellUntakenAfter }),
  }
  const alert = climbOn(draft, policy)
  if (alert !== undefined) draft.state.incident = { ...draft.state.incident, answer: { alert, by } }
}

/** What the phone is told of its alarm: that it was sent, and how it goes. Untrue as soon as something newer has happened. */
export const NEWS: readonly string[] = ['alert-told', 'alert-trying', 'alarm-news']

/** Takes back what has not gone out about an incident. Returns what may have been heard. */
export const withdrawTold = (draft: MemberDraft, incident: Incident, purposes: readonly string[]): EffectId[] =>
  withdraw(draft, (e) => e.incident === incident.id && purposes.includes(e.purpose))

/** Does what the ladder's due rungs ask for, while nobody has the incident. Returns the alert, if there is a new one. */
export function climbOn(draft: MemberDraft, policy: Policy): EffectId | undefined {
  const { incident } = draft.state
  if (!incident || incident.taken || incident.climb.nextAt > draft.at) return undefined
  const { climb: climbed, rung } = climb(policy.ladders[incident.kind], incident.climb, draft.at)
  draft.state.incident = { ...incident, climb: climbed }
  // An alert that still waits to go out says all there is to say; a second one behind it would only be later.
  const alert = rung.room && !waitingAlert(draft.state, incident) ? alertAnew(draft, draft.state.incident) : undefined
  if (alert) draft.state.incident = { ...draft.state.incident, roomDownAt: roomDownAt(incident, draft.at, policy) }
  if (rung.nudge) nudge(draft, rung.nudge, 'untaken')
  return alert
}

/** What the room may have heard already makes no sound when it is sent again under its id: this one is said in its place. */
function alertAnew(draft: MemberDraft, incident: Incident): EffectId {
  const before = draft.state.effects.filter((e) => isWaiting(e, incident))
  withdraw(draft, (e) => before.includes(e))
  const opening = before.flatMap(({ body }) => body.slice(0, 1)).findLast(({ key }) => key === 'room.open-again')
  const alert = alertRoom(draft, incident, opening, before)
  // It has waited for as long as they have.
  change(draft, alert, { createdAt: Math.min(draft.at, ...before.map((e) => e.createdAt)) })
  // All that they said is in it.
  for (const { id, body } of before) change(draft, id, { body: body.slice(0, 1) })
  const { answer } = incident
  if (answer && before.some((e) => e.id === answer.alert))
    draft.state.incident = { ...incident, answer: { ...answer, alert } }
  return alert
}

/** Every alert, the first and each repeat, must be in the room by then: one that went through says nothing of the next. */
export const roomDownAt = (incident: Incident, at: Instant, policy: Policy): Instant =>
  incident.roomDownAt ?? at + policy.waits.roomDown

/**
 * The alert that waits to go out. One that may have been said by itself is asked for again by itself; one that was to be said in a
 * roll-call, and perhaps was not, waits for a roll-call.
 */
export const waitingAlert = (member: Member, incident: Incident): EffectId | undefined =>
  member.effects.findLast((e) => isWaiting(e, incident) && (!isInDoubt(e) || e.id === incident.called))?.id

const isWaiting = (e: Effect, { id }: Incident): boolean =>
  e.purpose === 'alert' && e.incident === id && (e.state === 'pending' || e.state === 'unknown')

export function nudge(draft: MemberDraft, whom: Whom | 'holder', reason: 'untaken' | 'room-down' | 'take-ends'): void {
  const { incident } = draft.state
  if (!incident) return
  const holder = whom === 'holder' ? incident.taken?.by.id : undefined
  emit(draft, {
    urgency: 'alert',
    purpose: 'nudge',
    incident: incident.id,
    recipient: {
      to: 'group',
      event: { type: 'nudge-asked', incident: incident.id, whom, reason, ...(holder !== undefined && { holder }) },
    },
    body: [],
  })
}

/** A take is over and nobody confirmed: the incident is open again, as loud as it gets. */
export function lapse(draft: MemberDraft, policy: Policy): void {
  const { state, at } = draft
  const { incident } = state
  if (!incident?.taken) return
  const { by, until } = incident.taken
  const holder = by.name
  const { taken: _taken, offeredTo: _offered, ...open } = incident
  const top = startAtTop(policy.ladders[incident.kind], at)
  const { climb: climbed, rung } = climb(policy.ladders[incident.kind], top, at)
  draft.state.incident = { ...open, again: true, climb: climbed, roomDownAt: at + policy.waits.roomDown }
  alertRoom(
    draft,
    draft.state.incident,
    // Whenever that is found: what is decided anew, because it could not be saved, must say the same.
    text('room.open-again', { number: incident.number, name: state.name, holder, at: clock(until) }),
  )
  nudge(draft, rung.nudge ?? 'everyone', 'untaken')
  tellPhone(draft, text('phone.take-lapsed', { at: clock(at) }), { purpose: 'alarm-news' })
}

/** Ends the incident: nothing more goes out about it, and whoever heard of it is told how it ended. Returns whether anybody may have heard. */
export function closeIncident(draft: MemberDraft, by: string, outcome: string): Heard {
  const { state, at } = draft
  const { incident } = state
  if (!incident) return { heard: false, nudged: false, after: [] }
  withdrawTold(draft, incident, NEWS)
  const after = withdrawTold(draft, incident, ['alert', 'take-asked', 'taken'])
  withdraw(
    draft,
    (e) =>
      e.incident === incident.id &&
      e.purpose === 'nudge' &&
      e.recipient.to === 'group' &&
      e.recipient.event.type === 'nudge-asked',
  )
  draft.state.past = [
    ...state.past,
    {
      id: incident.id,
      number: incident.number,
      kind: incident.kind,
      raisedAt: incident.raisedAt,
      closedAt: at,
      by,
      outcome,
    },
  ]
  delete draft.state.incident
  emit(draft, {
    urgency: 'alert',
    purpose: 'nudge',
    recipient: { to: 'group', event: { type: 'incident-ended', incident: incident.id, number: incident.number } },
    body: [],
  })
  const heard = draft.state.effects.some(
    (e) => e.incident === incident.id && e.purpose === 'alert' && (e.acceptedAt !== undefined || after.includes(e.id)),
  )
  const nudged = state.effects.some((e) => e.incident === incident.id && e.purpose === 'nudge' && wasAccepted(e))
  return { heard, nudged, after }
}

/** Who may have heard of an incident that is over: the room (by which effects), people on their own phones. */
export interface Heard {
  heard: boolean
  nudged: boolean
  after: EffectId[]
}

/** Words, photos and places of somebody under watch go to the room as they come. */
export function showWords(draft: MemberDraft, said: Pick<Said, 'words' | 'saidAt'>, loud: boolean): void {
  const { name } = draft.state
  const { words } = said
  const at = clock(said.saidAt)
  tellRoom(draft, [text(loud ? 'room.words.loud' : 'room.words', { name, at, words })], {
    purpose: 'words',
    loud,
    urgency: loud ? 'alert' : 'answer',
  })
}
