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
