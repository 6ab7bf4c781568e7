import type { Api } from 'grammy'
import type { Update } from 'grammy/types'
import { DAY } from '../../core/time.ts'
import type { Instant } from '../../core/time.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Heard, Inbox, InboxItem } from '../../ports/inbox.ts'
import { senderAt } from '../../ports/inbox.ts'
import type { Log, Metrics } from '../../ports/log.ts'
import { troubleOf } from './errors.ts'
import { meaning } from './heard.ts'
import type { Meaning } from './heard.ts'
import type { Throttle } from './throttle.ts'

/** Groups remembered at a time. Beyond it the longest known is forgotten, and may be answered twice in a day. */
const MOST_GROUPS = 1_000

export interface ReceiveOptions {
  api: Api
  inbox: Pick<Inbox, 'put'>
  clock: Clock
  throttle: Throttle
  log: Log
  metrics: Metrics
  /** What a group is told, once a day: that imok works in a private chat. */
  groupAnswer: string
}

/** Stores what an update means. Resolves when it is durable, or means nothing; throws only when storing failed. */
export type Receive = (update: Update) => Promise<void>

export function receiver(options: ReceiveOptions): Receive {
  const { api, inbox, clock, log, metrics } = options
  const answerGroup = groupAnswers(options)
  return async (update) => {
    const meant = understood(update, log)
    metrics.count('imok_telegram_updates_total', { meaning: meant.type === 'heard' ? meant.heard.type : meant.type })
    if (meant.type === 'public') answerGroup(meant.chat)
    if (meant.type === 'heard') await inbox.put(item(`telegram:${update.update_id}`, meant.heard, clock.now()))
    const pressed = update.callback_query?.id
    // Ends the little clock on the button. The answer that counts is a message of its own.
    if (pressed !== undefined)
      api.answerCallbackQuery(pressed).catch(() => metrics.count('imok_telegram_unanswered_buttons_total'))
  }
}

/** How anything from Telegram stands in the inbox. */
export function item(id: string, heard: Heard, receivedAt: Instant): InboxItem {
  const address = 'from' in heard ? heard.from.address : ''
  return { id, sender: senderAt({ channel: 'telegram', address }), receivedAt, heard }
}

/** An update that is no update has no sender to answer: it is counted and passed, so that it does not hold up those behind it. */
function understood(update: Update, log: Log): Meaning {
  try {
    return meaning(update)
  } catch {
    log.warn('An update from Telegram could not be read', { update: update.update_id })
    return { type: 'nothing' }
  }
}

function groupAnswers({ api, clock, throttle, log, groupAnswer }: ReceiveOptions): (chat: number) => void {
  const answered = new Map<number, Instant>()
  const tell = async (chat: number): Promise<void> => {
    await throttle.turn(String(chat), 'notice')
    await api.sendMessage(chat, groupAnswer, { link_preview_options: { is_disabled: true } })
  }
  return (chat) => {
    const before = answered.get(chat)
    if (before !== undefined && clock.now() - before < DAY) return
    answered.delete(chat)
    answered.set(chat, clock.now())
    const oldest = answered.size > MOST_GROUPS ? answered.keys().next().value : undefined
    if (oldest !== undefined) answered.delete(oldest)
    tell(chat).catch((error: unknown) => log.info('A group could not be answered', { trouble: troubleOf(error) }))
  }
}
