import express from 'express'
import type { ErrorRequestHandler, Request, RequestHandler, Response, Router } from 'express'
import { MINUTE } from '../../../core/time.ts'
import type { Clock } from '../../../ports/clock.ts'
import type { Inbox, InboxItem } from '../../../ports/inbox.ts'
import type { Log, Metrics } from '../../../ports/log.ts'
import { adviceFor, troubleOf } from './errors.ts'
import { Malformed, messageFromWebhook, receiptFromWebhook } from './parse.ts'
import type { Fields } from './parse.ts'
import { signedByTwilio } from './signature.ts'

export const MESSAGES_PATH = '/sms/twilio'
export const STATUS_PATH = '/sms/twilio/status'

/** Bytes of a body. Twilio's longest is a text of 1,600 characters with its fields, some 10 kB. */
const LARGEST_BODY = 64 * 1024
/** Twilio reads the answer to a text as an order to reply. We reply by ourselves, later, and once. */
const NOTHING_TO_SAY = '<?xml version="1.0" encoding="UTF-8"?><Response></Response>'

export interface Receiving {
  /** The token and, while it is being changed, the one before it. */
  tokens: readonly string[]
  /** Where our paths begin as Twilio was told, e.g. `https://imok.example.org`. */
  bases: readonly string[]
  inbox: Pick<Inbox, 'put'>
  clock: Clock
  log: Log
  metrics: Metrics
}

type Outcome = 'stored' | 'duplicate' | 'ignored' | 'bad-signature' | 'malformed' | 'too-large' | 'store-failed'

/** The reason under which every adapter counts what it turned away. */
const rejected: Partial<Record<Outcome, string>> = {
  'bad-signature': 'signature',
  malformed: 'malformed',
  'too-large': 'too-large',
  'store-failed': 'store',
}

/** `POST /sms/twilio` and `POST /sms/twilio/status`: signature, form, inbox, and only then 200. */
export function twilioRoutes(receiving: Receiving): Router {
  const { inbox, clock, log, metrics } = receiving
  const refusals = quietly(clock, log)

  const end = (response: Response, outcome: Outcome, status: number, line?: string): void => {
    metrics.count('imok_twilio_webhooks_total', { outcome })
    const reason = rejected[outcome]
    if (reason !== undefined) metrics.count('imok_rejected_requests_total', { reason })
    if (line === undefined) response.status(status).type('text/xml').send(NOTHING_TO_SAY)
    else response.status(status).type('text/plain').send(`${line}\n`)
  }

  const signed: RequestHandler = (request, response, next) => {
    if (signedByTwilio(request, receiving.tokens, receiving.bases)) {
      next()
      return
    }
    refusals(
      'a request that Twilio did not sign was refused: if they are Twilio’s, check IMOK_PUBLIC_URL and the token',
    )
    end(response, 'bad-signature', 403, 'the signature is not Twilio’s for this address')
  }

  const keep =
    (read: (request: Request) => InboxItem | undefined): RequestHandler =>
    async (request, response) => {
      try {
        const item = read(request)
        if (!item) end(response, 'ignored', 200)
        else end(response, await inbox.put(item), 200)
      } catch (error) {
        if (error instanceof Malformed) {
          end(response, 'malformed', 400, error.message)
          return
        }
        // Whatever stopped it, it is not stored, so Twilio must not hear that it is.
        log.error('a text could not be stored; Twilio was told to try again', { code: troubleOf(error) })
        response.set('retry-after', '5')
        end(response, 'store-failed', 503, 'this could not be stored now; try again')
      }
    }

  const unreadable: ErrorRequestHandler = (error: unknown, _request, response, _next) => {
    const status = error instanceof Error && 'status' in error ? error.status : undefined
    if (status === 413) end(response, 'too-large', 413, 'the body is larger than 64 kB')
    else end(response, 'malformed', 400, 'the body is not a form in UTF-8')
  }

  const form = express.urlencoded({ extended: false, limit: LARGEST_BODY, inflate: false })
  const routes = express.Router()
  routes.post(
    MESSAGES_PATH,
    form,
    signed,
    keep((request) => messageFromWebhook(fieldsOf(request), clock.now())),
  )
  routes.post(
    STATUS_PATH,
    form,
    signed,
    keep((request) => {
      const item = receiptFromWebhook(fieldsOf(request), request.query['e'], clock.now())
      advise(item, log)
      return item
    }),
  )
  routes.use([MESSAGES_PATH, STATUS_PATH], unreadable)
  return routes
}

const fieldsOf = (request: Request): Fields => (request.body ?? {}) as Fields

/** A carrier's refusal that only the operator can end comes by callback too. */
function advise(item: InboxItem | undefined, log: Log): void {
  const trouble = item?.heard.type === 'receipt' ? item.heard.trouble : undefined
  const advice = trouble === undefined ? undefined : adviceFor(trouble)
  if (advice) log.error(advice, { code: trouble })
}

/** Warns at once, then at most once a minute with how many there were: anybody can send us rubbish. */
function quietly(clock: Clock, log: Log): (message: string) => void {
  let said = -Infinity
  let unsaid = 0
  return (message) => {
    unsaid++
    if (Math.abs(clock.now() - said) < MINUTE) return
    log.warn(message, { count: unsaid })
    said = clock.now()
    unsaid = 0
  }
}
