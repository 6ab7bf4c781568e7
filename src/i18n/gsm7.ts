/** The alphabet that SMS carries 160 characters of; with any other character it is 70 (3GPP TS 23.038, 6.2.1 and its extension table). */
const alphabet = new Set(
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà^{}\\[~]|€',
)

/** Phones put these in by themselves while people type; the plain sign says the same. */
// prettier-ignore
const plain: Record<string, string> = {
  '‘': "'", '’': "'", '‚': "'", '‛': "'", '′': "'", '`': "'", '´': "'", 'ʼ': "'",
  '“': '"', '”': '"', '„': '"', '‟': '"', '″': '"', '«': '"', '»': '"',
  '‐': '-', '‑': '-', '‒': '-', '–': '-', '—': '-', '―': '-', '−': '-',
  '…': '...', '•': '-', '·': '-', '×': 'x', '\t': ' ',
  '\u00A0': ' ', '\u2002': ' ', '\u2003': ' ', '\u2007': ' ', '\u2009': ' ', '\u200A': ' ', '\u202F': ' ',
}

export const isGsm7 = (text: string): boolean => Array.from(text).every((sign) => alphabet.has(sign))

/**
 * For SMS: typographic signs become plain ones where that alone keeps the text out of UCS-2, which would more than double its
 * price and its parts. A text that needs UCS-2 anyway (an accent, another script, an emoji) stays as it was written.
 */
export function toGsm7(text: string): string {
  const mapped = Array.from(text, (sign) => plain[sign] ?? sign).join('')
  return isGsm7(mapped) ? mapped : text
}
