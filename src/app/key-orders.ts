import type { Person } from '../core/address.ts'
import type { Order } from '../core/commands/order.ts'
import type { Text } from '../core/texts.ts'
import { text } from '../core/texts.ts'
import type { RoomPeople } from '../ports/channel.ts'
import type { OrderContext } from './order-context.ts'

type KeyOrder = Extract<Order, { type: 'repin' | 'lock' | 'unlock' }>

/** Whose keys count in the room. Doing it twice, after a crash, changes nothing more. */
export async function obeyKeys(context: OrderContext, by: Person, { type, who }: KeyOrder): Promise<Text[]> {
  const people = context.people()
  if (!people) return [text('order.no-keys-here')]
  const [person, ...others] = people.find(who)
  if (!person) return [text('order.nobody-here', { given: who })]
  if (others.length > 0) {
    const candidates = [person, ...others].map(({ id }) => id).join(', ')
    return [text('order.several-here', { given: who, candidates })]
  }
  // Whoever got hold of an account could confirm the keys they made for it.
  if (person.id === by.id && type !== 'lock') return [text('order.not-yourself')]
  return [await change(people, type, person, by)]
}

async function change(people: RoomPeople, type: KeyOrder['type'], { id, name }: Person, by: Person): Promise<Text> {
  switch (type) {
    case 'repin': {
      const outcome = await people.repin(id, by)
      if (outcome === 'no-keys') return text('order.keys.none', { name })
      return outcome === 'done' ? text('room.repinned', { name, by: by.name }) : text('order.keys.same', { name })
    }
    case 'lock':
      return (await people.lock(id, by)) === 'done'
        ? text('room.locked', { name, by: by.name })
        : text('order.locked.already', { name })
    case 'unlock':
      return (await people.unlock(id, by)) === 'done'
        ? text('room.unlocked', { name, by: by.name })
        : text('order.locked.not', { name })
    default:
      return type satisfies never
  }
}

/** Into the room that replaces this one, because an owner says so: a homeserver can claim it of any room. */
export async function obeyFollow(context: OrderContext, by: Person): Promise<Text> {
  const people = context.people()
  if (!people) return text('order.no-keys-here')
  const { outcome, where } = await people.follow()
  switch (outcome) {
    case 'done':
      return text('room.followed', { by: by.name })
    case 'not-replaced':
      return text('order.follow.none')
    case 'not-invited':
      return text('order.follow.not-invited', { where })
    case 'not-encrypted':
      return text('order.follow.not-encrypted', { where })
    default:
      return outcome satisfies never
  }
}
