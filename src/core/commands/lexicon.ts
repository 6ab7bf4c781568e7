import { dangerWords, isDangerAt } from './danger.ts'
import { lengthForms } from './length.ts'
import { keywords, meanings, phrasesOf } from './words.ts'
import type { DangerWords } from './danger.ts'
import type { LengthForms } from './length.ts'
import type { Token } from './reading.ts'
import type { CommandWords, Keyword, Meant, Phrases } from './words.ts'

/** The words of a language, made ready for looking up. */
export interface Lexicon {
  commands: Phrases<Keyword>
  nearMisses: Phrases<Meant>
  /** Single command words that a slip of the finger is measured against. */
  spellings: readonly { word: string; meant: Meant }[]
  danger: DangerWords
  polite: Phrases<true>
  length: LengthForms
}

const made = new WeakMap<CommandWords, Lexicon>()

/** Made once for each set of words: making one costs more than reading a text with it. */
export const lexiconOf = (words: CommandWords): Lexicon => {
  const known = made.get(words) ?? lexicon(words)
  made.set(words, known)
  return known
}

const meantBy: Partial<Record<Keyword, Meant>> = {
  in: 'IN',
  out: 'OUT',
  ok: 'OK',
  more: 'MORE',
  yes: 'YES',
  status: 'STATUS',
}

const lexicon = (words: CommandWords): Lexicon => {
  const commands = keywords.flatMap((keyword) => words.commands[keyword].map((phrase) => [phrase, keyword] as const))
  const phrases = phrasesOf(commands)
  return {
    commands: phrases,
    nearMisses: phrasesOf(
      meanings.flatMap((meant) => words.nearMisses[meant].map((phrase) => [phrase, meant] as const)),
    ),
    spellings: spellingsOf(phrases),
    danger: dangerWords(words.danger),
    polite: phrasesOf(words.polite.map((phrase) => [phrase, true as const])),
    length: lengthForms(words.length),
  }
}

/** Shorter words have too many neighbours that are words of their own: their near misses are listed. */
const SHORTEST_MEASURED = 3

const spellingsOf = (commands: Phrases<Keyword>): { word: string; meant: Meant }[] =>
  [...commands.entries()].flatMap(([word, phrases]) => {
    const keyword = phrases.find((phrase) => phrase.words.length === 1)?.value
    const meant = keyword && meantBy[keyword]
    return meant && word.length >= SHORTEST_MEASURED ? [{ word, meant }] : []
  })

/** An emoji that says nothing: it may stand around a command. A thumb up behind OUT is one, a knife is not. */
export const isDecoration = (tokens: readonly Token[], at: number, lexicon: Lexicon): boolean => {
  const token = tokens[at]
  if (!token?.emoji || isDangerAt(tokens, at, lexicon.danger)) return false
  const means = lexicon.commands.get(token.text)?.[0]?.value
  return means === undefined || means === 'ok'
}
