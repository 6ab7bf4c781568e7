import type { Reading, Token } from './reading.ts'

/**
 * Finds a cry for help that is, or looks like, an SOS. It errs to one side on purpose: an SOS too many is a telephone call, one
 * lost is a life. So it looks before every other command does, and no other command can swallow what it finds.
 */
export const findSos = (reading: Reading): { from: number; size: number } | undefined => {
  const { tokens } = reading
  const words = tokens.filter((token) => !token.emoji)
  if (isMorse(reading.raw) || isAlone(words)) return { from: 0, size: tokens.length }
  for (let at = 0; at < tokens.length; at++) {
    const size = sosAt(tokens, at)
    if (size > 0) return { from: at, size }
  }
  for (const edge of new Set([words[0], words.at(-1)])) {
    if (edge && atEdges.has(edge.text)) return { from: tokens.indexOf(edge), size: 1 }
  }
  return undefined
}

/** How many tokens from here on are an SOS wherever they stand in a text. */
const sosAt = (tokens: readonly Token[], at: number): number => {
  const text = tokens[at]?.text ?? ''
  if (anywhere.has(text) || isSpelt(text) || isSpelt(withoutAffix(text))) return 1
  return spacedSize(tokens, at)
}

/** The button, the flags that spell it, and the same letters of other alphabets. */
const anywhere: ReadonlySet<string> = new Set(['🆘', '🇸🇴🇸', 'сос', 'ѕоѕ', 'σος', 'σοσ', '5o5'])

/** Any mixture of repeated letters, with zeros for O: SSOS, SOSS, SOOS, S0S, SOSOS. Not "so", and not "soso". */
const isSpelt = (text: string): boolean => {
  if (!/^[so0]{3,}$/.test(text)) return false
  return /^(?:so)+s$/.test(text.replaceAll('0', 'o').replace(/(.)\1+/g, '$1'))
}

/** "soshelp", "helpsos", "sos1": the space was lost in the hurry. */
const withoutAffix = (text: string): string =>
  text.replace(/(?:help|me|now|pls|plz|please|emergency|\d{1,4})$|^(?:help|please|pls)/, '')

/** S O S, S.O.S., SO S: letters apart, together an SOS. Digits 5 are left out, because "50 s" is a length. */
const spacedSize = (tokens: readonly Token[], at: number): number => {
  let joined = ''
  let size = 0
  for (let next = at; next < at + 8; next++) {
    const text = tokens[next]?.text ?? ''
    if (!/^[so0]{1,3}$/.test(text)) break
    joined += text
    if (isSpelt(joined)) size = next - at + 1
  }
  return size
}

/**
 * Slips that are no words of their own: an SOS when they begin or end a text. 505 is what SOS looks like in digits; within a
 * sentence it is the number of a house.
 */
const atEdges: ReadonlySet<string> = new Set([
  ...['505', '5.0.5', 's05', '5os', 'so5'],
  // the two first or the two last letters changed places
  ...['oss', 'sso', 'ooss', 'osss', 'ssso'],
  // a key beside S
  ...['aos', 'eos', 'wos', 'xos', 'zos', 'soa', 'soz'],
  // a key beside O
  ...['sps', 'sls', 'sks', 's9s'],
  // a key beside it was touched too
  ...['sosd', 'sosw', 'sosx', 'sosz', 'dsos', 'wsos', 'spos', 'sios', 'slos'],
])

/** A text that is nothing else may be further off, and a word that exists: what else would a lone "sis" or "dos" mean here? */
const isAlone = (words: readonly Token[]): boolean => {
  const only = words[0]?.text
  if (only === undefined) return false
  if (words.length > 1)
    return words.length <= 8 && words.every((word) => /^[so05]$/.test(word.text)) && isFiveOhFive(words)
  return alone.has(only) || [0, 1, 2, 3].some((i) => only.slice(0, i) + only.slice(i + 1) === 'sos')
}

const isFiveOhFive = (words: readonly Token[]): boolean =>
  isSpelt(words.map((word) => word.text.replace('5', 's')).join(''))

const alone: ReadonlySet<string> = new Set([...['50s', 'os', 'ss'], ...['dos', 'sis', 'sod', 'soe', 'sow', 'sox']])

/** ··· −−− ···, which some phones draw with longer dashes and single dots for three. */
const isMorse = (raw: string): boolean =>
  raw.length <= 40 && /^[.·•]{3}[-–—−_]{1,3}[.·•]{3}$/u.test(raw.normalize('NFKC').replace(/\s/gu, ''))
