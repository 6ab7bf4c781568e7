/** A word, number or emoji of a text, folded so that ways of writing the same thing are the same. */
export interface Token {
  text: string
  /** Where it starts in the text as written. */
  start: number
  emoji: boolean
}

/** A text taken apart. */
export interface Reading {
  raw: string
  tokens: readonly Token[]
  /** It began with a slash, as Telegram's commands do. */
  slash: boolean
  /** Nothing that a reader could see. */
  blank: boolean
  /** Nothing but question marks. */
  onlyAsks: boolean
}

/** Zero-width and direction marks, controls, variation selectors, skin tones and the box of keycap emoji. */
const INVISIBLE =
  /[\p{Cf}\p{Cc}\p{Emoji_Modifier}\u115f\u1160\u2800\u3164\uffa0]|\u034f|\u20e3|[\ufe00-\ufe0f]|[\u{e0100}-\u{e01ef}]/gu

/** Inside a word they vanish, so that can't, can’t and cant are one. */
const APOSTROPHES = /['’‘ʼʹ`´]/gu

/** Accents of Latin, Greek and Cyrillic letters, and the vowel signs and stretching of Arabic ones. Other scripts need theirs. */
const ACCENTS = /[\u0300-\u036f]|\u0640|[\u064b-\u065f]|\u0670/gu

/** Digits of other scripts that phones type: Arabic, Persian, Devanagari, Bengali. Normalisation leaves them alone. */
const DIGITS = /[\u0660-\u0669\u06f0-\u06f9\u0966-\u096f\u09e6-\u09ef]/gu
const ZEROS = [0x0660, 0x06f0, 0x0966, 0x09e6]

const westernDigit = (digit: string): string => {
  const code = digit.charCodeAt(0)
  return String(code - (ZEROS.findLast((zero) => zero <= code) ?? code))
}

/** Letters and digits; digits keep what stands between them (15:30, 1.5h, 1/2). A minus before a number belongs to it. */
const TOKEN =
  /\p{Extended_Pictographic}|\p{Regional_Indicator}+|(?:^[-−–](?=\d))?[\p{L}\p{M}\p{N}]+(?:(?<=\d)[.:,/](?=\d)[\p{L}\p{M}\p{N}]+)*/gu

const SLASH_WORD = /^\/([\p{L}\p{N}_]+)(?:@\w*)?/u

const FRACTIONS: Readonly<Record<string, string>> = { '¼': '.25', '½': '.5', '¾': '.75' }

/** One way of writing for all: full-width and styled letters, case, accents, apostrophes, digits, invisible characters. */
export const fold = (written: string): string =>
  written
    .replace(INVISIBLE, '')
    .replace(APOSTROPHES, '')
    .replace(/(\d?)([¼½¾])/gu, (_, whole: string, part: string) => `${whole || '0'}${FRACTIONS[part] ?? ''}`)
    .normalize('NFKC')
    .toLowerCase()
    .normalize('NFD')
    .replace(ACCENTS, '')
    .normalize('NFC')
    .replace(DIGITS, westernDigit)
    .replaceAll('ı', 'i')
    .replaceAll('⁄', '/')

/** Takes a text apart. Total, and linear in its length. */
export const read = (raw: string): Reading => {
  const tokens: Token[] = []
  let slash = false
  let blank = true
  let onlyAsks = true
  for (const chunk of raw.matchAll(/\S+/gu)) {
    let folded = fold(chunk[0])
    if (folded === '') continue
    const isFirst = blank
    blank = false
    onlyAsks &&= /^[?؟¿]+$/u.test(folded)
    const command = isFirst ? SLASH_WORD.exec(folded) : null
    if (command) {
      slash = true
      folded = (command[1] ?? '').replaceAll('_', ' ') + folded.slice(command[0].length)
    }
    const shift = command ? 1 : 0
    const isExact = folded.length + shift === chunk[0].length
    for (const match of folded.matchAll(TOKEN)) {
      const text = match[0].replace(/^[−–]/u, '-')
      const start = chunk.index + (isExact ? match.index + shift : 0)
      tokens.push({ text, start, emoji: /^[\p{Extended_Pictographic}\p{Regional_Indicator}]/u.test(text) })
    }
  }
  return { raw, tokens, slash, blank, onlyAsks: onlyAsks && !blank }
}

/** The words of a phrase, folded like a text: to compare it with one. */
export const wordsOf = (phrase: string): string[] => read(phrase).tokens.map((token) => token.text)

/** What was written from a token on, or undefined when there is nothing behind. */
export const writtenFrom = (reading: Reading, index: number): string | undefined => {
  const token = reading.tokens[index]
  return token && (reading.raw.slice(token.start).trim() || undefined)
}
