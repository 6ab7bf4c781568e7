import { sameAddress } from '../address.ts'
import { claim, recover } from '../outbox/lifecycle.ts'
import { draft as begin, firstTime, unchanged } from '../outbox/outbox.ts'
import type { Policy } from '../policy.ts'
import { clock, text } from '../texts.ts'
import { DAY } from '../time.ts'
import { asked } from './asked.ts'
import { called } from './called.ts'
import type { MemberEvent } from './event.ts'
import { cutLine } from './lines.ts'
import type { Member } from './member.ts'
import { ordered } from './ordered.ts'
import { confirm, said } from './said.ts'
import { receiptCame, settled } from './settled.ts'
import type { MemberDraft } from './tell.ts'
import { handName, tellPhone, tellRoom } from './tell.ts'
import { tidy } from './retention.ts'
import { woke } from './woke.ts'

/**
 * The whole life of a member: what happened, to the state it happened to, gives the next state with its effects.
 * Pure, total, deterministic. The same object comes back if nothing changed.
 */
export function transition(member: Member, event: MemberEvent, policy: Policy): Member {
  const draft = begin(member, event.at)
  apply(draft, event, policy)
  tidy(draft)
  return unchanged(member, draft.state) ? member : draft.state
}

function apply(draft: MemberDraft, event: MemberEvent, policy: Policy): void {
  switch (event.type) {
    case 'said':
      return said(draft, event, policy)
    case 'ordered':
      return ordered(draft, event, policy)
    case 'woke':
      return woke(draft, event, policy)
    case 'asked':
      return asked(draft, event)
    case 'settled':
      return settled(draft, event, policy)
    case 'receipt':
      return receiptCame(draft, event, policy)
    case 'called':
      return called(draft, event, policy)
    case 'claimed':
      return claim(draft, event)
    case 'recovered':
      return recover(draft, event.epoch)
    case 'line-cut':
      return firstTime(draft, event.inboundId) ? cutLine(draft, event.via, event.why) : undefined
    case 'moved':
      return moved(draft, event)
    case 'invited':
      return invited(draft, event)
    case 'linked':
      return linked(draft, event)
    default:
      return event satisfies never
  }
}

function invited(draft: MemberDraft, event: Extract<MemberEvent, { type: 'invited' }>): void {
  if (!firstTime(draft, event.inboundId)) return
  const { at, via } = event
  handName(draft)
  tellPhone(draft, text('phone.invitation', { group: event.group, at: clock(at) }), {
    purpose: 'invitation',
    only: via,
    expiresAt: at + DAY,
  })
  tellRoom(draft, [text('room.invited', { name: draft.state.name, by: event.by.name })], { urgency: 'answer' })
}

/** They opened their personal link: that is a YES, and the chat is an address of theirs. */
function linked(draft: MemberDraft, event: Extract<MemberEvent, { type: 'linked' }>): void {
  if (!firstTime(draft, event.inboundId)) return
  const { addresses, status } = draft.state
  handName(draft)
  draft.state.addresses = [event.via, ...addresses.filter((a) => !sameAddress(a, event.via))]
  if (status === 'invited') confirm(draft)
  else tellPhone(draft, text('phone.welcome', { at: clock(event.at) }))
}

function moved(draft: MemberDraft, event: Extract<MemberEvent, { type: 'moved' }>): void {
  if (!firstTime(draft, event.inboundId)) return
  draft.state.addresses = draft.state.addresses.map((a) => (sameAddress(a, event.from) ? event.to : a))
}
