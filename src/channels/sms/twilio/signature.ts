import type { Request } from 'express'
import { validateRequest } from 'twilio/lib/webhooks/webhooks.js'

/**
 * Whether Twilio signed this request: the address it was told to call, and every field. `bases` are where our paths begin
 * as seen by Twilio (`https://imok.example.org`), never the Host header: a proxy changes it and anybody can write one.
 */
export function signedByTwilio(request: Request, tokens: readonly string[], bases: readonly string[]): boolean {
  const signature = request.get('x-twilio-signature')
  if (!signature) return false
  const fields = (request.body ?? {}) as Record<string, unknown>
  return bases.some((base) =>
    // An empty token would make a signature that anybody can write.
    tokens.some((token) => token !== '' && matches(token, signature, base + request.originalUrl, fields)),
  )
}

function matches(token: string, signature: string, url: string, fields: Record<string, unknown>): boolean {
  try {
    return validateRequest(token, signature, url, fields)
  } catch {
    return false // an address that is none
  }
}
