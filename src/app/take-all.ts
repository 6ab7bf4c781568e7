import type { Person } from '../core/address.ts'
import type { Order } from '../core/commands/order.ts'
import { MOST_NAMED } from '../core/group/roll-call.ts'
import { reachableAt } from '../core/member/ordered.ts'
import type { Member } from '../core/member/member.ts'
import { rangesOf, written } from '../core/ranges.ts'
import type { Text } from '../core/texts.ts'
import { clock, text } from '../core/texts.ts'
import type { InboxItem } from '../ports/inbox.ts'
import { GROUP } from './house.ts'
import type { OrderContext } from './order-context.ts'
import { ordering } from './order-context.ts'
import type { Glance } from './overview.ts'
import { resolved } from './understand.ts'

type Take = Extract<Order, { type: 'take' }>

/** How many records are changed side by side: alarms that come meanwhile must not wait for all of them. */
const SIDE_BY_SIDE = 16

/**
 * `take 7-9, 12`: whatever is open among these. Said once for all, and last: an order that died half-way is done again, and those who
 * know it already change nothing.
 */
export async function takeAll(context: OrderContext, item: InboxItem, by: Person, order: Take): Promise<void> {
  const end = resolved(order.end, item.receivedAt, context.zone)
  if (end && 'passed' in end) return say(context, item.id, [text('order.passed', { at: clock(end.passed) })])
  const open = listed(context.house.overview.incidents(), order)
  const taken: Member[] = []
  for (let from = 0; from < open.length; from += SIDE_BY_SIDE) {
    const changed = open.slice(from, from + SIDE_BY_SIDE).map(({ id }) =>
      context.house.members.apply(id, {
        ...ordering(context, item, by),
        order: { type: 'take', isListed: true, ...(end && { end }) },
      }),
    )
    taken.push(...(await Promise.all(changed)).flatMap((state) => state ?? []))
  }
  const lines = taken.map((state) => linesOf(state, by)).filter((it) => it.length > 0)
  const last = Math.floor(Math.max(0, lines.length - 1) / MOST_NAMED) * MOST_NAMED
  for (let from = 0; from < last; from += MOST_NAMED)
    await say(context, `${item.id}:${String(from)}`, lines.slice(from, from + MOST_NAMED).flat())
  const missing = notOpen(order, open)
  await say(context, item.id, [...lines.slice(last).flat(), ...missing])
}

const numberOf = (glance: Glance): number => glance.incident?.number ?? 0

const listed = (open: readonly Glance[], { incidents = [] }: Take): Glance[] =>
  open
    .filter((glance) => incidents.some(({ from, to }) => from <= numberOf(glance) && numberOf(glance) <= to))
    .sort((a, b) => numberOf(a) - numberOf(b))

/** Public words, and the number that the holder needs now. */
function linesOf(state: Member, by: Person): Text[] {
  const { incident } = state
  if (incident?.taken?.by.id !== by.id) return []
  const { number, taken } = incident
  return [text('room.taken', { number, holder: by.name, until: clock(taken.until) }), reachableAt(state)]
}

/** Whoever names a number by itself hears that nothing is open there; of a range only if nothing is. */
function notOpen({ incidents = [] }: Take, open: readonly Glance[]): Text[] {
  const numbers = new Set(open.map(numberOf))
  const single = incidents.filter(({ from, to }) => from === to && !numbers.has(from)).map(({ from }) => from)
  if (open.length > 0) return single.length > 0 ? [text('order.none-open', { numbers: rangesOf(single) })] : []
  return [text('order.none-open', { numbers: incidents.map(written).join(', ') })]
}

async function say(context: OrderContext, inboundId: string, body: Text[]): Promise<void> {
  await context.house.group.apply(GROUP, {
    type: 'answered',
    at: context.clock.now(),
    inboundId,
    body,
    urgency: 'alert',
  })
}
