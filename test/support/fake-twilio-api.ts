import { createServer } from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text as bodyOf } from 'node:stream/consumers'

/** What goes wrong with a request. */
export type Fault =
  /** It never answers. */
  | 'hang'
  /** The connection breaks before it looked at the request. */
  | 'drop'
  /** It accepts the message and then the connection breaks: the sender cannot know. */
  | 'accept-then-drop'
  /** It accepts the message and never says so. */
  | 'accept-then-hang'
  /** An answer that is not JSON. */
  | 'garbage'
  /** A bare HTTP status, as a gateway before Twilio gives it. */
  | { status: number; retryAfter?: number | string }
  /** Twilio's own refusal. */
  | { code: number; status?: number; retryAfter?: number | string }

export interface FaultScope {
  /** Only for this number. */
  to?: string
  /** Only so often. */
  times?: number
  /** Only after so many requests that it fits. */
  after?: number
  /** Default: `send`. */
  on?: 'send' | 'list'
}

/** A message as the fake keeps it; `direction` as Twilio names it. */
export interface Kept {
  sid: string
  direction: 'inbound' | 'outbound-api'
  from: string
  to: string
  body: string
  status: string
  errorCode: number | null
  createdAt: number
  statusCallback?: string
  validityPeriod?: number
}

export interface ApiOptions {
  accountSid: string
  authToken: string
  number: string
  now: () => number
  onSent: (message: Kept) => void
}

/** HTTP statuses of Twilio's refusals; 400 for the rest. */
const statusOf: Record<number, number> = { 20003: 401, 20404: 404, 20429: 429, 20500: 500, 20503: 503 }

/** `https://www.twilio.com/docs/messaging/tutorials/advanced-opt-out`: its default words. */
const optOut = /^(stop|stopall|unsubscribe|cancel|end|quit|revoke|optout)$/i
const optIn = /^(start|yes|unstop)$/i

let serial = 0

/** The REST part of the fake: `Messages.json`, create and list. */
export class FakeTwilioApi {
  readonly messages: Kept[] = []
  readonly faults: (FaultScope & { fault: Fault })[] = []
  readonly asked = { send: 0, list: 0 }
  /** An address that the list gives as its next page, whatever there is. */
  nextPage: string | undefined
  readonly #options: ApiOptions
  readonly #stopped = new Set<string>()
  #server: Server | undefined
  #port = 0

  constructor(options: ApiOptions) {
    this.#options = options
  }

  /** Pictures, and lists of them, by their path. */
  readonly files = new Map<string, Buffer | string>()

  get url(): string {
    return `http://127.0.0.1:${this.#port}`
  }

  async listen(): Promise<void> {
    const server = createServer((request, response) => {
      this.#answer(request, response).catch(() => request.socket.destroy())
    })
    await new Promise<void>((resolve) => server.listen(this.#port, '127.0.0.1', resolve))
    this.#port = (server.address() as AddressInfo).port
    this.#server = server
  }

  async close(): Promise<void> {
    const server = this.#server
    this.#server = undefined
    if (!server) return
    const closed = new Promise((resolve) => server.close(resolve))
    server.closeAllConnections()
    await closed
  }

  cut(): void {
    this.#server?.closeAllConnections()
  }

  message(sid: string): Kept {
    const found = this.messages.find((message) => message.sid === sid)
    if (!found) throw new Error(`the fake Twilio has no message ${sid}`)
    return found
  }

  /** A phone texted us. Twilio itself obeys the opt-out words. */
  receive(from: string, body: string, at = this.#options.now()): Kept {
    if (optOut.test(body.trim())) this.#stopped.add(from)
    if (optIn.test(body.trim())) this.#stopped.delete(from)
    const to = from.startsWith('whatsapp:') ? `whatsapp:${this.#options.number}` : this.#options.number
    return this.#keep({ direction: 'inbound', from, to, body, status: 'received', createdAt: at })
  }

  #keep(message: Omit<Kept, 'sid' | 'errorCode'>): Kept {
    serial++
    const kept: Kept = { sid: `SM${serial.toString(16).padStart(32, '0')}`, errorCode: null, ...message }
    this.messages.push(kept)
    return kept
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const form = new URLSearchParams(await bodyOf(request))
    const url = new URL(request.url ?? '/', this.url)
    response.setHeader('date', new Date(this.#options.now()).toUTCString())
    const { accountSid, authToken } = this.#options
    const basic = `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString('base64')}`
    const file = this.files.get(url.pathname)
    if (file && request.headers.authorization === basic) return void response.end(file)
    if (url.pathname !== `/2010-04-01/Accounts/${accountSid}/Messages.json`) refuse(response, 20404)
    else if (request.headers.authorization !== basic) refuse(response, 20003)
    else if (request.method === 'POST') this.#send(form, request, response)
    else if (request.method === 'GET') this.#list(url, request, response)
    else refuse(response, 20004, { status: 405 })
  }

  #send(form: URLSearchParams, request: IncomingMessage, response: ServerResponse): void {
    this.asked.send++
    const to = form.get('To') ?? ''
    const fault = this.#fault('send', to)
    if (fault !== undefined && !acceptsFirst(fault)) {
      meet(fault, request, response)
      return
    }
    const code = this.#mistake(form)
    if (code !== undefined) {
      refuse(response, code)
      return
    }
    const statusCallback = form.get('StatusCallback')
    const validity = form.get('ValidityPeriod')
    const message = this.#keep({
      direction: 'outbound-api',
      from: form.get('From') ?? '',
      to,
      body: form.get('Body') ?? '',
      status: 'queued',
      createdAt: this.#options.now(),
      ...(statusCallback === null ? {} : { statusCallback }),
      ...(validity === null ? {} : { validityPeriod: Number(validity) }),
    })
    if (fault === undefined) json(response, 201, shown(message, this.#options.accountSid))
    else meet(fault, request, response)
    this.#options.onSent(message)
  }

  #mistake(form: URLSearchParams): number | undefined {
    const [to, from, body] = [form.get('To') ?? '', form.get('From') ?? '', form.get('Body') ?? '']
    const validity = Number(form.get('ValidityPeriod') ?? 36_000)
    if (to === '') return 21604
    if (!/^\+[1-9]\d{6,14}$/.test(to)) return 21211
    if (from !== this.#options.number) return 21659
    if (body === '') return 21602
    if (body.length > 1_600) return 21617
    if (!Number.isInteger(validity) || validity < 1 || validity > 36_000) return 20001
    if (form.has('StatusCallback') && !URL.canParse(form.get('StatusCallback') ?? '')) return 21609
    return this.#stopped.has(to) ? 21610 : undefined
  }

  #list(url: URL, request: IncomingMessage, response: ServerResponse): void {
    this.asked.list++
    const query = url.searchParams
    const fault = this.#fault('list', query.get('To') ?? '')
    if (fault !== undefined) {
      meet(fault, request, response)
      return
    }
    const after = Date.parse(query.get('DateSent>') ?? '1970-01-01')
    const fits = (m: Kept): boolean =>
      (!query.has('To') || m.to === query.get('To')) &&
      (!query.has('From') || m.from === query.get('From')) &&
      // A text of ours that is still queued has not been sent.
      (!query.has('DateSent>') || (m.status !== 'queued' && seconds(m.createdAt) >= after))
    const all = this.messages.filter(fits).sort((a, b) => b.createdAt - a.createdAt || (b.sid < a.sid ? -1 : 1))
    const size = Number(query.get('PageSize') ?? 50)
    const page = Number(query.get('Page') ?? 0)
    const more = all.length > (page + 1) * size
    query.set('Page', String(page + 1))
    json(response, 200, {
      messages: all.slice(page * size, (page + 1) * size).map((m) => shown(m, this.#options.accountSid)),
      page,
      page_size: size,
      next_page_uri: more ? `${url.pathname}?${query.toString()}` : null,
      uri: url.pathname,
      ...(this.nextPage === undefined ? {} : { meta: { next_page_url: this.nextPage } }),
    })
  }

  #fault(on: 'send' | 'list', to: string): Fault | undefined {
    const fits = (f: FaultScope): boolean => (f.on ?? 'send') === on && (f.to === undefined || f.to === to)
    const index = this.faults.findIndex((f) => fits(f) && (f.after === undefined || --f.after < 0))
    const found = this.faults[index]
    if (!found) return undefined
    if (found.times !== undefined && --found.times <= 0) this.faults.splice(index, 1)
    return found.fault
  }
}

const acceptsFirst = (fault: Fault): boolean => fault === 'accept-then-drop' || fault === 'accept-then-hang'

const seconds = (at: number): number => Math.floor(at / 1_000) * 1_000

function meet(fault: Fault, request: IncomingMessage, response: ServerResponse): void {
  if (fault === 'hang' || fault === 'accept-then-hang') return
  if (fault === 'drop' || fault === 'accept-then-drop') request.socket.destroy()
  else if (fault === 'garbage') response.writeHead(200).end('<html>welcome to the hotel network</html>')
  else if ('code' in fault) refuse(response, fault.code, fault)
  else {
    if (fault.retryAfter !== undefined) response.setHeader('retry-after', String(fault.retryAfter))
    response.writeHead(fault.status).end('<html>upstream trouble</html>')
  }
}

function refuse(
  response: ServerResponse,
  code: number,
  more: { status?: number; retryAfter?: number | string } = {},
): void {
  const status = more.status ?? statusOf[code] ?? 400
  if (more.retryAfter !== undefined) response.setHeader('retry-after', String(more.retryAfter))
  const message = 'The number +447700900999 and the text of the message stand in some of these sentences'
  json(response, status, { code, message, more_info: `https://www.twilio.com/docs/errors/${code}`, status })
}

function json(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

function shown(message: Kept, accountSid: string): object {
  const stamp = new Date(seconds(message.createdAt)).toUTCString().replace('GMT', '+0000')
  return {
    account_sid: accountSid,
    api_version: '2010-04-01',
    body: message.body,
    date_created: stamp,
    date_sent: message.status === 'queued' ? null : stamp,
    date_updated: stamp,
    direction: message.direction,
    error_code: message.errorCode,
    error_message: null,
    from: message.from,
    messaging_service_sid: null,
    num_media: '0',
    num_segments: '1',
    price: null,
    price_unit: 'USD',
    sid: message.sid,
    status: message.status,
    subresource_uris: { media: `/2010-04-01/Accounts/${accountSid}/Messages/${message.sid}/Media.json` },
    to: message.to,
    uri: `/2010-04-01/Accounts/${accountSid}/Messages/${message.sid}.json`,
  }
}
