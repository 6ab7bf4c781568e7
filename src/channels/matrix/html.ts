/** Room texts are plain lines. As HTML: the opening and what to write stand out, what somebody wrote is a quotation, numbers can be rung by a tap. */

const escapes: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }
export const escaped = (text: string): string => text.replace(/[&<>"']/g, (c) => escapes[c] ?? c)

const phoneNumber = /\+[1-9]\d{6,14}\b/g
/** Our own lines only: `https://www.openstreetmap.org/…` and `geo:` of a place. */
const place = /\b(?:https:\/\/www\.openstreetmap\.org\/\S+|geo:-?[\d.]+,-?[\d.]+)/g

/** What to write, at the end of a line of an alarm. */
const order = /(?<=: )take \d[\d, -]*$/
/** An example of an order: its number is nobody's. */
const example = /^(?:invite|edit) /

const linked = (line: string): string => {
  const text = escaped(line).replace(order, (words) => `<code>${words}</code>`)
  if (example.test(line)) return text
  return text
    .replace(place, (link) => `<a href="${link}">${link}</a>`)
    .replace(phoneNumber, (number) => `<a href="tel:${number}">${number}</a>`)
}

/** The formatted body of a message (`org.matrix.custom.html`). */
export function html(text: string): string {
  const lines = text.split('\n')
  const parts: string[] = []
  let quotation: string[] = []
  const endQuotation = (): void => {
    if (quotation.length > 0) parts.push(`<blockquote>${quotation.join('<br>')}</blockquote>`)
    quotation = []
  }
  for (const [n, line] of lines.entries()) {
    if (line.startsWith('>')) {
      quotation.push(escaped(line.replace(/^> ?/, '')))
      continue
    }
    endQuotation()
    const isBlockBefore = parts.length === 0 || (parts.at(-1) ?? '').endsWith('</blockquote>')
    parts.push(
      `${isBlockBefore ? '' : '<br>'}${n === 0 && (lines.length > 1 || line.startsWith('#')) ? `<b>${linked(line)}</b>` : linked(line)}`,
    )
  }
  endQuotation()
  return parts.join('')
}
