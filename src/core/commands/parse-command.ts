import { carrierWordOf } from './carrier-words.ts'
import { holdsDanger } from './danger.ts'
import { isDecoration, lexiconOf } from './lexicon.ts'
import { nameIn } from './name.ts'
import { nearMissOf } from './near-miss.ts'
import { read, writtenFrom } from './reading.ts'
import { isOnlyPolite, lengthAtEnd, readRest } from './rest.ts'
import { findSos } from './sos.ts'
import { phraseAt } from './words.ts'
import type { Command, Parsed } from './command.ts'
import type { Lexicon } from './lexicon.ts'
import type { Reading, Token } from './reading.ts'
import type { CommandWords, Keyword } from './words.ts'

export interface CommandContext {
  /** The member's language merged onto English. Keep the object: what is made from it is kept with it. */
  words: CommandWords
  /** Names of places the group knows. */
  places?: readonly string[]
}

/**
 * What a member's text asks for. Total and linear: any text of any length gets an answer. A cry for help is looked for before
 * every command, so that none can swallow it; a command acts only when nothing but a length, a time or a known place follows.
 */
export const parseCommand = (text: string, context: CommandContext): Parsed => {
  const lexicon = lexiconOf(context.words)
  const reading = splitNumber(read(text), lexicon)
  if (reading.blank) return { command: { type: 'blank' }, danger: false }
  const command = understand(reading, lexicon, context.places ?? [])
  return { command, danger: isDangerous(command, reading, lexicon) }
}

/**
 * HELP alone is a question as well as a cry (the transition decides). IN and MORE without words hold only lengths and known
 * places: 112 minutes, or a place called after the police, are no danger.
 */
const isDangerous = (command: Command, { tokens }: Reading, { danger }: Lexicon): boolean => {
  const isPlain = command.type === 'help' || command.type === 'in' || command.type === 'more'
  return !(isPlain && command.words === undefined) && holdsDanger(tokens, danger)
}

const understand = (reading: Reading, lexicon: Lexicon, places: readonly string[]): Command => {
  const sos = sosIn(reading, lexicon)
  if (sos) return sos
  if (reading.onlyAsks) return { type: 'menu' }
  return fixedWord(reading, lexicon) ?? commandIn(reading, lexicon, places) ?? almost(reading, lexicon)
}

const sosIn = (reading: Reading, lexicon: Lexicon): Command | undefined => {
  const { tokens } = reading
  const listed = tokens.findIndex((_, at) => phraseAt(lexicon.commands, tokens, at)?.value === 'sos')
  const size = phraseAt(lexicon.commands, tokens, listed)?.size ?? 0
  const found = findSos(reading) ?? (listed >= 0 ? { from: listed, size } : undefined)
  if (!found) return undefined
  const isFirst = !tokens.slice(0, found.from).some((token) => !token.emoji)
  return withWords({ type: 'sos' }, reading, isFirst ? skipSos(tokens, found.from + found.size) : 0)
}

/** "SOS SOS SOS" has no further words. */
const skipSos = (tokens: readonly Token[], from: number): number => {
  let at = from
  while (tokens[at]?.text === 'sos' || tokens[at]?.text === '🆘') at++
  return at
}

/** Words that are the same in every language: the carriers', START and UNSTOP, and what Telegram writes with a slash. */
const fixedWord = (reading: Reading, lexicon: Lexicon): Command | undefined => {
  const { tokens, slash } = reading
  const first = tokens[0]?.text
  const isAlone = isOnlyPolite(tokens, 1, lexicon)
  // No carrier sees a slash command, and people who know other check-in bots end a session so.
  if (slash && first === 'end') return behindOut(reading, 1, lexicon)
  if (slash && first === 'begin' && isAlone) return { type: 'near-miss', meant: 'IN' }
  // "/start TOKEN" is how a Telegram link opens; the token is for whoever took the message in.
  if (first === 'start' && (isAlone || slash)) return { type: 'start', word: 'START' }
  if (first === 'unstop' && isAlone) return { type: 'start', word: 'UNSTOP' }
  const carrier = carrierWordOf(tokens)
  return carrier === undefined ? undefined : { type: 'carrier', word: carrier }
}

const commandIn = (reading: Reading, lexicon: Lexicon, places: readonly string[]): Command | undefined => {
  const { tokens } = reading
  let at = 0
  while (isDecoration(tokens, at, lexicon) && !lexicon.commands.has(tokens[at]?.text ?? '')) at++
  const found = phraseAt(lexicon.commands, tokens, at)
  if (!found) return undefined
  // A letter may begin any sentence ("I am scared", "O my god"): it is a command only when it acts.
  const isLetter = found.size === 1 && /^\p{L}$/u.test(tokens[at]?.text ?? '')
  return follow(found.value, reading, at + found.size, { lexicon, places, isLetter })
}

interface Following {
  lexicon: Lexicon
  places: readonly string[]
  isLetter: boolean
}

const follow = (keyword: Keyword, reading: Reading, from: number, following: Following): Command | undefined => {
  const { lexicon, isLetter } = following
  const isAlone = isOnlyPolite(reading.tokens, from, lexicon)
  switch (keyword) {
    case 'in':
      return behindIn(reading, from, following)
    case 'more': {
      const { wordsAt, length } = readRest(reading.tokens, from, lexicon, [])
      return withWords({ type: 'more', ...(length && { length }) }, reading, wordsAt)
    }
    case 'out': {
      const out = behindOut(reading, from, lexicon)
      return isLetter && out.words !== undefined ? undefined : out
    }
    case 'ok':
      return isLetter && !isAlone ? undefined : withWords({ type: 'ok' }, reading, isAlone ? undefined : from)
    case 'sos':
      return withWords({ type: 'sos' }, reading, from)
    case 'help':
      return withWords({ type: 'help' }, reading, isAlone ? undefined : from)
    case 'no':
      // "No thanks" is not quite a no: its words are kept, and whoever asked the question decides.
      return isLetter && !isAlone
        ? undefined
        : withWords({ type: 'no' }, reading, afterDecoration(reading, from, lexicon))
    case 'name':
      return nameIn(reading, from, lexicon)
    case 'yes':
    case 'status':
    case 'menu':
      return isAlone ? { type: keyword } : undefined
  }
}

const behindIn = (reading: Reading, from: number, { lexicon, places, isLetter }: Following): Command | undefined => {
  const { length, place, wordsAt } = readRest(reading.tokens, from, lexicon, places)
  if (isLetter && wordsAt === from) return undefined
  const end = length ?? (wordsAt === undefined ? undefined : lengthAtEnd(reading.tokens, wordsAt, lexicon))
  const command = { type: 'in' as const, ...(end && { length: end }), ...(place !== undefined && { place }) }
  return withWords(command, reading, wordsAt)
}

/** OUT acts only alone: not even politeness may stand behind it. */
const behindOut = (reading: Reading, from: number, lexicon: Lexicon): Extract<Command, { type: 'out' }> =>
  withWords({ type: 'out' }, reading, afterDecoration(reading, from, lexicon))

/** Where the words begin when politeness counts as words too. */
const afterDecoration = ({ tokens }: Reading, from: number, lexicon: Lexicon): number | undefined =>
  tokens.slice(from).every((_, i) => isDecoration(tokens, from + i, lexicon)) ? undefined : from

const almost = (reading: Reading, lexicon: Lexicon): Command => {
  // Somebody in danger is passed on, not asked what they meant.
  const meant = holdsDanger(reading.tokens, lexicon.danger) ? undefined : nearMissOf(reading.tokens, lexicon)
  return meant ? { type: 'near-miss', meant } : { type: 'other' }
}

const withWords = <C extends Command>(
  command: C,
  reading: Reading,
  from: number | undefined,
): C & { words?: string } => {
  const words = from === undefined ? undefined : writtenFrom(reading, from)
  return words === undefined ? command : { ...command, words }
}

/** "in90" lost its space. */
const splitNumber = (reading: Reading, lexicon: Lexicon): Reading => {
  const [first, ...rest] = reading.tokens
  const found = first && /^(\p{L}{2,})(\d.*)$/u.exec(first.text)
  const [, word = '', number = ''] = found ?? []
  const keyword = lexicon.commands.get(word)?.find((phrase) => phrase.words.length === 1)?.value
  if (!first || (keyword !== 'in' && keyword !== 'more')) return reading
  return { ...reading, tokens: [{ ...first, text: word }, { ...first, text: number }, ...rest] }
}
