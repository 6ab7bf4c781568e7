import { isOnlyPolite, readRest } from './rest.ts'
import { phraseAt } from './words.ts'
import type { Lexicon } from './lexicon.ts'
import type { Token } from './reading.ts'
import type { Meant } from './words.ts'

/**
 * What a text that is no command was probably meant to be. Short texts only: a listed slip, one slip of the finger away from a
 * command word, or its letters written apart. It is asked, never done, so a guess too many costs one question.
 */
export const nearMissOf = (tokens: readonly Token[], lexicon: Lexicon): Meant | undefined => {
  const listed = phraseAt(lexicon.nearMisses, tokens, 0)
  const first = listed ?? (tokens[0] ? slipOf(tokens[0].text, lexicon) : undefined)
  if (first && isOnlyPolite(tokens, first.size, lexicon)) return first.value
  if (first && takesLength(first.value)) {
    const rest = readRest(tokens, first.size, lexicon, [])
    if (rest.length && rest.wordsAt === undefined) return first.value
  }
  return spelledOut(tokens, lexicon)
}

const takesLength = (meant: Meant): boolean => meant === 'IN' || meant === 'MORE'

const slipOf = (text: string, lexicon: Lexicon): { value: Meant; size: number } | undefined => {
  const near = lexicon.spellings.find(({ word }) => isOneSlipAway(text, word))
  return near && { value: near.meant, size: 1 }
}

/** "o u t": letters apart. */
const spelledOut = (tokens: readonly Token[], lexicon: Lexicon): Meant | undefined => {
  if (tokens.length < 2 || tokens.length > 6 || tokens.some((token) => token.text.length > 1)) return undefined
  const joined = tokens.map((token) => token.text).join('')
  if (joined === 'in') return 'IN'
  if (joined === 'ok') return 'OK'
  return lexicon.spellings.find(({ word }) => word === joined)?.meant
}

/** One letter more, less or other, or two neighbours that changed places. */
export const isOneSlipAway = (given: string, word: string): boolean => {
  if (given === word || Math.abs(given.length - word.length) > 1) return false
  let start = 0
  while (start < word.length && given[start] === word[start]) start++
  const rest = (text: string, from: number): string => text.slice(from)
  if (given.length > word.length) return rest(given, start + 1) === rest(word, start)
  if (given.length < word.length) return rest(given, start) === rest(word, start + 1)
  const isSwap = given[start] === word[start + 1] && given[start + 1] === word[start]
  return (
    rest(given, start + 1) === rest(word, start + 1) || (isSwap && rest(given, start + 2) === rest(word, start + 2))
  )
}
