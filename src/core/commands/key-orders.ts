import type { Line } from './order-line.ts'
import { usage } from './order-member.ts'
import type { Order } from './order.ts'

/** `repin room`: imok goes with the room to the one that replaces it. `repin @asha`, `lock @asha:example.org`, `unlock asha`: an admin's keys, and whether they count. */
export const keyOrder = (type: 'repin' | 'lock' | 'unlock', { words, isAddressed }: Line): Order | undefined => {
  const [, who, ...more] = words
  if (type === 'repin' && who?.plain === 'room' && more.length === 0) return { type: 'follow' }
  // "Lock up" is talk; a name that begins with @ is nobody's door.
  if (!who || !(isAddressed || who.plain.startsWith('@'))) return undefined
  return more.length > 0 ? usage(type) : { type, who: who.plain }
}
