import type { Effect, Outcome } from '../effect.ts'
import { receipt, settle, tryElsewhere } from '../outbox/lifecycle.ts'
import type { Policy } from '../policy.ts'
import { clock, text } from '../texts.ts'
import type { MemberEvent } from './event.ts'
import { withdrawTold } from './incident.ts'
import { addressFor, cutLine } from './lines.ts'
import type { MemberDraft } from './tell.ts'
import { PROMPT_OPEN } from './reminders.ts'
import { tellPhone, tellRoom } from './tell.ts'

/** An attempt ended: what follows from that for people. */
export function settled(draft: MemberDraft, event: Extract<MemberEvent, { type: 'settled' }>, policy: Policy): void {
  const before = draft.state.effects.find((e) => e.id === event.effectId)
  const effect = settle(draft, event.effectId, before ? endless(before, event.outcome) : event.outcome, policy.waits)
  if (!effect) return
  if (effect.state === 'accepted') return arrived(draft, effect, policy)
  if (effect.state !== 'failed') return
  if (event.outcome.type === 'dead' && effect.sentTo) cutLine(draft, effect.sentTo, event.outcome.why)
  failed(draft, effect)
}

/** An alert for the room has no other address: whatever the refusal, it is tried until a human closes the incident (S3). */
function endless(effect: Effect, outcome: Outcome): Outcome {
  const refusedForGood = outcome.type === 'dead' || outcome.type === 'impossible'
  return effect.urgency === 'alert' && effect.recipient.to !== 'member' && refusedForGood
    ? { type: 'refused', trouble: outcome.trouble }
    : outcome
}

export function receiptCame(
  draft: MemberDraft,
  event: Extract<MemberEvent, { type: 'receipt' }>,
  policy: Policy,
): void {
  const wasOpen = draft.state.effects.some(
    (e) => e.id === event.effectId && (e.state === 'claimed' || e.state === 'unknown' || e.state === 'pending'),
  )
  const effect = receipt(draft, event, event.status, event.trouble)
  if (!effect) return
  if (effect.state === 'failed') {
    if (event.dead && effect.sentTo) cutLine(draft, effect.sentTo, event.dead)
    failed(draft, effect)
  } else if (wasOpen) arrived(draft, effect, policy)
}

/** A server has it: only now may others be told so (S4). */
function arrived(draft: MemberDraft, effect: Effect, policy: Policy): void {
  const { state } = draft
  if (effect.purpose === 'alert' && effect.incident === state.incident?.id) return alertArrived(draft, effect, policy)
  if (effect.purpose === 'alert-told' && effect.incident === state.incident?.id && state.incident)
    draft.state.incident = { ...state.incident, toldAt: state.incident.toldAt ?? draft.at }
  if (effect.purpose === 'say') tellRoom(draft, [text('room.said', { name: state.name, at: clock(draft.at) })])
}

function alertArrived(draft: MemberDraft, effect: Effect, policy: Policy): void {
  const { incident, session } = draft.state
  if (!incident) return
  const { answer, roomDownAt: _down, ...rest } = incident
  // Only the alert that the member is waiting for is news to them: an older one says nothing of their SOS.
  const awaited = answer?.alert === effect.id
  draft.state.incident = answer && !awaited ? { ...rest, answer } : rest
  if (!awaited) return
  // "Nobody has it yet" must not arrive after this.
  withdrawTold(draft, incident, ['alert-trying'])
  const at = clock(draft.at)
  const count = effect.readers ?? 0
  if (incident.kind === 'overdue') {
    tellPhone(draft, text('phone.overdue', { at, due: clock(session?.dueAt ?? incident.raisedAt) }), {
      purpose: 'alert-told',
    })
    draft.state.promptedUntil = draft.at + PROMPT_OPEN
  } else if (incident.taken) tellPhone(draft, text('phone.sos.held', { at, count }), { purpose: 'alert-told' })
  else tellPhone(draft, text('phone.sos', { at, count, emergency: policy.emergencyNumber }), { purpose: 'alert-told' })
}

/** It will not arrive where it was sent: another line, or the room hears that it did not. */
export function failed(draft: MemberDraft, effect: Effect): void {
  const { state } = draft
  if (effect.recipient.to !== 'member' || effect.withdrawn) return
  const expired = effect.expiresAt !== undefined && effect.expiresAt <= draft.at
  if (!expired && addressFor(state, effect)) {
    tryElsewhere(draft, effect.id)
    return
  }
  const code = effect.trouble ?? 'expired'
  if (effect.purpose === 'say') tellRoom(draft, [text('room.said.failed', { name: state.name, code })])
  else if (
    effect.urgency !== 'notice' &&
    effect.purpose !== 'reminder' &&
    !(expired && effect.purpose === 'session-answer')
  )
    tellRoom(draft, [text('room.undelivered', { name: state.name, at: clock(effect.createdAt), code })])
}
