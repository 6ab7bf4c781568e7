/**
 * What a log line may hold. Redaction is by shape, at the last moment, because whoever logs cannot be trusted to remember:
 * a field is an id, a code, a count or a time, and whatever looks like a person's number, address or words is hidden.
 */

export const HIDDEN = '[hidden]'

/** Longer than every id and code of ours; sentences are longer. */
const LONGEST_FIELD = 80
const LONGEST_MESSAGE = 200

/** Seven digits or more, however they are grouped: E.164 has at least seven, our own codes fewer. Not inside a word: an id may hold any digits. */
const numbers = /(?<![\p{L}\p{N}])\+?(?:[\p{Nd}][\s().\-/\u2010-\u2015]*){6,}[\p{Nd}](?![\p{L}\p{N}])/gu
/** E-mail, Matrix ids and handles. */
const addresses = /[^\s"'<>(),;]*@[^\s"'<>(),;]*/gu
/** A Telegram bot's token, as it stands in the addresses of its API. */
const tokens = /(?:bot)?\d{5,}:[\w-]{20,}/g

const day = /^\d{4}-\d{2}-\d{2}$/
/** Printable ASCII without spaces: a name with an accent or in another script is no code. */
const code = /^[!-~]*$/

/** The value of a field as it may be written. */
export function printable(value: unknown): string | number | boolean | undefined {
  if (typeof value === 'boolean' || value === undefined) return value
  if (typeof value === 'number') return looksLikeNumberOfPerson(value) ? HIDDEN : value
  if (typeof value !== 'string') return HIDDEN
  if (day.test(value)) return value
  return value.length > LONGEST_FIELD || !code.test(value) || holdsPrivate(value) ? HIDDEN : value
}

/** A message is written by a developer and has spaces; what slipped into it is taken out. */
export function printableMessage(message: string): string {
  // What is far too long is cut first: the patterns are quick only on lines.
  const start = message.slice(0, 10 * LONGEST_MESSAGE).normalize('NFKC')
  const text = [tokens, addresses, numbers].reduce((rest, pattern) => rest.replace(pattern, HIDDEN), start)
  const line = text.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ')
  return line.length > LONGEST_MESSAGE ? `${line.slice(0, LONGEST_MESSAGE - 1)}…` : line
}

/** Also as it stands in the query of an address: `%2B44…`. */
const unescaped = (text: string): string =>
  text.replace(/%([0-7][0-9a-f])/gi, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)))

const holdsPrivate = (text: string): boolean =>
  [tokens, addresses, numbers].some((pattern) => text.search(pattern) >= 0 || unescaped(text).search(pattern) >= 0)

/** From 2017 to 2036 in milliseconds; no telephone number has such digits (13, beginning with 15 to 20). */
const isTime = (value: number): boolean => value >= 1.5e12 && value < 2.1e12

/** A whole number of ten digits or more is a telephone number or a chat, unless it is a time. Counts and lengths are smaller. */
const looksLikeNumberOfPerson = (value: number): boolean =>
  Number.isInteger(value) && Math.abs(value) >= 1e9 && !isTime(value)
