import type { Person } from '../core/address.ts'
import { whereabouts } from '../core/member/alert.ts'
import type { Text } from '../core/texts.ts'
import { text } from '../core/texts.ts'
import type { OrderContext } from './order-context.ts'
import type { Glance, Overview } from './overview.ts'

/** As many as one message can hold and a person can read. */
const MOST_LISTED = 200

export function membersList(overview: Overview): Text[] {
  const all = [...overview.all()].sort((a, b) => a.name.localeCompare(b.name))
  return [
    text('order.members', { count: all.length }),
    ...all.slice(0, MOST_LISTED).map((g) => text(stateOf(g), { name: g.name })),
  ]
}

/** A look-up of private data is said aloud, in the answer itself. */
export async function memberCard(context: OrderContext, id: string, by: Person): Promise<Text[]> {
  const member = await context.house.members.read(id)
  const glance = context.house.overview.get(id)
  if (!member || !glance) return []
  const { name } = member
  const number = member.addresses.find((a) => a.channel !== 'telegram')?.address
  return [
    text(stateOf(glance), { name }),
    number === undefined ? text('line.no-number', { name }) : text('line.number', { name, number }),
    ...whereabouts(member),
    member.notes ? text('line.notes', { notes: member.notes }) : text('line.notes.none'),
    text('order.looked', { by: by.name, name }),
  ]
}

const stateOf = (g: Glance): 'state.alarm' | 'state.out' | 'state.invited' | 'state.in' =>
  g.incident
    ? 'state.alarm'
    : g.dueAt !== undefined
      ? 'state.out'
      : g.status === 'invited'
        ? 'state.invited'
        : 'state.in'
