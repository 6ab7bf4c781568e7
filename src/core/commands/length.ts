import { DAY, HOUR, MINUTE, SECOND } from '../time.ts'
import { clockAt, fourDigitClock } from './clock-words.ts'
import { mergeLengths, phraseAt, phrasesOf } from './words.ts'
import type { Length } from './command.ts'
import type { Token } from './reading.ts'
import type { LengthWords, Phrases } from './words.ts'

/** A length that stands in a text. */
export interface FoundLength {
  length: Length
  /** How many tokens it takes. */
  size: number
  /** It names a unit or says "until": it can be nothing but a length. A bare number could count anything. */
  certain: boolean
}

/** How lengths are written, made ready for looking up. */
export interface LengthForms {
  units: ReadonlyMap<string, number>
  and: ReadonlySet<string>
  numbers: ReadonlyMap<string, number>
  spans: Phrases<number>
  clocks: Phrases<string>
  for: Phrases<true>
  until: Phrases<true>
  at: Phrases<true>
}

/** What every language understands, and all that an admin's order needs. */
const everywhere: LengthWords = {
  seconds: ['s', 'sec', 'secs', 'second', 'seconds'],
  minutes: ['m', 'min', 'mins', 'minute', 'minutes'],
  hours: ['h', 'hr', 'hrs', 'hour', 'hours'],
  days: ['d', 'day', 'days'],
  and: ['and'],
  for: ['for'],
  until: ['until', 'untill', 'till', 'til'],
  at: ['at'],
  numbers: {},
  spans: {},
  clocks: {},
}

export const lengthForms = (own: Partial<LengthWords>): LengthForms => {
  const words = mergeLengths(everywhere, own)
  const marks = (phrases: readonly string[]): Phrases<true> => phrasesOf(phrases.map((phrase) => [phrase, true]))
  const sizes: [readonly string[], number][] = [
    [words.seconds, SECOND],
    [words.minutes, MINUTE],
    [words.hours, HOUR],
    [words.days, DAY],
  ]
  return {
    units: new Map(sizes.flatMap(([names, size]) => names.map((name) => [name, size]))),
    and: new Set(words.and),
    numbers: new Map(Object.entries(words.numbers)),
    spans: phrasesOf(Object.entries(words.spans)),
    clocks: phrasesOf(Object.entries(words.clocks)),
    for: marks(words.for),
    until: marks(words.until),
    at: marks(words.at),
  }
}

/** For orders, which are in English. */
export const plainForms: LengthForms = lengthForms({})

/** Reads the length or time of day at a token, or undefined. Its ms are a positive safe integer; whoever applies it caps it. */
export const lengthAt = (tokens: readonly Token[], at: number, forms: LengthForms): FoundLength | undefined => {
  const until = phraseAt(forms.until, tokens, at)
  if (until) {
    const clock = clockAt(tokens, at + until.size, forms, true)
    return clock && { length: clock.length, size: until.size + clock.size, certain: true }
  }
  const lead = phraseAt(forms.for, tokens, at)?.size ?? 0
  const span = spanAt(tokens, at + lead, forms)
  if (span) return { ...span, size: lead + span.size }
  const clock = lead === 0 ? clockAt(tokens, at, forms, false) : undefined
  if (clock) return { ...clock, certain: false }
  const bare = bareMinutes(tokens[at + lead]?.text)
  return bare && { length: bare, size: lead + 1, certain: false }
}

/** A length of so many ms, when that is a length. */
const lasting = (ms: number, unit: 'seconds' | 'minutes'): Length | undefined => {
  const whole = Math.round(ms)
  return whole > 0 && Number.isSafeInteger(whole) ? { kind: 'for', ms: whole, unit } : undefined
}

/**
 * A number alone is minutes. Four digits that read as a time of day are one (as minutes they would pass every cap), and five
 * or more are a telephone number or a code, no length.
 */
const bareMinutes = (text = ''): Length | undefined => {
  if (!/^\d{1,4}$/.test(text)) return undefined
  return fourDigitClock(text) ?? lasting(Number(text) * MINUTE, 'minutes')
}

/** "90m", "1h30", "1 hour and 10 minutes", "half an hour". */
const spanAt = (tokens: readonly Token[], at: number, forms: LengthForms): FoundLength | undefined => {
  const phrase = phraseAt(forms.spans, tokens, at)
  const counted = countedAt(tokens, at, forms)
  if (phrase && phrase.size >= (counted?.size ?? 0)) {
    const length = lasting(phrase.value * MINUTE, 'minutes')
    return length && { length, size: phrase.size, certain: true }
  }
  return counted ?? hoursAndMinutes(tokens[at]?.text)
}

/** Numbers with units, the larger unit first. After hours a number without one is minutes: "1h30". */
const countedAt = (tokens: readonly Token[], at: number, forms: LengthForms): FoundLength | undefined => {
  const atoms = atomsFrom(tokens, at, forms)
  let ms = 0
  let smaller = Infinity
  let best: FoundLength | undefined
  const keep = (end: Atom, unit: number): void => {
    const length = lasting(ms, unit === SECOND ? 'seconds' : 'minutes')
    if (end.ends && length) best = { length, size: end.token - at + 1, certain: true }
  }
  for (let i = 0; i + 1 <= atoms.length; i += 2) {
    if (ms > 0 && atoms[i]?.and) i++
    const amount = atoms[i]
    if (amount?.number === undefined) break
    const next = atoms[i + 1]
    if (next?.unit === undefined) {
      const isAttached = amount.token === atoms[i - 1]?.token || amount.token === tokens.length - 1
      if (smaller !== HOUR || !isAttached || amount.number >= 60) break
      ms += amount.number * MINUTE
      keep(amount, MINUTE)
      break
    }
    if (next.unit >= smaller) break
    ms += amount.number * next.unit
    smaller = next.unit
    keep(next, next.unit)
  }
  return best
}

interface Atom {
  number?: number
  unit?: number
  and?: boolean
  token: number
  /** It is the last of its token. */
  ends: boolean
}

/** More tokens than this no length has. */
const LONGEST_LENGTH = 10
const LONGEST_TOKEN = 40

const NUMBER_AND_UNIT = /(\d+(?:[.,]\d+)?)(\p{L}*)/gu

const atomsFrom = (tokens: readonly Token[], at: number, forms: LengthForms): Atom[] => {
  const atoms: Atom[] = []
  for (let token = at; token < Math.min(tokens.length, at + LONGEST_LENGTH); token++) {
    const found = atomsOf(tokens[token]?.text ?? '', token, forms)
    if (!found) break
    atoms.push(...found)
  }
  return atoms
}

const atomsOf = (text: string, token: number, forms: LengthForms): Atom[] | undefined => {
  const number = forms.numbers.get(text)
  if (number !== undefined) return [{ number, token, ends: true }]
  const unit = forms.units.get(text)
  if (unit !== undefined) return [{ unit, token, ends: true }]
  if (forms.and.has(text)) return [{ and: true, token, ends: true }]
  if (text.length > LONGEST_TOKEN || text.replace(NUMBER_AND_UNIT, '') !== '') return undefined
  const atoms: Atom[] = []
  for (const [, digits = '', letters = ''] of text.matchAll(NUMBER_AND_UNIT)) {
    atoms.push({ number: Number(digits.replace(',', '.')), token, ends: false })
    if (letters === '') continue
    const size = forms.units.get(letters)
    if (size === undefined) return undefined
    atoms.push({ unit: size, token, ends: false })
  }
  const last = atoms.at(-1)
  if (last) last.ends = true
  return atoms
}

/**
 * "1:30" is an hour and a half: with "until" it would be a time, and read as one it would mean half a day more than was asked.
 * From four on, and with two digits, it is a time of day.
 */
const hoursAndMinutes = (text = ''): FoundLength | undefined => {
  const found = /^([0-3])[:.]([0-5]\d)$/.exec(text)
  const length = found && lasting(Number(found[1]) * HOUR + Number(found[2]) * MINUTE, 'minutes')
  return length ? { length, size: 1, certain: false } : undefined
}
