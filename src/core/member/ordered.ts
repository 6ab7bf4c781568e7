import { isOpen, wasAccepted } from '../effect.ts'
import { emit, firstTime, withdraw } from '../outbox/outbox.ts'
import type { Policy } from '../policy.ts'
import type { Text } from '../texts.ts'
import { clock, text } from '../texts.ts'
import { DAY } from '../time.ts'
import type { MemberOrder, Ordered, Until } from './event.ts'
import { closeIncident, NEWS, withdrawTold } from './incident.ts'
import { edit } from './edit.ts'
import { deadline, endSession, known, usual, wasEndedBefore, watchUntil, wholeMinute } from './session.ts'
import type { Incident, Member } from './member.ts'
import type { MemberDraft } from './tell.ts'
import { answerOrder, tellPhone, tellRoom } from './tell.ts'

/** An admin wrote in the room, and it concerns this member. */
export function ordered(draft: MemberDraft, event: Ordered, policy: Policy): void {
  if (!firstTime(draft, event.inboundId)) return
  const { order } = event
  switch (order.type) {
    case 'take':
      return take(draft, event, order, policy)
    case 'hand':
      return hand(draft, event, order.to)
    case 'resolve':
      return resolve(draft, event, order.outcome)
    case 'say':
      return say(draft, order.words)
    case 'note':
      return note(draft, event, order.words)
    case 'in':
      return checkIn(draft, event, order, policy)
    case 'out':
      return checkOut(draft, event)
    case 'extend':
      return extend(draft, event, order, policy)
    case 'edit':
      return edit(draft, event, order)
    default:
      return order satisfies never
  }
}

const hasPassed = (until: Until | { after: number } | undefined): until is { passed: number } =>
  until !== undefined && 'passed' in until

/** "I have it". It stops the ladder until it expires. */
function take(draft: MemberDraft, event: Ordered, order: Extract<MemberOrder, { type: 'take' }>, policy: Policy): void {
  const { state, at } = draft
  const { incident } = state
  if (!incident) return closedAlready(draft)
  if (hasPassed(order.end)) return void answerOrder(draft, text('order.passed', { at: clock(order.end.passed) }))
  const asked = deadline(at, known(order.end) ?? { after: policy.take.lasts, exact: true })
  const until = Math.min(asked, at + policy.take.longest)
  const askAt = until - policy.take.askBefore
  const { offeredTo: _offered, tellUntakenAt: _untaken, called: _called, again: _again, ...open } = incident
  draft.state.incident = { ...open, taken: { by: event.by, at, until, ...(askAt > at && { askAt }) } }
  const was =
    incident.taken && incident.taken.by.id !== event.by.id
      ? [text('line.was-held', { holder: incident.taken.by.name })]
      : []
  withdrawTold(draft, incident, ['taken', 'take-asked'])
  leaveRollCall(draft, incident)
  if (!order.isListed)
    emit(draft, {
      urgency: 'alert',
      purpose: 'taken',
      incident: incident.id,
      recipient: { to: 'room' },
      body: [
        text('room.taken', { number: incident.number, holder: event.by.name, until: clock(until) }),
        ...was,
        reachableAt(draft.state),
      ],
      expiresAt: until,
    })
  if (incident.taken) return
  // "Nobody has answered yet" must not arrive after somebody has.
  withdrawTold(draft, incident, NEWS)
  tellPhone(draft, text('phone.taken', { at: clock(at) }), { purpose: 'alarm-news' })
}

/** What a roll-call was about to say of it again is not worth saying by itself now: the room has heard of it. */
function leaveRollCall(draft: MemberDraft, incident: Incident): void {
  const alerts = draft.state.effects.filter((e) => e.purpose === 'alert' && e.incident === incident.id)
  if (incident.called === undefined || !alerts.some(wasAccepted)) return
  withdraw(draft, (e) => alerts.includes(e) && isOpen(e) && e.id !== incident.answer?.alert)
}

/** Numbers are shown to the one who took it: before that, an alert is about a name. */
export function reachableAt(state: Member): Text {
  const number = state.addresses.find((a) => a.channel !== 'telegram')?.address
  return number === undefined
    ? text('line.no-number', { name: state.name })
    : text('line.number', { name: state.name, number })
}

/** The holder keeps it until the other one takes it. */
function hand(draft: MemberDraft, event: Ordered, to: string): void {
  const { incident, name } = draft.state
  if (!incident) return closedAlready(draft)
  draft.state.incident = { ...incident, offeredTo: to }
  tellRoom(draft, [text('room.hand', { from: event.by.name, to, name, number: incident.number })], {
    loud: true,
    incident: incident.id,
    choices: [{ label: text('button.take'), says: `take ${String(incident.number)}` }],
  })
}

/** A human closes it and says how it ended; a watch whose time was over ends with it. */
function resolve(draft: MemberDraft, event: Ordered, outcome: string | undefined): void {
  const { state, at } = draft
  const { incident, session } = state
  if (!incident) return closedAlready(draft)
  if (!outcome) return void answerOrder(draft, text('order.outcome', { number: incident.number }))
  const { after } = closeIncident(draft, event.by.name, outcome)
  if (session?.missed) endSession(draft, 'forgot')
  emit(draft, {
    urgency: 'alert',
    purpose: 'closed',
    incident: incident.id,
    recipient: { to: 'room' },
    body: [text('room.closed', { number: incident.number, by: event.by.name, outcome })],
    after,
    expiresAt: at + DAY,
  })
  const { session: still } = draft.state
  tellPhone(
    draft,
    still
      ? text('phone.resolved.still-out', { at: clock(at), due: clock(still.dueAt) })
      : text('phone.resolved', { at: clock(at) }),
  )
}

function closedAlready(draft: MemberDraft): void {
  const last = draft.state.past.at(-1)
  answerOrder(draft, last ? text('order.no-incident', { number: last.number }) : text('order.no-open-incident'))
}

/** The only way for an admin's words to a member; what became of them is said in the room. */
function say(draft: MemberDraft, words: string): void {
  // The next NO answers this, and what it asked only a person can know.
  delete draft.state.promptedUntil
  tellPhone(draft, text('phone.said', { words, at: clock(draft.at) }), { urgency: 'prompt', purpose: 'say' })
}

function note(draft: MemberDraft, event: Ordered, words: string): void {
  const { incident, name } = draft.state
  if (!incident) return closedAlready(draft)
  draft.state.incident = {
    ...incident,
    notes: [...incident.notes, { at: draft.at, by: event.by.name, words }].slice(-50),
  }
  answerOrder(draft, text('room.noted', { name }))
}

function checkIn(
  draft: MemberDraft,
  event: Ordered,
  order: Extract<MemberOrder, { type: 'in' }>,
  policy: Policy,
): void {
  const { state, at } = draft
  const { name, incident, session } = state
  if (incident) return void answerOrder(draft, text('order.incident-open', { name, number: incident.number }))
  if (session) return void answerOrder(draft, text('order.already-out', { name, due: clock(session.dueAt) }))
  if (hasPassed(order.until)) return void answerOrder(draft, text('order.passed', { at: clock(order.until.passed) }))
  const { saidAt } = event
  const dueAt = Math.min(
    deadline(saidAt, known(order.until) ?? usual(draft, policy)),
    wholeMinute(saidAt + policy.timed.longest),
  )
  if (wasEndedBefore(draft, saidAt, dueAt)) return void answerOrder(draft, text('order.passed', { at: clock(dueAt) }))
  watchUntil(draft, policy, dueAt, saidAt, { sessionId: event.fresh.sessionId })
  answerOrder(draft, text('room.in', { name, by: event.by.name, due: clock(dueAt) }))
  // Acted upon after an outage: what must be said to them now is said by the alarm.
  if (dueAt <= at) return
  tellPhone(draft, text('phone.in.by-admin', { at: clock(at), due: clock(dueAt) }), {
    purpose: 'session-answer',
    expiresAt: dueAt,
  })
}

function checkOut(draft: MemberDraft, event: Ordered): void {
  const { state, at } = draft
  const { name, incident, session } = state
  if (incident) return void answerOrder(draft, text('order.incident-open', { name, number: incident.number }))
  if (!session) return void answerOrder(draft, text('order.not-out', { name }))
  endSession(draft, 'on-time')
  answerOrder(draft, text('room.out', { name, by: event.by.name, at: clock(at) }))
  tellPhone(draft, text('phone.out.by-admin', { at: clock(at) }))
}

function extend(
  draft: MemberDraft,
  event: Ordered,
  order: Extract<MemberOrder, { type: 'extend' }>,
  policy: Policy,
): void {
  const { state, at } = draft
  const { name, incident, session } = state
  if (incident) return void answerOrder(draft, text('order.incident-open', { name, number: incident.number }))
  if (!session) return void answerOrder(draft, text('order.not-out', { name }))
  if (hasPassed(order.until)) return void answerOrder(draft, text('order.passed', { at: clock(order.until.passed) }))
  const asked = deadline(session.dueAt, known(order.until) ?? usual(draft, policy))
  const dueAt = Math.max(session.dueAt, Math.min(asked, wholeMinute(at + policy.timed.longest)))
  watchUntil(draft, policy, dueAt, at, { sessionId: session.id })
  answerOrder(draft, text('room.extended', { name, by: event.by.name, due: clock(dueAt) }))
  tellPhone(draft, text('phone.more', { at: clock(at), due: clock(dueAt) }), {
    purpose: 'session-answer',
    expiresAt: dueAt,
  })
}
