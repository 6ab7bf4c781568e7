/** The simulated admin: an owner, shown as "Admin". */
export const ADMIN = { id: '@admin:simulator', name: 'Admin' } as const

/** Characters of a text, as people count them (code points). */
const LONGEST_TEXT = 10_000
/** Kernel minutes that one request may skip: a day. */
const LONGEST_SKIP = 24 * 60

/** What a simulated phone or the simulated admin does: writes, or presses a button of message `to`. */
export type Posted =
  | { type: 'text'; from: string; text: string; replyTo?: number }
  | { type: 'tap'; from: string; label: string; to: number }

/** The sender's mistake, in one line that quotes nothing of what was sent. */
export class Malformed extends Error {
  constructor(why: string) {
    super(why)
    this.name = 'Malformed'
  }
}

/** Reads the body of `POST /simulator/messages`. Throws `Malformed`. */
export function parsePosted(body: unknown): Posted {
  const { from, text, tap, to, replyTo } = fields(body)
  if (typeof from !== 'string' || !(from === ADMIN.id || /^\+[1-9]\d{6,14}$/.test(from)))
    throw new Malformed(`"from" must be an E.164 number such as "+447700900001", or "${ADMIN.id}"`)
  if (tap !== undefined) {
    if (text !== undefined) throw new Malformed('either "text" or "tap", not both')
    if (typeof tap !== 'string') throw new Malformed('"tap" must be the label of a button')
    if (!isNumber(to)) throw new Malformed('"to" must be the number of the message whose button is pressed')
    return { type: 'tap', from, label: tap, to }
  }
  if (typeof text !== 'string') throw new Malformed('"text" must be a string')
  if (text.length > LONGEST_TEXT && Array.from(text).length > LONGEST_TEXT)
    throw new Malformed(`"text" must have at most ${LONGEST_TEXT} characters`)
  if (replyTo === undefined || replyTo === null) return { type: 'text', from, text }
  if (!isNumber(replyTo)) throw new Malformed('"replyTo" must be the number of a message')
  return { type: 'text', from, text, replyTo }
}

/** Reads the body of `POST /simulator/skip`: kernel minutes. Throws `Malformed`. */
export function parseSkip(body: unknown): number {
  const { minutes } = fields(body)
  if (typeof minutes !== 'number' || !(minutes > 0 && minutes <= LONGEST_SKIP))
    throw new Malformed(`"minutes" must be a number above 0, at most ${LONGEST_SKIP}`)
  return minutes
}

/** Reads `?after=N` of the list; without it the list is whole. Throws `Malformed`. */
export function parseAfter(after: unknown): number {
  if (after === undefined) return 0
  if (typeof after !== 'string' || !/^\d{1,15}$/.test(after))
    throw new Malformed('"after" must be a whole number, 0 or more')
  return Number(after)
}

/** `undefined` stands for a body that was not declared as JSON: a page of another site may send those unasked. */
function fields(body: unknown): Record<string, unknown> {
  if (body === undefined) throw new Malformed('send a JSON object, with content-type: application/json')
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw new Malformed('the body must be a JSON object')
  return body as Record<string, unknown>
}

const isNumber = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) > 0
