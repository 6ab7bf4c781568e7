import type { Person } from '../core/address.ts'
import type { Order } from '../core/commands/order.ts'
import type { Member } from '../core/member/member.ts'
import { newMember } from '../core/member/member.ts'
import type { Text } from '../core/texts.ts'
import { text } from '../core/texts.ts'
import { DAY } from '../core/time.ts'
import { Conflict } from '../ports/store.ts'
import { GROUP } from './house.ts'
import type { OrderContext } from './order-context.ts'
import { phoneAt } from './order-context.ts'

/** How long a personal link can be opened. */
const LINK_LASTS = 7 * DAY

/**
 * Makes a member. The id comes from the inbox item, so that an order applied twice makes one member. The address is assigned first:
 * an address without a member is harmless and is used again, a member without an address could never write.
 */
export async function invite(
  context: OrderContext,
  inboundId: string,
  by: Person,
  order: Extract<Order, { type: 'invite' }>,
): Promise<Text[]> {
  const { house, addresses, clock } = context
  const at = clock.now()
  const language = order.language ?? context.groupLanguage
  if (order.via.channel === 'telegram') return inviteByLink(context, by, order.name, language)
  const via = phoneAt(context, order.via.number)
  const owner = await addresses.find(via)
  const known = owner === undefined ? undefined : await house.members.read(owner)
  const member =
    known ??
    newMember({ id: owner ?? context.newId(), name: order.name, language, addresses: [via], status: 'invited' })
  if (known && (known.status === 'confirmed' || known.name !== order.name)) return [text('order.number-taken')]
  if (!known) {
    if (!(await addresses.assign(via, member.id))) return [text('order.number-taken')]
    await insert(context, member)
  }
  // Inviting the same person again sends the invitation again: it may have been lost.
  await house.members.apply(member.id, { type: 'invited', at, inboundId, by, via, group: context.groupName })
  return []
}

async function inviteByLink(context: OrderContext, by: Person, name: string, language: string): Promise<Text[]> {
  const token = context.newId()
  const link = context.telegramLink(token)
  if (link === undefined) return [text('order.no-telegram')]
  const waiting = [...context.house.overview.all()].find((g) => g.name === name && g.status === 'invited')
  const member = waiting ?? newMember({ id: context.newId(), name, language, addresses: [], status: 'invited' })
  if (!waiting) await insert(context, member as Member)
  const at = context.clock.now()
  await context.house.group.apply(GROUP, {
    type: 'link-made',
    at,
    token,
    memberId: member.id,
    expiresAt: at + LINK_LASTS,
  })
  return [text('room.invited.link', { name, by: by.name, link })]
}

async function insert(context: OrderContext, member: Member): Promise<void> {
  try {
    await context.house.members.insert(member)
  } catch (error) {
    if (!(error instanceof Conflict)) throw error
  }
}
