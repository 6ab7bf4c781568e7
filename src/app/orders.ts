import type { Address, Person } from '../core/address.ts'
import { sameAddress } from '../core/address.ts'
import type { MemberField, Order } from '../core/commands/order.ts'
import { parseOrder } from '../core/commands/parse-order.ts'
import type { MemberOrder } from '../core/member/event.ts'
import type { Text } from '../core/texts.ts'
import { rangesOf } from '../core/ranges.ts'
import { text } from '../core/texts.ts'
import type { Heard, InboxItem } from '../ports/inbox.ts'
import { GROUP } from './house.ts'
import { invite } from './invite.ts'
import { doctor } from './doctor.ts'
import { obeyFollow, obeyKeys } from './key-orders.ts'
import { refusedTo } from './roles.ts'
import { createSayOffers } from './say-offers.ts'
import { takeAll } from './take-all.ts'
import type { OrderContext } from './order-context.ts'
import { ordering, phoneAt } from './order-context.ts'
import { membersList, memberCard } from './order-answers.ts'
import { boardLines } from './board.ts'
import type { Glance } from './overview.ts'
import { resolved } from './understand.ts'
import { unlessNewer } from './unless-newer.ts'
import type { Addressed } from './place.ts'

type Ordered = Extract<Heard, { type: 'order' }>

/** Somebody wrote in the room. What parses completely is done; everything else is talk among admins. */
export function createOrders(context: OrderContext): (item: InboxItem, heard: Ordered) => Promise<void> {
  const offers = createSayOffers(context.house)

  /** Talk may be a yes to what was offered, or an answer to a member, for which sending it is offered. */
  const answeredTo = async (item: InboxItem, { by, text: words, replyTo }: Ordered, talk: Order): Promise<Order> => {
    const said = offers.accept(item, by, words, context.clock.now())
    if (said) return said
    const isOffered = replyTo !== undefined && by.role !== 'read-only'
    const offer = isOffered ? await offers.offer(item, by, words, replyTo, context.clock.now()) : undefined
    if (offer) await answer(context, item, [offer])
    return talk
  }

  return async (item, heard) => {
    // An alarm is taken all the same.
    const group = await unlessNewer(() => context.house.group.read(GROUP))
    // Answered before a crash: what was done for it then must not be done twice.
    if (group !== 'newer' && group?.applied.includes(item.id)) return
    const order = context.settled.get(item.id) ?? read(context, heard)
    // Should it be tried again, it means the same: what it has changed is not to give it another meaning.
    context.settled.set(item.id, order)
    // What concerns many was done for some of them, perhaps, and each of them knows.
    if (context.wasObeyed(item.id) && !(order.type === 'take' && order.incidents)) return
    await obey(context, item, heard.by, order.type === 'talk' ? await answeredTo(item, heard, order) : order)
  }
}

const read = (
  { house, number, languages }: Pick<OrderContext, 'house' | 'number' | 'languages'>,
  { text: words }: Ordered,
): Order => {
  const members = [...house.overview.all()].map(({ id, name }) => ({ id, name }))
  return parseOrder(words, { members, number, languages })
}

/** What decides by which phone a member ends a watch, and how long one lasts where nobody says. */
const aboutTime: ReadonlySet<MemberField> = new Set(['number', 'duration'])

/**
 * Whom an order is about that changes whether they are watched or for how long (`isTimed`), or by which phone. As people are called now; with the number
 * that it gives them.
 */
export function aboutMember(
  context: Parameters<typeof read>[0] & Pick<OrderContext, 'phoneChannel'>,
  heard: Ordered,
): { member: Addressed; isTimed: boolean } | undefined {
  const order = read(context, heard)
  const isTimed = order.type === 'in' || order.type === 'out' || order.type === 'extend'
  if (!isTimed && !(order.type === 'edit' && aboutTime.has(order.field))) return undefined
  const member = context.house.overview.get(order.member)
  if (!member) return undefined
  const given = order.type === 'edit' && order.field === 'number' ? context.number(order.value) : undefined
  const addresses = given === undefined ? member.addresses : [...member.addresses, phoneAt(context, given)]
  return { member: { ...member, addresses }, isTimed }
}

/** While it waits for its member's phones its admin may give somebody that name. It means whom it meant before. */
export function settle(context: OrderContext, id: string, heard: Ordered): void {
  try {
    context.settled.set(id, read(context, heard))
  } catch {
    // Whoever obeys it meets the same fault, and tells people.
  }
}

/** It is not tried again. */
export function forget({ settled, tried }: OrderContext, id: string): void {
  settled.delete(id)
  tried.delete(id)
}

async function obey(context: OrderContext, item: InboxItem, by: Person, order: Order): Promise<void> {
  const { overview } = context.house
  const refusal = refusedTo(by, order)
  if (refusal) return answer(context, item, [refusal])
  switch (order.type) {
    case 'talk':
      return
    case 'unclear':
      return answer(context, item, [unclear(order)])
    case 'help':
      return answer(context, item, [text('order.help')])
    case 'members':
      return answer(context, item, membersList(overview))
    case 'member':
      return answer(context, item, await memberCard(context, order.member, by))
    case 'board':
      return answer(context, item, boardLines(overview, context.clock.now()))
    case 'repin':
    case 'lock':
    case 'unlock':
      return answer(context, item, await obeyKeys(context, by, order))
    case 'follow':
      return answer(context, item, [await obeyFollow(context, by)])
    case 'doctor':
      return answer(context, item, await doctor(context))
    case 'invite':
      return answer(context, item, await invite(context, item.id, by, order))
    case 'take':
      await context.untilSaved(item)
      return order.incidents ? takeAll(context, item, by, order) : onIncident(context, item, by, order)
    case 'resolve':
    case 'hand':
    case 'say':
    case 'note':
      await context.untilSaved(item)
      return onIncident(context, item, by, order)
    case 'in':
    case 'out':
    case 'extend':
    case 'edit':
      await context.untilSaved(item, order.member)
      return onMember(context, item, by, order)
    default:
      return order satisfies never
  }
}

export async function answer(context: OrderContext, item: InboxItem, body: Text[]): Promise<void> {
  if (body.length > 0)
    await context.house.group.apply(GROUP, { type: 'answered', at: context.clock.now(), inboundId: item.id, body })
}

/** What people are shown when they nearly had it: the words of orders are the same in every language. */
const usage: Record<string, string> = {
  take: 'take 7, take 7-9, 12 or take Mo',
  resolve: 'resolve 7 home safe',
  hand: 'hand 7 @ben',
  say: 'say 7 are you still inside?',
  note: 'note 7 wears red',
  in: 'in Mo 60',
  out: 'out Mo',
  extend: 'extend Mo 30',
  edit: 'edit Mo notes diabetic',
  member: 'member Mo',
  invite: 'invite +447700900123 Mo',
  repin: 'repin @asha',
  lock: 'lock @asha',
  unlock: 'unlock @asha',
}

function unclear(order: Extract<Order, { type: 'unclear' }>): Text {
  const given = order.given ?? ''
  switch (order.why) {
    case 'usage':
      return text('order.usage', { usage: usage[order.word.toLowerCase()] ?? 'help' })
    case 'nobody':
      return text('order.nobody', { given })
    case 'ambiguous':
      return text('order.ambiguous', { given, candidates: (order.candidates ?? []).join(', ') })
    case 'bad-number':
      return text('order.bad-number', { given })
    default:
      return order.why satisfies never
  }
}

type IncidentOrder = Extract<Order, { type: 'take' | 'resolve' | 'hand' | 'say' | 'note' }>

async function onIncident(context: OrderContext, item: InboxItem, by: Person, order: IncidentOrder): Promise<void> {
  const { members } = context.house
  const before = context.tried.get(item.id)
  // Done, and perhaps the incident is closed by it: nobody is told that there is none, nor is another one closed.
  if (before !== undefined && (await members.read(before))?.applied.includes(item.id)) return
  const found = meant(context, order)
  if ('key' in found) return answer(context, item, [found])
  context.tried.set(item.id, found.id)
  await members.apply(found.id, { ...ordering(context, item, by), order: incidentOrder(context, item, order) })
}

/** Whose incident it is about; or why there is none. */
function meant({ house: { overview } }: OrderContext, order: IncidentOrder): Glance | Text {
  if (order.type === 'take' && order.member !== undefined) {
    const named = overview.get(order.member)
    return named?.incident ? named : text('order.no-alarm', { name: named?.name ?? '' })
  }
  if (order.incident !== undefined)
    return overview.byNumber(order.incident) ?? text('order.no-incident', { number: order.incident })
  const open = overview.incidents()
  const [only, another] = open
  if (!only) return text('order.no-open-incident')
  if (!another) return only
  return text('order.which-incident', { numbers: rangesOf(open.map((g) => g.incident?.number ?? 0)) })
}

function incidentOrder(context: OrderContext, item: InboxItem, order: IncidentOrder): MemberOrder {
  switch (order.type) {
    case 'take': {
      const end = resolved(order.end, item.receivedAt, context.zone)
      return { type: 'take', ...(end && { end }) }
    }
    case 'resolve':
      return { type: 'resolve', ...(order.outcome !== undefined && { outcome: order.outcome }) }
    case 'hand':
      return { type: 'hand', to: order.to }
    case 'say':
      return { type: 'say', words: order.words.slice(0, context.longestWords) }
    case 'note':
      return { type: 'note', words: order.words.slice(0, context.longestWords) }
    default:
      return order satisfies never
  }
}

type MemberCommand = Extract<Order, { type: 'in' | 'out' | 'extend' | 'edit' }>

async function onMember(context: OrderContext, item: InboxItem, by: Person, order: MemberCommand): Promise<void> {
  const event = ordering(context, item, by)
  const { members } = context.house
  switch (order.type) {
    case 'in': {
      const until = resolved(order.length, item.receivedAt, context.zone)
      await members.apply(order.member, { ...event, order: { type: 'in', ...(until && { until }) } })
      return
    }
    case 'out':
      await members.apply(order.member, { ...event, order: { type: 'out' } })
      return
    case 'extend': {
      const until = resolved(order.length, item.receivedAt, context.zone)
      if (until) await members.apply(order.member, { ...event, order: { type: 'extend', until } })
      return
    }
    case 'edit':
      return edit(context, item, by, order)
    default:
      return order satisfies never
  }
}

async function edit(
  context: OrderContext,
  item: InboxItem,
  by: Person,
  order: Extract<Order, { type: 'edit' }>,
): Promise<void> {
  const { field, value, member } = order
  const event = ordering(context, item, by)
  const checked = await context.check(field, value, member)
  if ('refused' in checked) return answer(context, item, [checked.refused])
  if (checked.address) await releaseOthers(context, member, checked.address)
  await context.house.members.apply(member, { ...event, order: { type: 'edit', field, ...checked } })
}

/** The old number is theirs no more: whoever has that phone now must not end a watch. Before the save, so that a crash repeats it. */
async function releaseOthers(context: OrderContext, member: string, kept: Address): Promise<void> {
  const before = (await context.house.members.read(member))?.addresses ?? []
  const replaced = before.filter((a) => a.channel === kept.channel && !sameAddress(a, kept))
  for (const { channel, address } of replaced) await context.addresses.release({ channel, address })
}
