import { MatrixClient, MatrixError } from 'matrix-bot-sdk'
import type { Duration } from '../../core/time.ts'
import { SECOND } from '../../core/time.ts'
import type { Ask, MatrixApi } from './api.ts'
import { MatrixFailure } from './failure.ts'
import { stopping, useFetch } from './http.ts'

/** Real milliseconds: a send must end within its attempt (20 s). */
const WITHIN: Duration = 15 * SECOND

/** What is asked of the homeserver before anybody is signed in, or with a token. */
export interface Requester {
  request: MatrixApi['request']
}

/** Asks `homeserver` with this access token ('' for none). Every request ends in time and throws nothing but `MatrixFailure`. */
export function requester(homeserver: string, accessToken: string): Requester {
  useFetch()
  const client = new MatrixClient(homeserver.replace(/\/+$/, ''), accessToken)
  return {
    async request<Answer>(method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, ask: Ask = {}): Promise<Answer> {
      const { query, body, contentType, within = WITHIN, bytes = false, signal } = ask
      const run = (): Promise<unknown> =>
        client.doRequest(method, path, query ?? null, body ?? null, within, false, contentType, bytes)
      let answer: unknown
      try {
        answer = await (signal ? stopping.run(signal, run) : run())
      } catch (error) {
        throw failureOf(error)
      }
      // A proxy's page of HTML with status 200 is no answer of a homeserver, but what was asked may have been done.
      if (!bytes && (typeof answer !== 'object' || answer === null)) throw new MatrixFailure('unknown', 200, 'not-json')
      return answer as Answer
    },
  }
}

/** Node's codes for a connection that was never made: the server certainly heard nothing. */
const neverHeard = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
])

export function failureOf(error: unknown): MatrixFailure {
  if (error instanceof MatrixFailure) return error
  if (error instanceof MatrixError) {
    const wait = error.retryAfterMs
    const kind = error.statusCode >= 500 ? 'unknown' : 'answered'
    return new MatrixFailure(kind, error.statusCode, codeIn(error.errcode), {
      ...(typeof wait === 'number' && wait >= 0 && { wait }),
      ...(error.statusCode === 401 && { body: error.body }),
    })
  }
  const { statusCode, body } = (error ?? {}) as { statusCode?: unknown; body?: unknown }
  if (typeof statusCode === 'number') {
    const kind = statusCode >= 500 || statusCode < 400 ? 'unknown' : 'answered'
    return new MatrixFailure(kind, statusCode, `http-${String(statusCode)}`, { body: objectIn(body) })
  }
  const code = lineCode(error)
  return new MatrixFailure(neverHeard.has(code) ? 'unreachable' : 'unknown', 0, code)
}

/** An error code is shown to operators, so a server cannot put words into it. */
const codeIn = (code: unknown): string =>
  typeof code === 'string' && /^[A-Z0-9_.]{1,60}$/i.test(code) ? code : 'M_UNKNOWN'

/** User-interactive authentication answers 401 with what it needs, as JSON without an error code. */
function objectIn(body: unknown): object | undefined {
  if (typeof body === 'object' && body !== null && !Buffer.isBuffer(body)) return body
  if (typeof body !== 'string') return undefined
  try {
    const parsed: unknown = JSON.parse(body)
    return typeof parsed === 'object' && parsed !== null ? parsed : undefined
  } catch {
    return undefined
  }
}

function lineCode(error: unknown): string {
  const { name, code, cause } = (error ?? {}) as { name?: unknown; code?: unknown; cause?: unknown }
  if (name === 'TimeoutError') return 'timeout'
  if (name === 'AbortError') return 'stopped'
  if (typeof code === 'string' && /^[A-Za-z_0-9-]{2,40}$/.test(code)) return code
  return cause === undefined ? 'connection' : lineCode(cause)
}
