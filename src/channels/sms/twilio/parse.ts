import type { Instant } from '../../../core/time.ts'
import type { Attachment, Heard, InboxItem } from '../../../ports/inbox.ts'
import { senderAt } from '../../../ports/inbox.ts'
import { deadBy } from './errors.ts'

/** The form that a webhook brings: a name given twice becomes a list. */
export type Fields = Record<string, string | string[] | undefined>

/** The sender of a request wrote it wrongly: `message` is the one line that tells them what. */
export class Malformed extends Error {}

/** What the webhook says somebody wrote. It bears no time of Twilio's, so it has no `sentAt`. Throws `Malformed`. */
export function messageFromWebhook(fields: Fields, receivedAt: Instant): InboxItem {
  const sid = required(fields, 'MessageSid', /^[\w-]{1,64}$/)
  const from = phoneOf(required(fields, 'From', /^[^\p{Cc}]{1,64}$/u))
  const attachment = attachmentOf(fields)
  return item(sid, from, receivedAt, {
    type: 'message',
    from: { channel: 'sms', address: from },
    text: one(fields, 'Body') ?? '',
    ...(attachment ? { attachment } : {}),
  })
}

/** A message in Twilio's list, as it may really be: the library's types promise more. */
export interface Listed {
  sid?: string
  from?: string | null
  body?: string | null
  direction?: string
  numMedia?: string | null
  dateCreated?: Date | string | null
  dateSent?: Date | string | null
  subresourceUris?: Record<string, string> | null
}

/** The same message as Twilio's list shows it, under the same id. Undefined for what is not addressed to us or has no sender. */
export function messageFromList(message: Listed, receivedAt: Instant): InboxItem | undefined {
  const { sid, from: sender, direction, numMedia, body, subresourceUris } = message
  if (direction !== 'inbound' || !sid || !sender) return undefined
  const from = phoneOf(sender)
  const sentAt = stampedAt(message)
  const pictures = Number(numMedia) > 0
  const reference = pictures ? subresourceUris?.['media'] : undefined
  return item(sid, from, receivedAt, {
    type: 'message',
    from: { channel: 'sms', address: from },
    text: body ?? '',
    ...(sentAt === undefined ? {} : { sentAt }),
    ...(pictures ? { attachment: { kind: 'other', ...(reference ? { reference } : {}) } } : {}),
  })
}

/** When Twilio got it. */
export function stampedAt(message: Listed): Instant | undefined {
  const { dateCreated, dateSent } = message
  for (const date of [dateCreated, dateSent]) {
    if (date instanceof Date && Number.isFinite(date.getTime())) return date.getTime()
  }
  return undefined
}

/** How a text of ours went; undefined for a status we do not know. Throws `Malformed`. */
export function receiptFromWebhook(fields: Fields, effectId: unknown, receivedAt: Instant): InboxItem | undefined {
  const sid = required(fields, 'MessageSid', /^[\w-]{1,64}$/)
  const theirs = required(fields, 'MessageStatus', /^[\w-]{1,32}$/)
  const status = statuses.get(theirs)
  if (!status) return undefined
  const code = status === 'failed' ? Number(one(fields, 'ErrorCode') ?? NaN) : NaN
  const dead = deadBy(code)
  return {
    // One item for each word of Twilio's about each message: a repeated callback is a duplicate, a new word is not.
    id: `sms-receipt:${sid}:${theirs}`,
    sender: `sms-receipt:${sid}`,
    receivedAt,
    heard: {
      type: 'receipt',
      ...(typeof effectId === 'string' && /^[\x21-\x7e]{1,200}$/.test(effectId) ? { effectId } : {}),
      providerId: sid,
      status,
      ...(Number.isInteger(code) ? { trouble: `twilio-${code}` } : {}),
      ...(dead ? { dead } : {}),
    },
  }
}

type Receipt = Extract<Heard, { type: 'receipt' }>

const statuses = new Map<string, Receipt['status']>([
  ['accepted', 'accepted'],
  ['scheduled', 'accepted'],
  ['queued', 'accepted'],
  ['sending', 'accepted'],
  ['sent', 'sent'],
  ['delivered', 'delivered'],
  ['read', 'seen'],
  ['undelivered', 'failed'],
  ['failed', 'failed'],
  ['canceled', 'failed'],
])

const item = (sid: string, from: string, receivedAt: Instant, heard: Heard): InboxItem => ({
  id: `sms:${sid}`,
  sender: senderAt({ channel: 'sms', address: from }),
  receivedAt,
  heard,
})

/**
 * WhatsApp and RCS come through the same door with a prefix before the number. It is the same person and the same phone, so
 * a cry for help that came that way is heard as theirs; we answer by SMS.
 */
const phoneOf = (from: string): string => from.replace(/^(whatsapp|rcs):(?=\+)/, '')

/** The first picture or the place; a text has at most one attachment for us. */
function attachmentOf(fields: Fields): Attachment | undefined {
  const [latitude, longitude] = [degrees(fields, 'Latitude', 90), degrees(fields, 'Longitude', 180)]
  if (latitude !== undefined && longitude !== undefined) return { kind: 'location', latitude, longitude }
  if (!(Number(one(fields, 'NumMedia')) > 0)) return undefined
  const reference = one(fields, 'MediaUrl0')
  const kind = kinds.get((one(fields, 'MediaContentType0') ?? '').replace(/\/.*/, '')) ?? 'other'
  return { kind, ...(reference && reference.length <= 2_048 ? { reference } : {}) }
}

const kinds = new Map<string, Attachment['kind']>([
  ['image', 'photo'],
  ['audio', 'voice'],
  ['video', 'video'],
])

function degrees(fields: Fields, name: string, most: number): number | undefined {
  const text = one(fields, name)?.trim()
  const value = text ? Number(text) : NaN
  return Math.abs(value) <= most ? value + 0 : undefined // -0 would not outlive JSON
}

function required(fields: Fields, name: string, form: RegExp): string {
  const value = one(fields, name)
  if (value === undefined || value === '') throw new Malformed(`${name} is missing`)
  if (!form.test(value)) throw new Malformed(`${name} has not the form that Twilio gives it`)
  return value
}

function one(fields: Fields, name: string): string | undefined {
  const value = fields[name]
  if (Array.isArray(value)) throw new Malformed(`${name} is given more than once`)
  return value
}
