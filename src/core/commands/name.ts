import { holdsDanger } from './danger.ts'
import { writtenFrom } from './reading.ts'
import { LONGEST_NAME } from './order.ts'
import type { Command } from './command.ts'
import type { Lexicon } from './lexicon.ts'
import type { Reading } from './reading.ts'

/**
 * What somebody calls themselves, cleaned for the room: one line, no control characters, no marks that turn the writing round,
 * no quotes around it. Undefined when nothing readable is left or it is too long for one.
 */
export const cleanName = (written: string): string | undefined => {
  const line = written
    .replace(/[\p{Cc}\u2028\u2029]/gu, ' ')
    .replace(/[\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\p{Cs}]/gu, '')
    .replace(/\s+/gu, ' ')
  if (line.length > 2 * LONGEST_NAME) return undefined
  const name = line.replace(/^[\s"“”„«»:,]+|[\s"“”„«»:,;.!?]+$/gu, '')
  return /[\p{L}\p{N}]/u.test(name) && name.length <= LONGEST_NAME ? name : undefined
}

/** NAME x. A cry for help is nobody's name. */
export const nameIn = (reading: Reading, from: number, lexicon: Lexicon): Command | undefined => {
  if (holdsDanger(reading.tokens.slice(from), lexicon.danger)) return undefined
  const name = cleanName(writtenFrom(reading, from) ?? '')
  return name === undefined ? { type: 'name' } : { type: 'name', name }
}
