import http from 'node:http'
import https from 'node:https'
// Beside express the whole library costs 14 MB of memory (axios, jsonwebtoken, every product), these files 1 (measured, Node 24).
import domains from 'twilio/lib/base/Domain.js'
import versions from 'twilio/lib/base/Version.js'
import { MessageListInstance } from 'twilio/lib/rest/api/v2010/account/message.js'
import type { Client, RequestOpts } from 'twilio/lib/base/BaseTwilio.js'
import { SECOND } from '../../../core/time.ts'
import type { Duration } from '../../../core/time.ts'
import { TwilioFault, faultOf } from './errors.ts'

/** Real milliseconds for one request: a send within an attempt (20 s), a look within the reading back at a restart (10 s). */
const TIMEOUT = 15 * SECOND
const LONGEST_READ = 8 * SECOND
/** Bytes of an answer: 1,000 messages are about 2 MB. */
const LARGEST_ANSWER = 16 * 1024 * 1024

export interface ClientOptions {
  accountSid: string
  authToken: string
  /** Where Twilio's API lives, e.g. `https://api.twilio.com`. */
  apiUrl: string
  timeout?: Duration | undefined
  /** Asked before something is sent, and again when nothing but the writing is left: false while another kernel may act. */
  mayAct?: (() => boolean) | undefined
  /** The kernel's clock, to compare Twilio's with. */
  now: () => number
}

export interface TwilioClient {
  messages: MessageListInstance
  /** How far Twilio's clock is ahead of ours, by its last answer; undefined before the first. */
  ahead(): Duration | undefined
  /** Ends the reads under way; sends run on, because somebody must learn how they end. */
  cutReads(): void
}

/** Twilio's library with our own way out: one attempt, one time limit, one place to go, and nothing thrown that quotes a number. */
export function twilioClient(options: ClientOptions): TwilioClient {
  const { accountSid, authToken, now } = options
  const home = new URL(options.apiUrl)
  const authorization = `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString('base64')}`
  let ahead: Duration | undefined
  let reading = new AbortController()

  const request = async ({ method = 'get', uri = '', headers, params, data }: RequestOpts) => {
    const url = new URL(uri)
    // The address of a next page comes from an answer: our credentials go nowhere else.
    if (url.origin !== home.origin) throw new TwilioFault('foreign-address')
    for (const [name, value] of Object.entries(params ?? {})) url.searchParams.append(name, String(value))
    const read = method === 'get'
    const timeout = options.timeout ?? TIMEOUT
    const limit = AbortSignal.timeout(read ? Math.min(timeout, LONGEST_READ) : timeout)
    const mayGo = (): boolean => read || options.mayAct?.() !== false
    if (!mayGo()) throw notInOffice()
    const answer = await exchange(
      url,
      {
        method: method.toUpperCase(),
        headers: { 'user-agent': 'imok', accept: 'application/json', ...headers, authorization },
        signal: read ? AbortSignal.any([limit, reading.signal]) : limit,
      },
      data === undefined ? undefined : new URLSearchParams(data as Record<string, string>).toString(),
      mayGo,
    )
    const theirs = Date.parse(answer.headers.date ?? '')
    if (Number.isFinite(theirs)) ahead = theirs - now()
    const body = parsed(answer.body)
    if (answer.status < 200 || answer.status >= 300) {
      throw faultOf(answer.status, body, answer.headers['retry-after'], now())
    }
    if (body === undefined) throw new TwilioFault('bad-answer', { status: answer.status, doubtful: true })
    return { statusCode: answer.status, body, headers: answer.headers }
  }

  const domain = new domains.default({ request } as unknown as Client, options.apiUrl)
  const version = new versions.default(domain, '2010-04-01')
  return {
    messages: MessageListInstance(version as unknown as Parameters<typeof MessageListInstance>[0], accountSid),
    ahead: () => ahead,
    cutReads: () => {
      reading.abort()
      reading = new AbortController()
    },
  }
}

interface Answer {
  status: number
  headers: http.IncomingHttpHeaders
  body: string
}

const notInOffice = (): TwilioFault => new TwilioFault('not-in-office')

/**
 * One request on a connection of its own. A kept connection that the other side just closed fails after the request was
 * handed over, which for a send would mean ten seconds of doubt. Nothing is written before the connection is there, and `mayGo`: a kernel
 * that was frozen while it was being made writes nothing (seed 870074).
 */
function exchange(
  url: URL,
  options: http.RequestOptions & { signal: AbortSignal },
  body: string | undefined,
  mayGo: () => boolean,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    let handedOver = false
    const fail = (error: NodeJS.ErrnoException): void => {
      if (error instanceof TwilioFault) reject(error)
      else reject(new TwilioFault(lineTrouble(error, options.signal), { doubtful: handedOver }))
    }
    const secure = url.protocol === 'https:'
    const request = (secure ? https : http).request(url, { ...options, agent: false }, (response) => {
      collected(response).then((text) => {
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text })
      }, fail)
    })
    const write = (): void => {
      if (!mayGo()) return void request.destroy(notInOffice())
      handedOver = true
      request.end(body)
    }
    request.once('socket', (socket) => socket.once(secure ? 'secureConnect' : 'connect', write))
    request.on('error', fail)
  })
}

async function collected(response: http.IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > LARGEST_ANSWER) throw new TwilioFault('answer-too-large', { doubtful: true })
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function lineTrouble(error: NodeJS.ErrnoException, signal: AbortSignal): string {
  if (!signal.aborted) return error.code ?? 'connection'
  const reason: unknown = signal.reason
  return reason instanceof Error && reason.name === 'TimeoutError' ? 'timeout' : 'stopped'
}

/** Undefined for what is not a JSON object. */
function parsed(body: string): object | undefined {
  try {
    const value: unknown = JSON.parse(body)
    return typeof value === 'object' && value !== null ? value : undefined
  } catch {
    return undefined
  }
}
