import { handOrder, resolveOrder, takeOrder, wordsOrder } from './incident-orders.ts'
import { keyOrder } from './key-orders.ts'
import { editOrder, inviteOrder, namingOrder, timedOrder } from './member-orders.ts'
import { readLine } from './order-line.ts'
import { usage } from './order-member.ts'
import type { Line } from './order-line.ts'
import type { Names, Order } from './order.ts'

/** Each reads its line completely or gives undefined. */
const parsers: ReadonlyMap<string, (line: Line, names: Names) => Order | undefined> = new Map<
  string,
  (line: Line, names: Names) => Order | undefined
>([
  ['help', (line) => helpOrder(line)],
  ['members', (line) => aloneOrder({ type: 'members' }, line)],
  ['board', (line) => aloneOrder({ type: 'board' }, line)],
  ['doctor', (line) => aloneOrder({ type: 'doctor' }, line)],
  ['repin', (line) => keyOrder('repin', line)],
  ['lock', (line) => keyOrder('lock', line)],
  ['unlock', (line) => keyOrder('unlock', line)],
  ['invite', inviteOrder],
  ['member', (line, names) => namingOrder('member', line, names)],
  ['edit', editOrder],
  ['take', takeOrder],
  ['hand', handOrder],
  ['resolve', resolveOrder],
  ['say', (line) => wordsOrder('say', line)],
  ['note', (line) => wordsOrder('note', line)],
  ['in', (line, names) => timedOrder('in', line, names)],
  ['out', (line, names) => namingOrder('out', line, names)],
  ['extend', (line, names) => timedOrder('extend', line, names)],
])

/** More words than these only `say`, `note`, `resolve` and `edit … notes` can hold, and a list of alarms. */
const MOST_WORDS = 24

/** The commands whose last part may be long. */
const wordy: ReadonlySet<string> = new Set(['say', 'note', 'resolve', 'edit', 'take'])

/**
 * What a message in the room asks for. Only what parses completely acts: admins talk among themselves in the same place, and
 * "out Mo isn't answering" must close nothing. Total and linear in the length of the text.
 */
export const parseOrder = (text: string, names: Names): Order => {
  const line = readLine(text)
  const [first, ...rest] = line.words
  if (!first) return line.isAddressed ? { type: 'help' } : { type: 'talk' }
  const parser = parsers.get(first.plain)
  // "Take, are you ok?" speaks to somebody who is called Take.
  const isSpokenTo = first.raw.endsWith(',') && !line.isAddressed
  const isTooLong = rest.length > MOST_WORDS && !wordy.has(first.plain)
  const order = isSpokenTo || isTooLong ? undefined : parser?.(line, names)
  if (order) return order
  if (line.isAddressed) return usage(parser ? first.plain : first.raw.slice(0, 40))
  return parser && rest.length === 0 && !isSpokenTo ? usage(first.plain) : { type: 'talk' }
}

const aloneOrder = (order: Order, { words }: Line): Order | undefined => (words.length === 1 ? order : undefined)

const helpOrder = ({ words }: Line): Order | undefined => {
  const about = words[1]?.plain
  if (about === undefined) return { type: 'help' }
  return words.length === 2 && parsers.has(about) ? { type: 'help', about } : undefined
}
