import type { Api } from 'grammy'
import type { InlineKeyboardMarkup } from 'grammy/types'
import { SendError } from '../../ports/channel.ts'
import type { Accepted, Outgoing } from '../../ports/channel.ts'
import { movedTo, refusal, sendError } from './errors.ts'

/** The Bot API's limit for one message, in UTF-16 units. */
const LONGEST_TEXT = 4_096
/** The Bot API's limit for what a button sends back, in bytes. */
const LONGEST_DATA = 64
const BUTTONS_IN_A_ROW = 2

/** Sends one message, following a chat that moved. `moved` hears where to. Throws `SendError`. */
export async function send(api: Api, message: Outgoing, moved: (to: string) => Promise<void>): Promise<Accepted> {
  const chat = chatId(message.to.address)
  try {
    return await deliver(api, chat, message)
  } catch (error) {
    const to = movedTo(error)
    if (to === undefined) throw sendError(error)
    const accepted = await deliver(api, chatId(to), message).catch((again: unknown) => {
      throw sendError(again)
    })
    await moved(to)
    return accepted
  }
}

function chatId(address: string): number {
  const chat = Number(address)
  if (!/^-?\d+$/.test(address) || !Number.isSafeInteger(chat)) throw new SendError('impossible', 'telegram-address')
  return chat
}

/**
 * Plain text without parse_mode, because members' words stand in it and may look like markup. Not `protect_content`: it keeps
 * nothing from whoever holds the phone, and takes from the member the copying and forwarding that help ("tell a friend too").
 */
async function deliver(api: Api, chat: number, message: Outgoing): Promise<Accepted> {
  const text = fitting(message.text)
  const plain = { link_preview_options: { is_disabled: true } }
  const buttons = keyboard(message.choices)
  try {
    const sent = await api.sendMessage(chat, text, { ...plain, ...(buttons && { reply_markup: buttons }) })
    return { providerId: String(sent.message_id) }
  } catch (error) {
    if (!buttons || !/BUTTON|keyboard|reply markup/i.test(refusal(error)?.description ?? '')) throw error
    // An alert is not lost for its decoration.
    const sent = await api.sendMessage(chat, text, plain)
    return { providerId: String(sent.message_id) }
  }
}

/** Cut where Telegram would refuse it; what is left out is marked by an ellipsis. */
function fitting(text: string): string {
  const whole = text.toWellFormed()
  if (whole.length <= LONGEST_TEXT) return whole
  return whole.slice(0, LONGEST_TEXT - 1).replace(/[\uD800-\uDBFF]$/, '') + '…'
}

/** A button that cannot carry what it says is left out: the text says what to write. */
function keyboard(choices: Outgoing['choices']): InlineKeyboardMarkup | undefined {
  const buttons = choices
    .filter(({ label, says }) => label.trim() !== '' && says !== '' && Buffer.byteLength(says) <= LONGEST_DATA)
    .map(({ label, says }) => ({ text: label, callback_data: says }))
  if (buttons.length === 0) return undefined
  const rows = Array.from({ length: Math.ceil(buttons.length / BUTTONS_IN_A_ROW) }, (_, row) =>
    buttons.slice(row * BUTTONS_IN_A_ROW, (row + 1) * BUTTONS_IN_A_ROW),
  )
  return { inline_keyboard: rows }
}
