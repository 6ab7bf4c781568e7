import { createHmac } from 'node:crypto'
import { EventEmitter, once } from 'node:events'
import { FakeTwilioApi } from './fake-twilio-api.ts'
import type { Fault, FaultScope, Kept } from './fake-twilio-api.ts'

export interface FakeTwilioOptions {
  accountSid?: string
  authToken?: string
  /** The number it rents to us. */
  number?: string
  /** Its clock, in milliseconds. Default: the wall clock. Stories with a clock that jumps pass theirs. */
  now?: () => number
  /** Where texts to our number are posted, e.g. `http://127.0.0.1:8080/sms/twilio`. Without it they only show in the list. */
  webhook?: string
  /** Statuses that every accepted text goes through at once, reported to its StatusCallback. Default: none, call `receipt`. */
  receipts?: string[]
}

export interface Text {
  /** False: Twilio has it, the webhook does not hear of it (late, lost or out of order: call `deliver` when it should). */
  deliver?: boolean
  /** Further fields of the webhook: `NumMedia`, `MediaUrl0`, `Latitude`. */
  fields?: Record<string, string>
  /** When Twilio got it, if not now. */
  at?: number
}

/**
 * Twilio as far as imok can see it: the message list, its rules (opt-out words, credentials, required fields), its
 * webhooks signed as Twilio signs them, and everything that goes wrong with it, on demand. Loopback only.
 *
 *     const twilio = await FakeTwilio.start({ webhook: `${kernel}/sms/twilio` })
 *     await twilio.text('+447700900001', 'IN 60')
 *     const reply = await twilio.sent('+447700900001', /OUT/)
 *     twilio.fail({ code: 21610 }, { to: '+447700900002' })
 */
export class FakeTwilio {
  readonly accountSid: string
  readonly authToken: string
  readonly number: string
  /** What to set `IMOK_TWILIO_API_URL` to. */
  get url(): string {
    return this.#api.url
  }
  webhook: string | undefined
  receipts: string[]
  readonly #api: FakeTwilioApi
  readonly #events = new EventEmitter()
  /** Requests on their way to the kernel, so that `stop` leaves nothing behind. */
  readonly #underWay = new Set<Promise<unknown>>()

  static async start(options: FakeTwilioOptions = {}): Promise<FakeTwilio> {
    const fake = new FakeTwilio(options)
    await fake.#api.listen()
    return fake
  }

  private constructor(options: FakeTwilioOptions) {
    this.accountSid = options.accountSid ?? `AC${'a1'.repeat(16)}`
    this.authToken = options.authToken ?? 'token-of-the-fake'
    this.number = options.number ?? '+447700900100'
    this.webhook = options.webhook
    this.receipts = options.receipts ?? []
    this.#events.setMaxListeners(0)
    this.#api = new FakeTwilioApi({
      accountSid: this.accountSid,
      authToken: this.authToken,
      number: this.number,
      now: options.now ?? Date.now,
      onSent: (message) => {
        this.#events.emit('sent', message)
        void this.#track(this.#reportAll(message.sid))
      },
    })
  }

  /** Pictures, and lists of them, by their path. */
  get files(): Map<string, Buffer | string> {
    return this.#api.files
  }

  /** A phone texts us. Resolves with what the webhook answered (`status` undefined: it was not called or not reached). */
  async text(from: string, body: string, text: Text = {}): Promise<{ sid: string; status?: number; answer?: string }> {
    const { sid } = this.#api.receive(from, body, text.at)
    if (text.deliver === false || !this.webhook) return { sid }
    return { sid, ...(await this.deliver(sid, text.fields ? { fields: text.fields } : {})) }
  }

  /** Calls the webhook for a text it has: again (twice), now (late), in any order. */
  deliver(
    sid: string,
    how: { fields?: Record<string, string>; signature?: string; token?: string } = {},
  ): Promise<{ status?: number; answer?: string }> {
    const message = this.#api.message(sid)
    if (!this.webhook) throw new Error('the fake Twilio was not told a webhook')
    return this.post(this.webhook, { ...inboundFields(message, this.accountSid), ...how.fields }, how)
  }

  /** Reports to the StatusCallback of a text of ours. Call it twice, late, or in any order; not calling it is a lost one. */
  async receipt(sid: string, status: string, errorCode?: number): Promise<{ status?: number; answer?: string }> {
    const message = this.#api.message(sid)
    message.status = status
    message.errorCode = errorCode ?? null
    if (!message.statusCallback) return {}
    return this.post(message.statusCallback, {
      MessageSid: sid,
      SmsSid: sid,
      SmsStatus: status,
      MessageStatus: status,
      To: message.to,
      From: message.from,
      AccountSid: this.accountSid,
      ApiVersion: '2010-04-01',
      ...(errorCode === undefined ? {} : { ErrorCode: String(errorCode) }),
    })
  }

  /** Posts a form, signed as Twilio signs it unless told otherwise. */
  async post(
    url: string,
    fields: Record<string, string>,
    how: { signature?: string; token?: string; signedUrl?: string } = {},
  ): Promise<{ status?: number; answer?: string }> {
    const signature = how.signature ?? signatureOf(how.token ?? this.authToken, how.signedUrl ?? url, fields)
    const call = fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-www-form-urlencoded; charset=UTF-8',
        'x-twilio-signature': signature,
        connection: 'close',
      },
      body: new URLSearchParams(fields),
    })
    try {
      const response = await this.#track(call)
      return { status: response.status, answer: await response.text() }
    } catch {
      return {} // nobody there: Twilio shrugs
    }
  }

  /** Everything it took for a number, oldest first, failed ones included. */
  sentTo(number: string): Kept[] {
    return this.#api.messages.filter((m) => m.direction === 'outbound-api' && m.to === number)
  }

  /** The first text to that number that matches, now or when it comes. */
  async sent(number: string, pattern = /(?:)/): Promise<Kept> {
    for (;;) {
      const found = this.sentTo(number).find((message) => pattern.test(message.body))
      if (found) return found
      await once(this.#events, 'sent')
    }
  }

  /** Resolves when it takes the next text of ours. */
  async nextSent(): Promise<void> {
    await once(this.#events, 'sent')
  }

  /** An evil list: it names another address as its next page. */
  misdirect(nextPage: string): void {
    this.#api.nextPage = nextPage
  }

  /** How often its API was asked, by `send` or `list`. */
  asked(what: FaultScope['on']): number {
    return this.#api.asked[what ?? 'send']
  }

  /** From now on requests in `scope` meet this fault; the first fault that fits counts. `{ times: 1 }` makes it pass by. */
  fail(fault: Fault, scope: FaultScope = {}): void {
    this.#api.faults.push({ fault, ...scope })
  }

  /** Everything works again. What hangs is cut. */
  heal(): void {
    this.#api.faults.length = 0
    this.#api.cut()
  }

  /** Nobody listens: connection refused. */
  down(): Promise<void> {
    return this.#api.close()
  }

  /** Listens again at the same address. */
  up(): Promise<void> {
    return this.#api.listen()
  }

  async stop(): Promise<void> {
    await Promise.allSettled(this.#underWay)
    await this.#api.close()
  }

  async #reportAll(sid: string): Promise<void> {
    for (const status of this.receipts) await this.receipt(sid, status)
  }

  #track<T>(call: Promise<T>): Promise<T> {
    this.#underWay.add(call)
    const forget = (): void => void this.#underWay.delete(call)
    call.then(forget, forget)
    return call
  }
}

/** Twilio's rule: the address, then every field's name and value in the order of their names, HMAC-SHA1 with the token. */
export function signatureOf(token: string, url: string, fields: Record<string, string>): string {
  const signed = Object.keys(fields)
    .sort()
    .reduce((text, name) => text + name + (fields[name] ?? ''), url)
  return createHmac('sha1', token).update(signed, 'utf8').digest('base64')
}

const inboundFields = (message: Kept, accountSid: string): Record<string, string> => ({
  ToCountry: 'GB',
  ToState: '',
  SmsMessageSid: message.sid,
  NumMedia: '0',
  ToCity: '',
  FromZip: '',
  SmsSid: message.sid,
  FromState: '',
  SmsStatus: 'received',
  FromCity: '',
  Body: message.body,
  FromCountry: 'GB',
  To: message.to,
  ToZip: '',
  NumSegments: '1',
  MessageSid: message.sid,
  AccountSid: accountSid,
  From: message.from,
  ApiVersion: '2010-04-01',
})
