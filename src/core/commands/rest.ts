import { isDecoration } from './lexicon.ts'
import { lengthAt } from './length.ts'
import { phraseAt, phrasesOf } from './words.ts'
import type { Length } from './command.ts'
import type { Lexicon } from './lexicon.ts'
import type { Token } from './reading.ts'

/** What stands behind IN or MORE. */
export interface Rest {
  length?: Length
  place?: string
  /** The first token that is neither: from there on it is words. */
  wordsAt?: number
}

/** A length, a known place, in either order, and politeness; everything from the first other word on is words. */
export const readRest = (tokens: readonly Token[], from: number, lexicon: Lexicon, places: readonly string[]): Rest => {
  const rest: Rest = {}
  const known = places.length > 0 ? phrasesOf(places.map((place) => [place, place])) : new Map<string, never>()
  let at = from
  while (at < tokens.length) {
    const skipped = politeSize(tokens, at, lexicon)
    const length = skipped > 0 || rest.length ? undefined : lengthAt(tokens, at, lexicon.length)
    if (length) rest.length = length.length
    const lead = phraseAt(lexicon.length.at, tokens, at)?.size ?? 0
    const place = skipped > 0 || length || rest.place !== undefined ? undefined : phraseAt(known, tokens, at + lead)
    if (place) rest.place = place.value
    const size = skipped || (length?.size ?? (place && lead + place.size) ?? 0)
    if (size === 0) return { ...rest, wordsAt: at }
    at += size
  }
  return rest
}

/** Nothing but politeness and decoration from here on. */
export const isOnlyPolite = (tokens: readonly Token[], from: number, lexicon: Lexicon): boolean => {
  let at = from
  while (at < tokens.length) {
    const size = politeSize(tokens, at, lexicon)
    if (size === 0) return false
    at += size
  }
  return true
}

const politeSize = (tokens: readonly Token[], at: number, lexicon: Lexicon): number =>
  isDecoration(tokens, at, lexicon) ? 1 : (phraseAt(lexicon.polite, tokens, at)?.size ?? 0)

/** How far before the end a last length is looked for. */
const LAST_TOKENS = 6

/**
 * "in the old mill 20m": the place is not known, but the length at the end is certain, and an alarm later than asked would be
 * the worse mistake.
 */
export const lengthAtEnd = (tokens: readonly Token[], from: number, lexicon: Lexicon): Length | undefined => {
  for (let at = Math.max(from, tokens.length - LAST_TOKENS); at < tokens.length; at++) {
    const found = lengthAt(tokens, at, lexicon.length)
    if (found?.certain && isOnlyPolite(tokens, at + found.size, lexicon)) return found.length
  }
  return undefined
}
