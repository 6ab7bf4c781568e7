import { incidentOf, lengthOf, looksNumbered, writtenAfter, writtenBy } from './order-line.ts'
import { memberNamed, MOST_NAME_WORDS as LONGEST_MEMBER, unnamed, usage } from './order-member.ts'
import type { FoundLength } from './length.ts'
import type { Range } from '../ranges.ts'
import type { Line, Word } from './order-line.ts'
import type { Names, Order, TakeEnd } from './order.ts'

/** The orders that concern an incident. Each gives undefined for what is not completely one. */

/** `take`, `take 7`, `take 7-9, 12`, `take Mo`; each perhaps with its end: `take 7 until 18:00`, `take 7 2h`, `take 2h`. */
export const takeOrder = (line: Line, names: Names): Order | undefined => {
  const [, first] = line.words
  if (!first) return { type: 'take' }
  const end = incidentOf(first) === undefined ? lengthOf(line.words.slice(1)) : undefined
  if (end?.certain) return { type: 'take', end: end.length }
  return looksNumbered(first) ? (takeByNumber(line) ?? usage('take')) : takeByName(line, names)
}

const takeByNumber = (line: Line): Order | undefined => {
  const args = line.words.slice(1)
  const { list, size } = listOf(line.raw, args)
  const rest = args.slice(size)
  const end = rest.length === 0 ? undefined : takeEnd(lengthOf(rest), rest[0]?.plain)
  const isCut = /[-–—]$/.test(args[size - 1]?.raw ?? '')
  const ranges = isCut ? undefined : rangesIn(list)
  if (!ranges || (rest.length > 0 && !end)) return undefined
  const [only, another] = ranges
  const which = only && !another && only.from === only.to ? { incident: only.from } : { incidents: ranges }
  return { type: 'take', ...which, ...(end && { end }) }
}

/** The words that list incidents, as one list. A bare number behind another one is none of them, it could be a length: `take 7 90`. */
const listOf = (raw: string, args: readonly Word[]): { list: string; size: number } => {
  let list = ''
  for (const [n, word] of args.entries()) {
    const before = args[n - 1]
    const between = before ? (/[^\d#]*$/.exec(raw.slice(before.start, word.start))?.[0] ?? '') : ','
    const sign = /[-–—]/.test(between) ? '-' : /[,;&]/.test(between) || /\band\b/i.test(between) ? ',' : ''
    if (word.plain === 'and' && n > 0) continue
    if (sign === '' || !/^[#\d][#\d,;&–—-]*$/.test(word.plain)) {
      const isAnd = before?.plain === 'and'
      return { list, size: isAnd ? n - 1 : n }
    }
    list += (n === 0 ? '' : sign) + word.plain
  }
  return { list, size: args.length }
}

/** All of them, or undefined. */
const rangesIn = (list: string): Range[] | undefined => {
  const plain = list.replaceAll('#', '').replace(/[–—]/g, '-').replace(/[;&]/g, ',')
  const ranges = plain.split(',').map((part) => {
    const [, from = '', to = from] = /^(\d{1,6})(?:-(\d{1,6}))?$/.exec(part) ?? []
    return { from: Number(from), to: Number(to) }
  })
  return ranges.every(({ from, to }) => from > 0 && from <= to) ? ranges : undefined
}

/** The longest beginning that names a member counts, and the rest must be an end. "take care" is talk. */
const takeByName = ({ words }: Line, names: Names): Order | undefined => {
  const args = words.slice(1)
  for (let size = Math.min(args.length, LONGEST_MEMBER); size > 0; size--) {
    const rest = args.slice(size)
    const end = rest.length === 0 ? undefined : takeEnd(lengthOf(rest), rest[0]?.plain)
    if (rest.length > 0 && !end) continue
    const named = memberNamed(args.slice(0, size), names)
    if ('id' in named) return { type: 'take', member: named.id, ...(end && { end }) }
    if (named.why === 'ambiguous') return unnamed('take', writtenBy(args.slice(0, size)).slice(0, 60), named)
  }
  return undefined
}

/** A bare number behind an incident's could be a second incident: `take 7 8`. */
const takeEnd = (found: FoundLength | undefined, lead: string | undefined): TakeEnd | undefined =>
  found && (found.certain || found.length.kind === 'until' || lead === 'for') ? found.length : undefined

/** The most words a person in the room is named by. */
const MOST_NAME_WORDS = 4

/** `hand 7 @ben`, `hand 7 to Ben`: whom, as written. */
export const handOrder = ({ words }: Line): Order | undefined => {
  const incident = incidentOf(words[1])
  if (incident === undefined) return looksNumbered(words[1]) ? usage('hand') : undefined
  const to = words.slice(words[2]?.plain === 'to' ? 3 : 2)
  const name = writtenBy(to).replace(/^["“”‘'(]|[\s"“”’'),;.!?]{1,5}$/gu, '')
  return name === '' || to.length > MOST_NAME_WORDS ? usage('hand') : { type: 'hand', incident, to: name }
}

/** `resolve 7 home safe`, `resolve 7`, `resolve`; with the prefix also `!imok resolve home safe`. */
export const resolveOrder = (line: Line): Order | undefined => {
  const [command, first] = line.words
  if (!first || !command) return { type: 'resolve' }
  const incident = incidentOf(first)
  if (incident !== undefined) {
    const outcome = writtenAfter(line, first)
    return outcome === undefined ? { type: 'resolve', incident } : { type: 'resolve', incident, outcome }
  }
  if (looksNumbered(first)) return usage('resolve')
  const outcome = line.isAddressed ? writtenAfter(line, command) : undefined
  return outcome === undefined ? undefined : { type: 'resolve', outcome }
}

/** `say 7 are you still inside?`, `note 7 wears red`: the words stay exactly as they were written. */
export const wordsOrder = (type: 'say' | 'note', line: Line): Order | undefined => {
  const number = line.words[1]
  const incident = incidentOf(number)
  if (!number || incident === undefined) return looksNumbered(number) ? usage(type) : undefined
  const words = writtenAfter(line, number)
  return words === undefined ? usage(type) : { type, incident, words }
}
