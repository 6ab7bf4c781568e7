import type { Person } from '../core/address.ts'
import type { Order } from '../core/commands/order.ts'
import type { Text } from '../core/texts.ts'
import { text } from '../core/texts.ts'

/** Asking changes nothing. */
const asking: ReadonlySet<Order['type']> = new Set(['help', 'members', 'member', 'board', 'doctor', 'talk', 'unclear'])
/** What could let a stranger in. */
const ownersOnly: ReadonlySet<Order['type']> = new Set(['repin', 'follow', 'unlock'])

/** Why somebody may not do this; undefined if they may. Roles come from our own list, never from a server's power levels. */
export function refusedTo(by: Person, order: Order): Text | undefined {
  if (by.role === 'read-only' && !asking.has(order.type)) return text('order.read-only', { name: by.name })
  if (by.role === 'admin' && ownersOnly.has(order.type)) return text('order.owner-only', { name: by.name })
  return undefined
}
