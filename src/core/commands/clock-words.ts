import { phraseAt } from './words.ts'
import type { Length } from './command.ts'
import type { Token } from './reading.ts'
import type { Phrases } from './words.ts'

type Until = Extract<Length, { kind: 'until' }>

const CLOCK = /^(\d{1,2})(?:[:.h](\d{2}))?(am|pm|h|hrs)?$/

/** What may stand behind a time of day as a word of its own. */
const HALVES: readonly (readonly [readonly string[], 'am' | 'pm' | undefined])[] = [
  [['am'], 'am'],
  [['pm'], 'pm'],
  [['a', 'm'], 'am'],
  [['p', 'm'], 'pm'],
  [['oclock'], undefined],
  [['h'], undefined],
  [['hrs'], undefined],
  [['hours'], undefined],
]

/** "15:30", "15.30", "3pm", "3 p.m.", "noon"; after "until" also "15", "1530" and "15h30". */
export const clockAt = (
  tokens: readonly Token[],
  at: number,
  words: { clocks: Phrases<string> },
  afterUntil: boolean,
): { length: Until; size: number } | undefined => {
  const named = phraseAt(words.clocks, tokens, at)
  const text = named?.value ?? tokens[at]?.text ?? ''
  const digits = afterUntil ? fourDigitClock(text) : undefined
  if (digits) return { length: digits, size: 1 }
  const found = CLOCK.exec(text)
  if (!found) return undefined
  const behind = HALVES.find(([half]) => half.every((word, i) => tokens[at + 1 + i]?.text === word))
  const half = found[3] === 'am' || found[3] === 'pm' ? found[3] : behind?.[1]
  const isClock = afterUntil || named !== undefined || half !== undefined || /^\d\d?[:.]\d\d/.test(text)
  const length = isClock ? timeOfDay(Number(found[1]), Number(found[2] ?? 0), half) : undefined
  return length && { length, size: named ? named.size : 1 + (behind?.[0].length ?? 0) }
}

/** "1530": a time of day, when it reads as one. */
export const fourDigitClock = (text: string): Until | undefined =>
  /^\d{4}$/.test(text) ? timeOfDay(Number(text.slice(0, 2)), Number(text.slice(2)), undefined) : undefined

/** Midnight may be written 24:00. */
const timeOfDay = (hour: number, minute: number, half: 'am' | 'pm' | undefined): Until | undefined => {
  if (minute > 59 || hour > 24 || (hour === 24 && minute > 0)) return undefined
  if (half === undefined) return { kind: 'until', hour: hour % 24, minute }
  if (hour === 0 || hour > 12) return undefined
  return { kind: 'until', hour: (hour % 12) + (half === 'pm' ? 12 : 0), minute }
}
