import type { DeadReason } from '../../../core/address.ts'
import { HOUR, SECOND } from '../../../core/time.ts'
import type { Duration } from '../../../core/time.ts'
import { SendError } from '../../../ports/channel.ts'

/**
 * What Twilio, or the way to it, answered instead of success. It never carries Twilio's own words, because they quote
 * phone numbers: only codes.
 */
export class TwilioFault extends Error {
  /** `twilio-21610`, `http-503`, `timeout`, `ECONNREFUSED`. */
  readonly trouble: string
  /** Twilio's own error code; absent when something before Twilio answered, or nothing did. */
  readonly code: number | undefined
  readonly status: number | undefined
  /** The pause Twilio asked for, in real milliseconds. */
  readonly wait: Duration | undefined
  /** Nobody can say whether Twilio acted on the request: it was handed over and no verdict came back. */
  readonly doubtful: boolean
  constructor(trouble: string, more: { code?: number; status?: number; wait?: Duration; doubtful?: boolean } = {}) {
    super(`Twilio: ${trouble}`)
    this.name = 'TwilioFault'
    this.trouble = trouble
    this.code = more.code
    this.status = more.status
    this.wait = more.wait
    this.doubtful = more.doubtful ?? false
  }
}

/** A fault from an answer that is no success. `body` is Twilio's JSON, if it was any. */
export function faultOf(status: number, body: unknown, retryAfter: string | undefined, now: number): TwilioFault {
  const code = numberIn(body, 'code')
  const wait = pauseAsked(retryAfter, now)
  return new TwilioFault(code === undefined ? `http-${status}` : `twilio-${code}`, {
    status,
    ...(code === undefined ? {} : { code }),
    ...(wait === undefined ? {} : { wait }),
    // A gateway that lost its server does not know what that server did. Twilio's own JSON error does.
    doubtful: code === undefined && (status === 502 || status === 504),
  })
}

/** Twilio's error codes (https://www.twilio.com/docs/api/errors) that are about the number: never there again. */
const aboutTheNumber: Record<number, DeadReason> = {
  21610: 'opted-out',
  21211: 'gone', // not a phone number
  21217: 'gone', // does not look like one
  30005: 'gone', // unknown to its carrier
  21214: 'undeliverable', // cannot be reached
  21408: 'undeliverable', // its country is not enabled
  21612: 'undeliverable', // no route from our number to it
  21614: 'undeliverable', // not a mobile
  30006: 'undeliverable', // a landline, or its carrier cannot be reached
}

/** Codes that mean the same for every number until the operator acts, and what to do. */
const operatorMustAct: Record<number, string> = {
  20003:
    'Twilio refuses our credentials: check IMOK_TWILIO_ACCOUNT_SID and IMOK_TWILIO_AUTH_TOKEN, and that the account is active',
  20404: 'Twilio does not know this account: check IMOK_TWILIO_ACCOUNT_SID and IMOK_TWILIO_API_URL',
  10001: 'The Twilio account is not active: open the Twilio console and settle what it asks for',
  30002: 'The Twilio account is suspended: open the Twilio console (often the balance) and ask their support',
  30004: 'A carrier blocked the message: look at the blocked message in the Twilio console and ask their support',
  30007: 'A carrier filtered the message as spam: register the sender with Twilio and ask their support',
  30034: 'The sender is not registered for US traffic: finish the A2P 10DLC registration in the Twilio console',
  21606: 'IMOK_TWILIO_FROM cannot send SMS from this account: choose an SMS-capable number of it',
  21659: 'IMOK_TWILIO_FROM is not a number of this account, or not in +44… form: correct it',
}

/** Codes that mean this text, whoever it is for. */
const aboutTheText: Record<number, string> = {
  21602: 'Twilio refused an empty text: please report this',
  21617: 'Twilio refused a text longer than 1600 characters: please report this',
}

/** What the operator should know although the number is given up, because a setting of theirs may be the cause. */
const operatorMayHelp: Record<number, string> = {
  21408: 'Twilio does not send to that country for us: enable it under Messaging > Settings > Geo permissions',
  21612: 'Twilio has no route from IMOK_TWILIO_FROM to a member: a number of their country may be needed',
}

/** One sentence for the operator, if there is something for them to do. */
export const adviceFor = (trouble: string): string | undefined => {
  const code = Number(trouble.replace(/^twilio-/, ''))
  if (trouble === 'http-401' || trouble === 'http-403') return operatorMustAct[20003]
  if (trouble === 'http-404') return operatorMustAct[20404]
  return operatorMustAct[code] ?? operatorMayHelp[code] ?? aboutTheText[code]
}

/** Why a code kills the address, if it does. */
export const deadBy = (code: number | undefined): DeadReason | undefined =>
  code === undefined ? undefined : aboutTheNumber[code]

/** Nothing can be sent to anybody until the operator acts. */
export const isForEveryNumber = ({ code, status }: TwilioFault): boolean =>
  code === undefined ? status === 401 || status === 403 || status === 404 : code in operatorMustAct

/** The verdict on a send. Codes that are in no table are temporary, with the code shown: the drain has a cap. */
export function sendErrorOf(error: unknown): SendError {
  if (error instanceof SendError) return error
  // The library could not make sense of an answer that arrived.
  if (!(error instanceof TwilioFault)) return new SendError('unknown', 'bad-answer')
  const { trouble, code, wait } = error
  const why = deadBy(code)
  if (why) return new SendError('dead', trouble, { why })
  if (error.doubtful) return new SendError('unknown', trouble)
  if (isForEveryNumber(error) || (code !== undefined && code in aboutTheText))
    return new SendError('impossible', trouble)
  return new SendError('refused', trouble, wait === undefined ? {} : { wait })
}

/** The short code for logs and operators, whatever was thrown. */
export function troubleOf(error: unknown): string {
  if (error instanceof TwilioFault || error instanceof SendError) return error.trouble
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code
  return error instanceof Error ? error.name : 'unknown'
}

/** Retry-After, in seconds or as a date; an hour at most, so that one odd answer cannot silence us for a day. */
function pauseAsked(header: string | undefined, now: number): Duration | undefined {
  if (!header) return undefined
  const wait = /^\d+$/.test(header) ? Number(header) * SECOND : Date.parse(header) - now
  return Number.isFinite(wait) && wait > 0 ? Math.min(wait, HOUR) : undefined
}

function numberIn(body: unknown, key: string): number | undefined {
  if (typeof body !== 'object' || body === null) return undefined
  const value: unknown = (body as Record<string, unknown>)[key]
  return typeof value === 'number' && Number.isInteger(value) ? value : undefined
}
