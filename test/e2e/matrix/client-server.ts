// Requests to a homeserver as anybody with a token may make them.
import { randomUUID } from 'node:crypto'

/** A homeserver's answer that is not a 2xx; `errcode` is Matrix's (M_FORBIDDEN, M_LIMIT_EXCEEDED, …). */
export class Refused extends Error {
  readonly status: number
  readonly errcode: string
  readonly retryAfter: number | undefined // ms
  constructor(what: string, status: number, body: { errcode?: string; error?: string; retry_after_ms?: number }) {
    super(`${what}: ${status} ${body.errcode ?? ''} ${body.error ?? ''}`)
    this.status = status
    this.errcode = body.errcode ?? ''
    this.retryAfter = body.retry_after_ms
  }
}

export interface Request {
  readonly token?: string
  readonly body?: unknown
}

/** One request with a JSON answer; throws Refused for anything but a 2xx. `path` starts with "/_". */
export async function ask<Answer = Record<string, unknown>>(
  url: string,
  method: 'GET' | 'PUT' | 'POST' | 'DELETE',
  path: string,
  { token, body }: Request = {},
): Promise<Answer> {
  const response = await fetch(url + path, {
    method,
    headers: {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  const answer: unknown = text.startsWith('{') || text.startsWith('[') ? JSON.parse(text) : { error: text }
  if (!response.ok) throw new Refused(`${method} ${path}`, response.status, answer as { errcode?: string })
  return answer as Answer
}

/** Sends an event as the owner of a token; answers its event id. */
export async function sendEvent(
  url: string,
  token: string,
  roomId: string,
  type: string,
  content: Readonly<Record<string, unknown>>,
  transactionId: string = randomUUID(),
): Promise<string> {
  const path = `/_matrix/client/v3/rooms/${encodeURIComponent(roomId)}/send/${type}/${encodeURIComponent(transactionId)}`
  return (await ask<{ event_id: string }>(url, 'PUT', path, { token, body: content })).event_id
}

export interface RawEvent {
  readonly event_id: string
  readonly sender: string
  readonly type: string
  readonly content: Readonly<Record<string, unknown>>
  readonly unsigned?: Readonly<Record<string, unknown>>
  readonly origin_server_ts: number // ms since 1970
}

/** An event as the server holds it: encrypted ones stay encrypted. */
export const rawEvent = (url: string, token: string, roomId: string, eventId: string): Promise<RawEvent> =>
  ask(url, 'GET', `/_matrix/client/v3/rooms/${encodeURIComponent(roomId)}/event/${encodeURIComponent(eventId)}`, {
    token,
  })

/** Logs in with a password as a new device (or the one named). */
export const login = (
  url: string,
  user: string,
  password: string,
  deviceId?: string,
): Promise<{ access_token: string; device_id: string; user_id: string }> =>
  ask(url, 'POST', '/_matrix/client/v3/login', {
    body: {
      type: 'm.login.password',
      identifier: { type: 'm.id.user', user },
      password,
      ...(deviceId === undefined ? {} : { device_id: deviceId }),
    },
  })
