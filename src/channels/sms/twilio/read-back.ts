import { DAY, MINUTE } from '../../../core/time.ts'
import type { Instant } from '../../../core/time.ts'
import type { Clock } from '../../../ports/clock.ts'
import { REMEMBERED } from '../../../ports/inbox.ts'
import type { Inbox, InboxItem } from '../../../ports/inbox.ts'
import type { Log, Metrics } from '../../../ports/log.ts'
import type { TwilioClient } from './client.ts'
import { troubleOf } from './errors.ts'
import { pagesOf } from './pages.ts'
import { messageFromList, stampedAt } from './parse.ts'

/** A page of Twilio's has 1,000 messages at most; 50 pages are more than a group writes in three days. */
const PAGE = 1_000
const MOST_PAGES = 50

export interface Reading {
  client: TwilioClient
  /** Our number, E.164. */
  to: string
  inbox: Pick<Inbox, 'put'>
  clock: Clock
  log: Log
  metrics: Metrics
}

/**
 * Puts into the inbox every text to our number since a moment, oldest first, under the ids that the webhook gives them.
 * Resolves when all are durable. Throws `TwilioFault` when the list could not be read to its end (what was read is put
 * all the same: an SOS must not wait for a page that fails) and `StoreError`.
 */
export function reader(reading: Reading): (since: Instant) => Promise<void> {
  const { client, to, inbox, clock, log, metrics } = reading

  /** Further than this is never read, by Twilio's clock as far as it is known: a machine without a battery may boot in 1970. */
  const floor = (): Instant => clock.now() + (client.ahead() ?? 0) - REMEMBERED

  /** Where to begin: if our clock is ahead of Twilio's, `since` may be later there than it was here. */
  const beginning = (since: Instant): Instant =>
    Math.max(since + Math.max(Math.min(client.ahead() ?? 0, 0), -DAY), floor())

  const list = async (since: Instant): Promise<{ items: InboxItem[]; broke?: unknown }> => {
    const items: InboxItem[] = []
    try {
      const first = client.messages.page({ to, dateSentAfter: new Date(since), pageSize: PAGE })
      for await (const page of pagesOf(first, MOST_PAGES)) {
        const recent = page.filter((message) => (stampedAt(message) ?? Infinity) >= floor())
        for (const message of recent) {
          const item = messageFromList(message, clock.now())
          if (item) items.push(item)
        }
        if (page.length > 0 && recent.length === 0) break
      }
      return { items: inOrder(items) }
    } catch (error) {
      return { items: inOrder(items), broke: error }
    }
  }

  return async (since) => {
    const asked = beginning(since)
    let found = await list(asked)
    // The first answer told that Twilio's clock is behind ours, so we asked for too little.
    const again = beginning(since)
    if (!found.broke && again < asked - MINUTE) found = await list(again)
    let missed = 0
    for (const item of found.items) if ((await inbox.put(item)) === 'stored') missed++
    if (missed > 0) log.info('texts read back from Twilio', { count: missed })
    metrics.count('imok_twilio_read_backs_total', { outcome: found.broke ? 'failed' : 'read' })
    if (found.broke === undefined) return
    log.warn('Twilio’s list of texts could not be read', { code: troubleOf(found.broke) })
    throw found.broke as Error
  }
}

/** Oldest first. Twilio's stamps are whole seconds: within one, the list's own order (newest first) tells. */
const inOrder = (items: InboxItem[]): InboxItem[] => items.reverse().sort((a, b) => sentAt(a) - sentAt(b))

const sentAt = ({ heard }: InboxItem): Instant => (heard.type === 'message' ? (heard.sentAt ?? 0) : 0)
