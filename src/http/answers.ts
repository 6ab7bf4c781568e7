import type { Response } from 'express'

/** Why a request changed nothing, as `imok_rejected_requests_total` counts it. */
export type Rejection = 'too-large' | 'malformed' | 'not-loopback' | 'store'

/** Answers a request that got nothing: one line of JSON that says why, never with what was sent. */
export function refuse(response: Response, status: number, why: string, rejection?: Rejection): void {
  if (rejection) response.locals['rejection'] = rejection
  response
    .status(status)
    .set('cache-control', 'no-store')
    .type('json')
    .send(`${JSON.stringify({ error: why })}\n`)
}
