import { plainOf } from './order-line.ts'
import type { Word } from './order-line.ts'
import type { Names, Order } from './order.ts'

/** Whom some words name. */
export type Named = { id: string } | { why: 'nobody' } | { why: 'ambiguous'; candidates: string[] }

/** More candidates than these do not help whoever asked. */
const MOST_CANDIDATES = 8

/** No name has more words. */
export const MOST_NAME_WORDS = 8

/**
 * A member is named by any unambiguous beginning of their name. The whole name wins over beginnings of longer ones, so that Mo
 * can be named while there is a Moira.
 */
export const memberNamed = (words: readonly Word[], names: Names): Named => {
  const wanted = words.map((word) => word.plain.replace(/^@/, '')).join(' ')
  if (wanted === '' || words.length > MOST_NAME_WORDS) return { why: 'nobody' }
  const begun = names.members
    .map((member) => ({ ...member, plain: plainName(member.name) }))
    .filter((member) => member.plain.startsWith(wanted))
  const whole = begun.filter((member) => member.plain === wanted)
  const found = whole.length > 0 ? whole : begun
  const [only, another] = found
  if (!only) return { why: 'nobody' }
  if (!another) return { id: only.id }
  return { why: 'ambiguous', candidates: found.slice(0, MOST_CANDIDATES).map((member) => member.name) }
}

const plainName = (name: string): string =>
  name
    .split(/\s+/u)
    .map(plainOf)
    .filter((word) => word !== '')
    .join(' ')

/** The hint for words that name nobody or several. */
export const unnamed = (word: string, given: string, named: Exclude<Named, { id: string }>): Order =>
  named.why === 'ambiguous'
    ? { type: 'unclear', word, why: 'ambiguous', given, candidates: named.candidates }
    : { type: 'unclear', word, why: 'nobody', given }

export const usage = (word: string): Order => ({ type: 'unclear', word, why: 'usage' })
