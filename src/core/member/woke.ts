import { effectsWakeAt, enforce } from '../outbox/lifecycle.ts'
import { emit } from '../outbox/outbox.ts'
import type { Policy } from '../policy.ts'
import { clock, text } from '../texts.ts'
import type { Instant } from '../time.ts'
import type { MemberEvent } from './event.ts'
import { climbOn, lapse, nudge } from './incident.ts'
import type { Member } from './member.ts'
import { erase } from './retention.ts'
import { remind } from './reminders.ts'
import { passDeadline } from './session.ts'
import { failed } from './settled.ts'
import type { MemberDraft } from './tell.ts'
import { tellPhone } from './tell.ts'

/** Time passed. Does all that is due by then, in the order of its weight. */
export function woke(draft: MemberDraft, event: Extract<MemberEvent, { type: 'woke' }>, policy: Policy): void {
  for (const effect of enforce(draft)) failed(draft, effect)
  passDeadline(draft, policy, event.fresh, draft.at, event.blind)
  goAroundRoom(draft, policy)
  watchTake(draft, policy)
  climbOn(draft, policy)
  keepMemberInformed(draft, policy, event.isHeard ?? false)
  remind(draft)
  erase(draft, policy)
}

/** The room has not taken the alert: people are rung directly, without waiting for the ladder. */
function goAroundRoom(draft: MemberDraft, policy: Policy): void {
  const { incident } = draft.state
  if (incident?.roomDownAt === undefined || incident.roomDownAt > draft.at) return
  // Again and again while it stays down: the ladder's own steps may be minutes away.
  draft.state.incident = { ...incident, roomDownAt: draft.at + policy.ladders[incident.kind].repeat.every }
  nudge(draft, 'everyone', 'room-down')
}

function watchTake(draft: MemberDraft, policy: Policy): void {
  const { incident, name } = draft.state
  if (!incident?.taken) return
  const { by, until, askAt } = incident.taken
  if (until <= draft.at) return lapse(draft, policy)
  if (askAt === undefined || askAt > draft.at) return
  const { askAt: _asked, ...taken } = incident.taken
  draft.state.incident = { ...incident, taken }
  emit(draft, {
    urgency: 'alert',
    purpose: 'take-asked',
    recipient: { to: 'room' },
    incident: incident.id,
    loud: true,
    expiresAt: until,
    body: [text('room.take-ends', { holder: by.name, name, until: clock(until), number: incident.number })],
    choices: [{ label: text('button.take'), says: `take ${String(incident.number)}` }],
  })
  nudge(draft, 'holder', 'take-ends')
}

/** What the phone must be told when nothing good happens: we are still trying, nobody has answered yet. */
function keepMemberInformed(draft: MemberDraft, policy: Policy, isHeard: boolean): void {
  const { incident, session } = draft.state
  if (!incident) return
  const at = clock(draft.at)
  const emergency = policy.emergencyNumber
  if (!isHeard && incident.answer && !incident.answer.said && incident.answer.by <= draft.at) {
    draft.state.incident = { ...incident, answer: { ...incident.answer, said: 'trying' } }
    const trying =
      incident.kind === 'sos'
        ? text('phone.sos.trying', { at, emergency })
        : text('phone.overdue.trying', { at, due: clock(session?.dueAt ?? incident.raisedAt) })
    tellPhone(draft, trying, { purpose: 'alert-trying' })
  }
  const { incident: now } = draft.state
  if (now?.tellUntakenAt === undefined || now.tellUntakenAt > draft.at) return
  const { tellUntakenAt: _told, ...rest } = now
  draft.state.incident = rest
  if (!now.taken)
    tellPhone(draft, text('phone.sos.untaken', { at, emergency }), { urgency: 'prompt', purpose: 'alarm-news' })
}

/** When this member next wants attention by themselves; undefined: not before somebody writes. */
export function wakeAt(member: Member, policy: Policy): Instant | undefined {
  const { session, incident } = member
  const times = [
    effectsWakeAt(member, policy.waits),
    session && !session.missed ? session.dueAt : undefined,
    session?.reminders[0],
    ...(incident ? [incident.taken ? (incident.taken.askAt ?? incident.taken.until) : incident.climb.nextAt] : []),
    incident?.taken?.until,
    incident?.answer && !incident.answer.said ? incident.answer.by : undefined,
    incident?.roomDownAt,
    incident?.tellUntakenAt,
  ].filter((at) => at !== undefined)
  return times.length > 0 ? Math.min(...times) : undefined
}
