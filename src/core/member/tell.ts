import type { Address } from '../address.ts'
import type { Choice, EffectId, Urgency } from '../effect.ts'
import type { Draft, NewEffect } from '../outbox/outbox.ts'
import { emit } from '../outbox/outbox.ts'
import type { Text } from '../texts.ts'
import { text } from '../texts.ts'
import { DAY, HOUR } from '../time.ts'
import type { Member } from './member.ts'

export type MemberDraft = Draft<Member>

/** Under most texts of a session: what a thumb can do instead of spelling. */
const sessionButtons: Choice[] = [
  { label: text('button.out'), says: 'OUT' },
  { label: text('button.ok'), says: 'OK' },
  { label: text('button.sos'), says: 'SOS' },
]
const idleButtons: Choice[] = [
  { label: text('button.in'), says: 'IN' },
  { label: text('button.sos'), says: 'SOS' },
]

/** An answer that could not be delivered for this long says nothing that is still worth knowing; every one of them carries its time. */
const ANSWER_WORTH = 2 * HOUR

/** A text to the member's phone. Buttons fit the state it leaves the member in. */
export function tellPhone(
  draft: MemberDraft,
  body: Text,
  more: { urgency?: Urgency; purpose?: string; expiresAt?: number; only?: Address } = {},
): EffectId {
  const { state, at } = draft
  return emit(draft, {
    urgency: more.urgency ?? 'answer',
    purpose: more.purpose ?? 'answer',
    recipient: { to: 'member', ...(more.only && { only: more.only }) },
    body: [body],
    choices: state.session || state.incident ? sessionButtons : idleButtons,
    expiresAt: more.expiresAt ?? at + ANSWER_WORTH,
    ...(state.incident && { incident: state.incident.id }),
  })
}

/** A line for the room that is no alarm: it names no incident's number and is not said loudly unless `loud`. */
export function tellRoom(draft: MemberDraft, body: Text[], more: Partial<NewEffect> = {}): EffectId {
  return emit(draft, {
    urgency: more.loud ? 'alert' : 'notice',
    purpose: 'notice',
    recipient: { to: 'room' },
    body,
    expiresAt: draft.at + DAY,
    ...more,
  })
}

/** The group remembers the name by itself: this record may one day be unreadable. */
export const handName = (draft: MemberDraft): EffectId =>
  emit(draft, {
    urgency: 'notice',
    purpose: 'named',
    recipient: { to: 'group', event: { type: 'named', member: draft.state.id, name: draft.state.name } },
    body: [],
  })

/** The answer to an order that an admin wrote. */
export const answerOrder = (draft: MemberDraft, ...body: Text[]): EffectId =>
  emit(draft, {
    urgency: 'answer',
    purpose: 'order-answer',
    recipient: { to: 'room' },
    body,
    expiresAt: draft.at + HOUR,
  })
