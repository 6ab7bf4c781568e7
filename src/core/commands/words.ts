import { wordsOf } from './reading.ts'
import type { Command } from './command.ts'
import type { Token } from './reading.ts'

/** Commands that have words of their own in each language. START, UNSTOP and the carriers' words are the same in all. */
export type Keyword = 'yes' | 'in' | 'more' | 'out' | 'ok' | 'sos' | 'help' | 'no' | 'status' | 'name' | 'menu'

export const keywords: readonly Keyword[] = [
  'yes',
  'in',
  'more',
  'out',
  'ok',
  'sos',
  'help',
  'no',
  'status',
  'name',
  'menu',
]

/** What a near miss can have meant. */
export type Meant = Extract<Command, { type: 'near-miss' }>['meant']

export const meanings: readonly Meant[] = ['IN', 'OUT', 'OK', 'MORE', 'YES', 'STATUS']

/** How people write lengths and times in words. Digits with s, m, h and their like are read in every language. */
export interface LengthWords {
  seconds: readonly string[]
  minutes: readonly string[]
  hours: readonly string[]
  days: readonly string[]
  /** Stands between parts: "1 hour and 10 minutes". */
  and: readonly string[]
  /** Stands before a length: "for 90". */
  for: readonly string[]
  /** Stands before a time of day: "until 15:30". */
  until: readonly string[]
  /** Stands before a place: "at the mill". */
  at: readonly string[]
  /** "thirty": 30 */
  numbers: Readonly<Record<string, number>>
  /** In minutes. "half an hour": 30 */
  spans: Readonly<Record<string, number>>
  /** "noon": "12:00" */
  clocks: Readonly<Record<string, string>>
}

/**
 * The words of a language: `locales/<lng>/commands.json`. Any writing will do (case and accents are folded), phrases of several
 * words too. No word may be a carrier's word (carrier-words.ts).
 */
export interface CommandWords {
  commands: Readonly<Record<Keyword, readonly string[]>>
  /** Almost a command: asked, never done. */
  nearMisses: Readonly<Record<Meant, readonly string[]>>
  /** They make a text loud in the room. A word that ends in * stands for all that begin so. */
  danger: readonly string[]
  /** Politeness that changes nothing ("please"). OUT does not know it: it acts only alone. */
  polite: readonly string[]
  length: LengthWords
}

/** A language's file says only what it adds. */
export interface OwnWords {
  commands?: Partial<CommandWords['commands']>
  nearMisses?: Partial<CommandWords['nearMisses']>
  danger?: readonly string[]
  polite?: readonly string[]
  length?: Partial<LengthWords>
}

/** The words for a member who reads another language: English always works too. */
export const mergeWords = (english: CommandWords, own: OwnWords): CommandWords => ({
  commands: joinLists(keywords, english.commands, own.commands),
  nearMisses: joinLists(meanings, english.nearMisses, own.nearMisses),
  danger: [...english.danger, ...(own.danger ?? [])],
  polite: [...english.polite, ...(own.polite ?? [])],
  length: mergeLengths(english.length, own.length ?? {}),
})

const lengthLists = ['seconds', 'minutes', 'hours', 'days', 'and', 'for', 'until', 'at'] as const

export const mergeLengths = (base: LengthWords, own: Partial<LengthWords>): LengthWords => ({
  ...joinLists(lengthLists, base, own),
  numbers: { ...base.numbers, ...own.numbers },
  spans: { ...base.spans, ...own.spans },
  clocks: { ...base.clocks, ...own.clocks },
})

type Lists<K extends string> = Record<K, readonly string[]>

const joinLists = <K extends string>(keys: readonly K[], base: Lists<K>, own: Partial<Lists<K>> = {}): Lists<K> =>
  Object.fromEntries<readonly string[]>(keys.map((key) => [key, [...base[key], ...(own[key] ?? [])]])) as Lists<K>

/** Phrases to be found in a text, by their first word; of one beginning the longest first. */
export type Phrases<T> = ReadonlyMap<string, readonly { words: readonly string[]; value: T }[]>

/** Of two equal phrases the first counts. */
export const phrasesOf = <T>(entries: Iterable<readonly [string, T]>): Phrases<T> => {
  const phrases = new Map<string, { words: readonly string[]; value: T }[]>()
  for (const [phrase, value] of entries) {
    const words = wordsOf(phrase)
    const first = words[0]
    if (first === undefined) continue
    const same = phrases.get(first) ?? []
    same.push({ words, value })
    phrases.set(first, same)
  }
  for (const same of phrases.values()) same.sort((a, b) => b.words.length - a.words.length)
  return phrases
}

/** The longest phrase that stands at a token, and how many tokens it takes. */
export const phraseAt = <T>(
  phrases: Phrases<T>,
  tokens: readonly Token[],
  at: number,
): { value: T; size: number } | undefined => {
  const first = tokens[at]
  if (!first) return undefined
  const found = phrases.get(first.text)?.find(({ words }) => words.every((word, i) => tokens[at + i]?.text === word))
  return found && { value: found.value, size: found.words.length }
}
