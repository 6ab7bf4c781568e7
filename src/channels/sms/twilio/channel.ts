import type { Router } from 'express'
import type { Instant } from '../../../core/time.ts'
import type { Channel } from '../../../ports/channel.ts'
import type { Clock } from '../../../ports/clock.ts'
import type { Inbox } from '../../../ports/inbox.ts'
import type { Log, Metrics } from '../../../ports/log.ts'
import { twilioClient } from './client.ts'
import { fetchMedia } from './media.ts'
import { poll } from './poll.ts'
import { reader } from './read-back.ts'
import { STATUS_PATH, twilioRoutes } from './receive.ts'
import { sender } from './send.ts'

export interface TwilioOptions {
  accountSid: string
  authToken: string
  /** Signatures made with it are accepted too, while the token is being changed. */
  authTokenPrevious?: string | undefined
  /** Our number, E.164. */
  from: string
  /** Default `https://api.twilio.com`. */
  apiUrl?: string | undefined
  /** Where the world reaches us, e.g. `https://imok.example.org`: what Twilio signs, and where it reports how texts went. */
  publicUrl?: string | undefined
  /** Where the webhook routes are served; what Twilio must have signed when there is no public URL. */
  host: string
  port: number
  /** Where Twilio reports to, if it is not the public URL: the part before `/sms/twilio/status`. */
  statusCallback?: string | undefined
  mode: 'webhook' | 'polling'
  inbox: Pick<Inbox, 'put'>
  clock: Clock
  log: Log
  metrics: Metrics
  /** Whether any session is open: then polling looks every 5 s. */
  somebodyIsOut: () => boolean
  /** Asked right before something is sent: false while another kernel may act. */
  mayAct?: (() => boolean) | undefined
  /** Real milliseconds for one request to Twilio. Default 15 s. */
  timeout?: number | undefined
}

export interface TwilioChannel extends Channel {
  /** `POST /sms/twilio` and `POST /sms/twilio/status`. */
  routes(): Router
  find: NonNullable<Channel['find']>
  readBack: NonNullable<Channel['readBack']>
  start: NonNullable<Channel['start']>
  stop: NonNullable<Channel['stop']>
  trouble: NonNullable<Channel['trouble']>
  /** The address that the operator must have told Twilio, letter by letter: signatures are checked against it. */
  readonly verifies: string
}

/** SMS by Twilio. Load this file only when Twilio is configured. */
export function twilioChannel(options: TwilioOptions): TwilioChannel {
  const { accountSid, authToken, authTokenPrevious, from, inbox, clock, log, metrics } = options
  const here = withoutSlash(options.publicUrl) ?? `http://${bracketed(options.host)}:${options.port}`
  const callback = withoutSlash(options.statusCallback) ?? withoutSlash(options.publicUrl)
  const apiUrl = withoutSlash(options.apiUrl) ?? 'https://api.twilio.com'
  const client = twilioClient({
    mayAct: options.mayAct,
    accountSid,
    authToken,
    apiUrl,
    timeout: options.timeout,
    now: () => clock.now(),
  })
  const outbound = sender({ client, from, statusCallback: callback && callback + STATUS_PATH, log })
  const read = reader({ client, to: from, inbox, clock, log, metrics })

  /** How far back the next look must reach because an earlier one failed. */
  let owed: Instant | undefined
  const readBack = async (since: Instant): Promise<void> => {
    const reach = Math.min(since, owed ?? since)
    owed = reach
    await read(reach)
    owed = undefined
  }
  const polling = poll({ clock, somebodyIsOut: options.somebodyIsOut, read: readBack })

  return {
    name: 'sms',
    doubt: 'find',
    byWebhook: options.mode === 'webhook',
    verifies: here,
    send: outbound.send,
    find: outbound.find,
    fetch: (reference, most) => fetchMedia({ apiUrl, accountSid, authToken }, reference, most),
    readBack,
    routes: () =>
      twilioRoutes({
        tokens: [authToken, ...(authTokenPrevious ? [authTokenPrevious] : [])],
        bases: callback === undefined || callback === here ? [here] : [here, callback],
        inbox,
        clock,
        log,
        metrics,
      }),
    start: () => {
      if (options.mode === 'polling') polling.start()
      return Promise.resolve()
    },
    stop: async () => {
      client.cutReads()
      await polling.stop()
    },
    trouble: () => {
      const blind = polling.blindFor()
      return blind === undefined ? outbound.trouble() : `twilio-not-read-for-${Math.round(blind / 1_000)}s`
    },
  }
}

const withoutSlash = (url: string | undefined): string | undefined => url?.replace(/\/+$/, '') || undefined

const bracketed = (host: string): string => (host.includes(':') ? `[${host}]` : host)
