import type { Address, DeadReason, KnownAddress } from '../address.ts'
import { sameAddress } from '../address.ts'
import type { Effect } from '../effect.ts'
import { text } from '../texts.ts'
import type { Said } from './event.ts'
import type { Member } from './member.ts'
import type { MemberDraft } from './tell.ts'
import { tellRoom } from './tell.ts'

/** The member is alive on this phone: it comes first from now on, and a line thought dead is not, unless the carrier cut it. */
export function heardFrom(draft: MemberDraft, event: Said): void {
  const { state } = draft
  if (!state.lastHeard || state.lastHeard.at < event.saidAt)
    draft.state.lastHeard = { at: event.saidAt, via: event.via.channel }
  const known: KnownAddress = state.addresses.find((a) => sameAddress(a, event.via)) ?? event.via
  const revives =
    known.dead &&
    (known.dead.why !== 'opted-out' ||
      event.command.type === 'start' ||
      (event.command.type === 'yes' && event.via.channel === 'sms'))
  const first: KnownAddress = revives ? { channel: known.channel, address: known.address } : known
  draft.state.addresses = [first, ...state.addresses.filter((a) => !sameAddress(a, event.via))]
  if (revives)
    tellRoom(draft, [text('room.line-revived', { name: state.name, channel: text(`part.${known.channel}`) })])
}

/** Messages no longer get there. The watch goes on; the admins are told to ring. */
export function cutLine(draft: MemberDraft, via: Address, why: DeadReason): void {
  const { state, at } = draft
  const known = state.addresses.find((a) => sameAddress(a, via))
  if (!known || known.dead) return
  draft.state.addresses = state.addresses.map((a) => (a === known ? { ...a, dead: { since: at, why } } : a))
  const last = !draft.state.addresses.some((a) => !a.dead)
  const told = { name: state.name, channel: text(`part.${via.channel}`), why: text(`why.${why}`) }
  tellRoom(draft, [text(last ? 'room.line-dead.last' : 'room.line-dead', told)], {
    loud: state.session !== undefined || state.incident !== undefined,
  })
}

/** Where an effect for the member goes now: the live address they used last that has not refused it. */
export function addressFor(member: Member, effect: Effect): Address | undefined {
  const { recipient } = effect
  if (recipient.to !== 'member') return undefined
  const fits = (a: Address): boolean => !(effect.avoid ?? []).some((b) => sameAddress(a, b))
  if (recipient.only) return fits(recipient.only) ? recipient.only : undefined
  return member.addresses.find((a) => !a.dead && fits(a))
}
