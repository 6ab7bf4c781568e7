import type { CallbackQuery, ChatMemberUpdated, Message, Update } from 'grammy/types'
import type { Address } from '../../core/address.ts'
import { LONGEST_NAME } from '../../core/commands/order.ts'
import { SECOND } from '../../core/time.ts'
import type { Heard } from '../../ports/inbox.ts'
import { attachmentOf } from './attachment.ts'
import { richWords } from './rich-words.ts'

/** Telegram's own limit is 4,096; ours is the same for every channel. */
const LONGEST_TEXT = 10_000

/** What an update means to us. */
export type Meaning =
  | { type: 'heard'; heard: Heard }
  /** A group or a channel: nobody's private line. `chat` wants to be told so. */
  | { type: 'public'; chat: number }
  /** Nothing that a person said. */
  | { type: 'nothing' }

/** The kinds of updates that we ask Telegram for. */
export const wanted = ['message', 'edited_message', 'channel_post', 'callback_query', 'my_chat_member'] as const

const nothing: Meaning = { type: 'nothing' }

export const telegram = (chat: number | string): Address => ({ channel: 'telegram', address: String(chat) })

/** Reads one update. Total for what the Bot API describes; throws `TypeError` for what it does not. */
export function meaning(update: Update): Meaning {
  if (update.message) return fromMessage(update.message, false)
  if (update.edited_message) return fromMessage(update.edited_message, true)
  if (update.channel_post) return { type: 'public', chat: update.channel_post.chat.id }
  if (update.callback_query) return fromButton(update.callback_query)
  if (update.my_chat_member) return fromMembership(update.my_chat_member)
  return nothing
}

function fromMessage(message: Message, edited: boolean): Meaning {
  const { chat } = message
  if (message.migrate_to_chat_id !== undefined)
    return {
      type: 'heard',
      heard: { type: 'moved', from: telegram(chat.id), to: telegram(message.migrate_to_chat_id) },
    }
  if (chat.type !== 'private') return edited ? nothing : { type: 'public', chat: chat.id }
  if (isService(message)) return nothing
  const who = { from: telegram(chat.id), ...named(message.from?.first_name ?? chat.first_name) }
  const text = words(message)
  const token = edited ? undefined : /^\/start(?:@\w+)?\s+([A-Za-z0-9_-]{1,64})\s*$/.exec(text)?.[1]
  if (token !== undefined) return { type: 'heard', heard: { type: 'link', token, ...who } }
  const attachment = attachmentOf(message) ?? (text === '' ? ({ kind: 'other' } as const) : undefined)
  return {
    type: 'heard',
    heard: {
      type: 'message',
      ...who,
      // Menus of clients that also show groups write /in@name_of_the_bot.
      text: text.replace(/^(\/\w+)@\w+/, '$1'),
      ...(attachment && { attachment }),
      sentAt: (message.edit_date ?? message.date) * SECOND,
      ...(edited && { edited }),
    },
  }
}

const words = (message: Message): string =>
  bounded(message.text ?? message.caption ?? (message.rich_message ? richWords(message.rich_message) : ''))

const bounded = (text: string): string => text.slice(0, LONGEST_TEXT).toWellFormed()

/** What Telegram notes in a private chat by itself, without anybody having said anything. */
const isService = (message: Message): boolean =>
  message.pinned_message !== undefined ||
  message.message_auto_delete_timer_changed !== undefined ||
  message.chat_background_set !== undefined ||
  message.write_access_allowed !== undefined

/** Pressing is the same as writing what the button says. Queries carry no time of their own. */
function fromButton({ from, message, data }: CallbackQuery): Meaning {
  if (data === undefined || (message && message.chat.type !== 'private')) return nothing
  return {
    type: 'heard',
    heard: {
      type: 'message',
      from: telegram(message?.chat.id ?? from.id),
      text: bounded(data),
      button: true,
      ...named(from.first_name),
    },
  }
}

function fromMembership({ chat, old_chat_member: before, new_chat_member: now }: ChatMemberUpdated): Meaning {
  const outside = (status: string): boolean => status === 'kicked' || status === 'left'
  if (chat.type === 'private') {
    if (!outside(now.status)) return nothing
    return { type: 'heard', heard: { type: 'line-cut', from: telegram(chat.id), why: 'blocked' } }
  }
  return outside(before.status) && !outside(now.status) ? { type: 'public', chat: chat.id } : nothing
}

/** Control and direction characters are dropped: a name must not be able to look like a line of ours. */
function named(given: string | undefined): { displayName?: string } {
  const name = Array.from((given ?? '').replace(/\p{C}/gu, ' ').replace(/\s+/g, ' ').trim())
    .slice(0, LONGEST_NAME)
    .join('')
    .trim()
  return name === '' ? {} : { displayName: name }
}
