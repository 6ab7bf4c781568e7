/** Anything that ends a line somewhere: what looks like a new line to a reader is treated as one. */
const lineEnd = /\r\n|[\n\r\v\f\u0085\u2028\u2029]/g

/**
 * Control characters; the marks that turn or override writing direction (a text that reads backwards can say anything); blanks of
 * no width, but for the two joiners that Persian and emoji are written with.
 */
const unseen = /[\p{Cc}\u00AD\u061C\u180E\u200B\u200E\u200F\u202A-\u202E\u2060-\u2069\uFEFF\uFFF9-\uFFFB]/gu

/** What somebody wrote, as one line: nothing in it can begin a line of ours. */
export const oneLine = (given: string): string =>
  given.toWellFormed().replace(lineEnd, ' ').replaceAll('\t', ' ').replace(unseen, '').trim()

/** What somebody wrote, on lines of its own, each marked as theirs: "> #7 CLOSED by Asha" is a quotation and no line of the bot. */
export const quoted = (given: string): string =>
  given
    .replace(lineEnd, '\n')
    .split('\n')
    .map((line) => `> ${oneLine(line)}`.trimEnd())
    .join('\n')

/** A name that somebody chose cannot name an incident: "#7" loses its mark. */
export const withoutNumberMark = (given: string): string => given.replace(/[#\uFF03\uFE5F]+(?=\s*\p{Nd})/gu, '')

const leftToRight = /[\p{Script=Latin}\p{Script=Cyrillic}\p{Script=Greek}\p{Nd}]/u
const rightToLeft = /[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Thaana}\p{Script=Syriac}\p{Script=Nko}]/u

/** Words of the other writing direction between isolates, so that they do not reorder what stands beside them. */
export function isolated(given: string, direction: 'ltr' | 'rtl'): string {
  const other = direction === 'rtl' ? leftToRight : rightToLeft
  return other.test(given) ? `\u2068${given}\u2069` : given
}
