import { escaped, html } from './html.ts'

/** A message with these purposes ends what an alert asked for. */
export const endsAlert = new Set(['taken', 'closed', 'stand-down'])

/** Inside the ciphertext: the effect that a message carries out, so that whoever takes over can tell whether it was sent. */
export const EFFECT = 'org.imok.effect'

/** UTF-8 bytes of a body, and of its HTML, on average: a server takes 64 kB for a whole event, and encryption makes a third more of it. */
export const LARGEST_BODY = 20_000

export interface Message {
  /** Of the effect, and of the transaction. */
  id: string
  text: string
  /** Who must be woken; nobody for what is only said. */
  wake: readonly string[]
  /** `@room` too, where the bot may. */
  wakeRoom?: boolean
  /** An event that it answers. */
  replyTo?: string
}

/**
 * A message for the main timeline. Only `m.text` with the admins' ids inside the ciphertext makes a phone sound (measured);
 * an empty `m.mentions` says that nobody is meant.
 */
export function messageContent({ id, text, wake, wakeRoom = false, replyTo }: Message): Record<string, unknown> {
  return {
    msgtype: 'm.text',
    body: text,
    format: 'org.matrix.custom.html',
    formatted_body: html(text),
    'm.mentions': wake.length > 0 ? { user_ids: wake, ...(wakeRoom && { room: true }) } : {},
    ...(replyTo !== undefined && { 'm.relates_to': { 'm.in_reply_to': { event_id: replyTo } } }),
    [EFFECT]: id,
  }
}

/** The board: a notice, which never sounds; `edits`: the event that it takes the place of. */
export function boardContent(id: string, text: string, edits?: string): Record<string, unknown> {
  const content = {
    msgtype: 'm.notice',
    body: text,
    format: 'org.matrix.custom.html',
    formatted_body: html(text),
    'm.mentions': {},
  }
  if (edits === undefined) return { ...content, [EFFECT]: id }
  return {
    ...content,
    'm.new_content': content,
    'm.relates_to': { rel_type: 'm.replace', event_id: edits },
    [EFFECT]: id,
  }
}

/** It is sent twice, and a quotation mark is six bytes in HTML. */
const sizeOf = (text: string, asHtml = html): number => (Buffer.byteLength(text) + Buffer.byteLength(asHtml(text))) / 2

/** Parts of a text that fit into one event each, cut between lines where that is possible. */
export function partsOf(text: string, largest = LARGEST_BODY): string[] {
  if (sizeOf(text) <= largest) return [text]
  const parts: string[] = []
  let part = ''
  for (const line of text.split('\n').flatMap((one) => pieces(one, largest))) {
    const longer = part === '' ? line : `${part}\n${line}`
    if (sizeOf(longer) <= largest) part = longer
    else {
      parts.push(part)
      part = line
    }
  }
  return [...parts, part].filter((one) => one !== '')
}

/** Bytes for what `html` puts around a line. */
const TAGS = 50

function pieces(line: string, largest: number): string[] {
  if (sizeOf(line) <= largest) return [line]
  const found: string[] = []
  let piece = ''
  let size = 0
  for (const letter of line) {
    const more = sizeOf(letter, escaped)
    if (size + more > largest - TAGS) {
      found.push(piece)
      piece = ''
      size = 0
    }
    piece += letter
    size += more
  }
  return [...found, piece]
}
