import { formatDuration } from '../duration.ts'
import { cleanName } from './name.ts'
import { fold } from './reading.ts'
import { lengthOf, writtenAfter, writtenBy } from './order-line.ts'
import { memberNamed, MOST_NAME_WORDS, unnamed, usage } from './order-member.ts'
import { LONGEST_NOTE } from './order.ts'
import type { Length } from './command.ts'
import type { Line, Word } from './order-line.ts'
import type { Named } from './order-member.ts'
import type { MemberField, Names, Order } from './order.ts'

/** The orders that concern a member. Each gives undefined for what is not completely one. */

/** `invite +447700900123 Mo`, `invite telegram Mo`, `invite +447700900124 Fifi fr`. */
export const inviteOrder = ({ words, isAddressed }: Line, names: Names): Order | undefined => {
  const args = words.slice(1)
  if (args[0]?.plain === 'telegram') return invited({ channel: 'telegram' }, args.slice(1), names)
  const size = args.findIndex((word) => !isNumberPart(word))
  const given = writtenBy(size < 0 ? args : args.slice(0, size))
  if (!/\d/.test(fold(given))) return isAddressed || looksInviting(args) ? usage('invite') : undefined
  const number = names.number(fold(given))
  if (number === undefined) return { type: 'unclear', word: 'invite', why: 'bad-number', given }
  return invited({ channel: 'sms', number }, size < 0 ? [] : args.slice(size), names)
}

/** "invite everyone to the party" is talk; one word, or a number in the wrong place, is an invitation that went wrong. */
const looksInviting = (args: readonly Word[]): boolean =>
  args.length === 1 || args.some((word) => /^\+?\d{6}/.test(word.plain))

/** Part of a telephone number, which people write with spaces, brackets and dashes. */
const isNumberPart = (word: Word): boolean => /^[+(]*\d[\d()./-]*$/.test(fold(word.raw.slice(0, 40)))

const invited = (
  via: Extract<Order, { type: 'invite' }>['via'],
  words: readonly Word[],
  { languages }: Names,
): Order => {
  const last = words.at(-1)
  const language = words.length > 1 ? languages.find((code) => isCode(last, code)) : undefined
  const name = cleanName(writtenBy(language === undefined ? words : words.slice(0, -1)))
  if (name === undefined) return usage('invite')
  return { type: 'invite', via, name, ...(language !== undefined && { language }) }
}

/** "fr" or "FR"; "De" with one capital is part of a name. */
const isCode = (word: Word | undefined, code: string): boolean =>
  word?.plain === code.toLowerCase() && !/^[^\p{L}]*\p{Lu}\p{Ll}/u.test(word.raw)

/** `member Mo`, `out Mo`. */
export const namingOrder = (type: 'member' | 'out', { words, isAddressed }: Line, names: Names): Order | undefined => {
  const named = memberNamed(words.slice(1), names)
  if ('id' in named) return { type, member: named.id }
  // "out tonight with the kids" is talk; "out Zed" is an order to somebody who has to hear that there is no Zed.
  const isOrder = named.why === 'ambiguous' || isAddressed || words.length === 2
  return isOrder && words.length > 1 ? unnamed(type, givenBy(words.slice(1)), named) : undefined
}

/** `in Mo`, `in Mo 60`, `extend Mo 30`. The longest beginning that names a member counts, and the rest must be a length. */
export const timedOrder = (type: 'in' | 'extend', { words, isAddressed }: Line, names: Names): Order | undefined => {
  const args = words.slice(1)
  let unclear: Order | undefined
  for (let size = Math.min(args.length, MOST_NAME_WORDS); size > 0; size--) {
    const length = size < args.length ? lengthOf(args.slice(size))?.length : undefined
    if (size < args.length && !length) continue
    const named = memberNamed(args.slice(0, size), names)
    if ('id' in named) return timed(type, named.id, length)
    // "in about 60" is talk, "extend Zed 30" hardly is.
    const isOrder = named.why === 'ambiguous' || isAddressed || (type === 'extend' && length)
    if (isOrder) unclear = unnamed(type, givenBy(args.slice(0, size)), named)
  }
  return unclear
}

const timed = (type: 'in' | 'extend', member: string, length: Length | undefined): Order => {
  if (type === 'in') return { type, member, ...(length && { length }) }
  return length ? { type, member, length } : usage('extend')
}

const fields: readonly MemberField[] = ['name', 'notes', 'quiet', 'language', 'duration', 'number']

const fieldOf = (word: Word): MemberField | undefined => fields.find((field) => field === word.plain)

/** `edit Mo notes diabetic`, `edit Mo quiet on`. The first field's name behind a member's name is the field. */
export const editOrder = (line: Line, names: Names): Order | undefined => {
  const args = line.words.slice(1)
  let unclear: Order | undefined
  for (const [at, word] of args.slice(0, MOST_NAME_WORDS + 1).entries()) {
    const field = fieldOf(word)
    if (at === 0 || !field) continue
    const named = memberNamed(args.slice(0, at), names)
    if ('id' in named) return edited(named.id, field, writtenAfter(line, word), names)
    unclear ??= unnamed('edit', givenBy(args.slice(0, at)), named)
  }
  return unclear ?? (isNamed(memberNamed(args, names)) ? usage('edit') : undefined)
}

const isNamed = (named: Named): boolean => 'id' in named || named.why === 'ambiguous'

const edited = (member: string, field: MemberField, written: string | undefined, names: Names): Order => {
  if (written === undefined) return usage('edit')
  if (field === 'number') {
    const number = names.number(fold(written.slice(0, 40)))
    if (number === undefined) return { type: 'unclear', word: 'edit', why: 'bad-number', given: written.slice(0, 40) }
    return { type: 'edit', member, field, value: number }
  }
  const value = valueOf(field, written, names)
  return value === undefined ? usage('edit') : { type: 'edit', member, field, value }
}

const switches: Readonly<Record<string, string>> = { on: 'on', yes: 'on', off: 'off', no: 'off' }

/** A field's value as it is kept, or undefined when that cannot be one. Notes stay as written; a dash empties them. */
const valueOf = (field: Exclude<MemberField, 'number'>, written: string, names: Names): string | undefined => {
  const plain = fold(written.slice(0, 40)).replace(/[.!]{1,3}$/, '')
  switch (field) {
    case 'name':
      return cleanName(written)
    case 'notes':
      return written.length > LONGEST_NOTE ? undefined : /^[-–—]$/.test(written) ? '' : written
    case 'quiet':
      return Object.hasOwn(switches, plain) ? switches[plain] : undefined
    case 'language':
      return names.languages.find((code) => code.toLowerCase() === plain)
    case 'duration': {
      const length = lengthOf([{ plain, raw: plain, start: 0, end: 0 }])?.length
      return length?.kind === 'for' ? formatDuration(length.ms) : undefined
    }
  }
}

/** What was given, short enough to be quoted in an answer. */
const givenBy = (words: readonly Word[]): string => writtenBy(words).slice(0, 60)
