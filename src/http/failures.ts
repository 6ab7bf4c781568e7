import type { ErrorRequestHandler, RequestHandler } from 'express'
import type { Log } from '../ports/log.ts'
import { StoreError } from '../ports/store.ts'
import { refuse } from './answers.ts'

/** Seconds after which a provider may try again when the store could not write. */
const RETRY_AFTER = '5'

/** Nothing lives at this path. Plain, because people and scanners read it. */
export const notFound: RequestHandler = (_request, response) => {
  response.status(404).type('text/plain').send('not found\n')
}

/** For a path that exists, but not with this method. */
export const onlyMethods =
  (...allowed: string[]): RequestHandler =>
  (_request, response) => {
    response.set('allow', allowed.join(', '))
    refuse(response, 405, `only ${allowed.join(' or ')} here`)
  }

/**
 * The last handler: one line of JSON for whatever went wrong. A store that cannot write is 503 (providers try again);
 * a bad request is 4xx; anything else is our fault, 500, and logged by kind only.
 */
export function failed(log: Log): ErrorRequestHandler {
  return (error: unknown, _request, response, next) => {
    if (response.headersSent) {
      next(error)
      return
    }
    if (error instanceof StoreError) {
      log.error('request not stored', { code: error.code })
      response.set('retry-after', RETRY_AFTER)
      refuse(response, 503, 'this could not be stored now; try again', 'store')
      return
    }
    const bad = badRequest(error)
    if (bad) {
      refuse(response, bad.status, bad.why, bad.status === 413 ? 'too-large' : 'malformed')
      return
    }
    log.error('request failed', { error: error instanceof Error ? error.name : typeof error })
    refuse(response, 500, 'something went wrong here')
  }
}

const REASONS: Record<string, string> = {
  'entity.too.large': 'the body is larger than 64 kB',
  'entity.parse.failed': 'the body is not valid JSON',
  'charset.unsupported': 'the charset must be UTF-8',
  'encoding.unsupported': 'the content encoding is not supported',
  'request.size.invalid': 'the body is not as long as its content-length says',
  'request.aborted': 'the body broke off',
  'parameters.too.many': 'the form has too many fields',
}

/** What express and its body parsers blame on the sender. Their own messages quote the body, so they are not passed on. */
function badRequest(error: unknown): { status: number; why: string } | undefined {
  if (!(error instanceof Error) || !('status' in error)) return undefined
  const { status } = error
  if (typeof status !== 'number' || status < 400 || status > 499) return undefined
  const type = 'type' in error && typeof error.type === 'string' ? error.type : ''
  return { status, why: REASONS[type] ?? 'the request is malformed' }
}
