import { incidentOf, lengthOf, looksNumbered, writtenAfter, writtenBy } from './order-line.ts'
import { usage } from './order-member.ts'
import type { FoundLength } from './length.ts'
import type { Line } from './order-line.ts'
import type { Order, TakeEnd } from './order.ts'

/** The orders that concern an incident. Each gives undefined for what is not completely one. */

/** `take`, `take 7`, `take 7 until 18:00`, `take 7 2h`, `take 2h`. */
export const takeOrder = ({ words }: Line): Order | undefined => {
  const [, first, ...rest] = words
  if (!first) return { type: 'take' }
  const incident = incidentOf(first)
  if (incident === undefined) {
    const end = lengthOf(words.slice(1))
    if (end?.certain) return { type: 'take', end: end.length }
    return looksNumbered(first) ? usage('take') : undefined
  }
  if (rest.length === 0) return { type: 'take', incident }
  const end = takeEnd(lengthOf(rest), rest[0]?.plain)
  return end ? { type: 'take', incident, end } : usage('take')
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
