import { phraseAt, phrasesOf } from './words.ts'
import type { Token } from './reading.ts'
import type { Phrases } from './words.ts'

/** Words of danger, made ready for looking up. */
export interface DangerWords {
  phrases: Phrases<true>
  /** Beginnings of words. */
  beginnings: readonly string[]
}

export const dangerWords = (listed: readonly string[]): DangerWords => ({
  phrases: phrasesOf(listed.filter((word) => !word.endsWith('*')).map((word) => [word, true])),
  beginnings: [...phrasesOf(listed.filter((word) => word.endsWith('*')).map((word) => [word, true])).keys()],
})

export const isDangerAt = (tokens: readonly Token[], at: number, words: DangerWords): boolean =>
  phraseAt(words.phrases, tokens, at) !== undefined ||
  words.beginnings.some((beginning) => tokens[at]?.text.startsWith(beginning))

export const holdsDanger = (tokens: readonly Token[], words: DangerWords): boolean =>
  tokens.some((_, at) => isDangerAt(tokens, at, words))
