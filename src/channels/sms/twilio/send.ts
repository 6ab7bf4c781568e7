import { MINUTE, SECOND } from '../../../core/time.ts'
import type { Duration, Instant } from '../../../core/time.ts'
import { SendError } from '../../../ports/channel.ts'
import type { Accepted, Outgoing } from '../../../ports/channel.ts'
import type { Log } from '../../../ports/log.ts'
import type { TwilioClient } from './client.ts'
import { TwilioFault, adviceFor, isForEveryNumber, sendErrorOf, troubleOf } from './errors.ts'
import { pagesOf } from './pages.ts'

/** Seconds. What Twilio takes as ValidityPeriod. */
const SHORTEST_VALIDITY = 1
const LONGEST_VALIDITY = 36_000
/** Twilio's clock and ours may differ this much without either being wrong. */
const SLACK = MINUTE
/** How many of our own sends are remembered, to tell two equal texts to one number apart. */
const REMEMBERED = 1_000
/** Twilio writes this before every text of an account that has not been paid for. */
const TRIAL_PREFIX = 'Sent from your Twilio trial account - '

export interface Sending {
  client: TwilioClient
  /** Our number, E.164. */
  from: string
  /** Where Twilio reports how a message goes; undefined: nowhere, because nobody outside can reach us. */
  statusCallback: string | undefined
  log: Log
}

export interface Sender {
  send: (message: Outgoing) => Promise<Accepted>
  find: (message: Outgoing, others?: ReadonlySet<string>) => Promise<Accepted | undefined>
  /** Why nothing can be sent to anybody, since the last attempt; undefined when well. */
  trouble: () => string | undefined
}

export function sender(sending: Sending): Sender {
  const { client, from, statusCallback, log } = sending
  /** sid → effect id, oldest first. */
  const ours = new Map<string, string>()

  let trouble: string | undefined

  const settled = (sid: string, id: string): Accepted => {
    ours.set(sid, id)
    const [oldest] = ours.keys()
    if (ours.size > REMEMBERED && oldest !== undefined) ours.delete(oldest)
    return { providerId: sid }
  }

  return {
    trouble: () => trouble,

    /** One attempt, 15 s. Throws `SendError`; `unknown` when Twilio may have taken it although we heard no verdict. */
    send: async (message) => {
      try {
        const taken = await client.messages.create({
          to: message.to.address,
          from,
          body: message.text,
          validityPeriod: secondsWorthReading(message.validity),
          ...(statusCallback ? { statusCallback: `${statusCallback}?e=${encodeURIComponent(message.id)}` } : {}),
        })
        trouble = undefined
        if (!taken.sid) throw new TwilioFault('bad-answer', { doubtful: true })
        return settled(taken.sid, message.id)
      } catch (error) {
        const verdict = sendErrorOf(error)
        if (error instanceof TwilioFault && isForEveryNumber(error)) trouble = error.trouble
        const advice = verdict.kind === 'impossible' || verdict.kind === 'dead' ? adviceFor(verdict.trouble) : undefined
        if (advice) log.error(advice, { code: verdict.trouble })
        throw verdict
      }
    },

    /**
     * Looks for a text that may have gone out: same number, same words, not older than its first attempt. Not filtered by
     * DateSent, which a message has only once it left Twilio's queue. Throws `SendError` (`unknown`) while nobody can tell.
     */
    find: async (message, others) => {
      try {
        const search = client.messages.page({ to: message.to.address, from, pageSize: 50 })
        for await (const page of pagesOf(search, 10)) {
          const since = message.since + Math.min(client.ahead() ?? 0, 0) - SLACK
          const recent = page.filter((m) => instantOf(m.dateCreated) >= since)
          const match = recent.find(
            (m) =>
              sameWords(m.body, message.text) &&
              !gaveUp.has(m.status) &&
              others?.has(m.sid) !== true &&
              (ours.get(m.sid) ?? message.id) === message.id,
          )
          if (match) return settled(match.sid, message.id)
          if (page.length > 0 && recent.length === 0) return undefined
        }
        return undefined
      } catch (error) {
        throw new SendError('unknown', troubleOf(error))
      }
    },
  }
}

/** A text that Twilio gave up is as good as never sent: sending it again tells why. */
const gaveUp = new Set<string>(['failed', 'undelivered', 'canceled'])

const sameWords = (theirs: string, ours: string): boolean => theirs === ours || theirs === TRIAL_PREFIX + ours

/** A message without a date is as new as can be: it must not end a search. */
const instantOf = (date: Date | null): Instant => (date instanceof Date ? date.getTime() : Number.MAX_SAFE_INTEGER)

const secondsWorthReading = (validity: Duration): number =>
  Math.min(Math.max(Math.floor(validity / SECOND), SHORTEST_VALIDITY), LONGEST_VALIDITY)
