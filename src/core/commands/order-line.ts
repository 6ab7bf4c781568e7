import { plainForms, lengthAt } from './length.ts'
import { fold, read } from './reading.ts'
import type { FoundLength } from './length.ts'

/** A word of a line in the room. */
export interface Word {
  /** Folded, without quotes and punctuation around it: to compare. Empty for a dash or an emoji. */
  plain: string
  /** As written. */
  raw: string
  start: number
  end: number
}

/** A line in the room, taken apart. */
export interface Line {
  raw: string
  /** Without those that say nothing (emoji, dashes) and without the `!imok`. */
  words: readonly Word[]
  /** It began with `!imok`: meant for us for certain, so it is never mere talk. */
  isAddressed: boolean
}

/** Longer words are no part of an order. They are not looked at, so that one endless word costs nothing. */
const LONGEST_WORD = 200

export const readLine = (raw: string): Line => {
  const words = [...raw.matchAll(/\S+/gu)].map((chunk) => wordAt(chunk[0], chunk.index))
  const visible = words.filter((word) => word.plain !== '')
  const isAddressed = /^["'“‘]?!imok\b/i.test(visible[0]?.raw.normalize('NFKC') ?? '')
  const [first, ...rest] = isAddressed ? visible.slice(1) : visible
  return { raw, words: first ? [...splitNumber(first), ...rest] : [], isAddressed }
}

const wordAt = (raw: string, start: number): Word => ({ plain: plainOf(raw), raw, start, end: start + raw.length })

/** A word to compare with others: folded, nothing around it but what means something before a name or a number. */
export const plainOf = (raw: string): string =>
  raw.length > LONGEST_WORD ? '…' : fold(raw).replace(/^[^\p{L}\p{N}@+#]+|[^\p{L}\p{M}\p{N}]+$/gu, '')

/** "take7", "say#7". */
const splitNumber = (word: Word): Word[] => {
  const found = /^(take|hand|resolve|say|note)(#?\d+)$/.exec(word.plain)
  const [, command = '', number = ''] = found ?? []
  return found
    ? [
        { ...word, plain: command },
        { ...word, plain: number },
      ]
    : [word]
}

/** `7` or `#7`. Undefined for anything else. */
export const incidentOf = (word: Word | undefined): number | undefined => {
  const number = Number(/^#?(\d{1,6})$/.exec(word?.plain ?? '')?.[1] ?? 0)
  return number > 0 ? number : undefined
}

/** It starts like a number and is none: "7-14". */
export const looksNumbered = (word: Word | undefined): boolean => /^#?\d/.test(word?.plain ?? '')

/** What stands behind a word, exactly as written but for the space around it; undefined when that is nothing. */
export const writtenAfter = (line: Line, word: Word): string | undefined => line.raw.slice(word.end).trim() || undefined

/** Some words as they were written, with single spaces between. */
export const writtenBy = (words: readonly Word[]): string => words.map((word) => word.raw).join(' ')

/** The length that these words are, all of them. */
export const lengthOf = (words: readonly Word[]): FoundLength | undefined => {
  const tokens = read(writtenBy(words)).tokens.filter((token) => !token.emoji)
  const found = tokens.length > 0 ? lengthAt(tokens, 0, plainForms) : undefined
  return found?.size === tokens.length ? found : undefined
}
