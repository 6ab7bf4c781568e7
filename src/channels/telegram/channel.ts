import { createHmac } from 'node:crypto'
import { SECOND } from '../../core/time.ts'
import type { Duration } from '../../core/time.ts'
import { SendError } from '../../ports/channel.ts'
import type { Accepted, Channel, Outgoing } from '../../ports/channel.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Inbox } from '../../ports/inbox.ts'
import type { Log, Metrics } from '../../ports/log.ts'
import { botApi } from './bot-api.ts'
import { advice } from './errors.ts'
import { fetchFile } from './file.ts'
import { telegram } from './heard.ts'
import { introduction } from './introduce.ts'
import type { CommandMenu, Introduction } from './introduce.ts'
import { poller } from './poll.ts'
import type { Poller } from './poll.ts'
import { reader } from './read.ts'
import { item, receiver } from './receive.ts'
import { send } from './send.ts'
import { throttle } from './throttle.ts'

/** Of one request to send, in real milliseconds: with the longest wait for a turn (4 s) it stays within an attempt (20 s). */
const SEND_LIMIT: Duration = 15 * SECOND
/** Longer than any long poll, which has a limit of its own. */
const POLL_LIMIT: Duration = 60 * SECOND

export interface TelegramOptions {
  token: string
  /** Where the Bot API is: `https://api.telegram.org`, or another server that speaks it. */
  apiUrl?: string
  inbox: Pick<Inbox, 'put'>
  clock: Clock
  log: Log
  metrics: Metrics
  /** Shown when somebody types `/`, one menu for each language. */
  menus?: CommandMenu[]
  /** What a group or a channel is told, at most once a day: that imok works in a private chat. Rendered. */
  groupAnswer: string
  /** Real milliseconds: of one request to send (15 s), and of a request to read beyond its long poll (8 s). Tests shorten them. */
  limits?: { send?: Duration; read?: Duration }
  /** Asked right before a request leaves: false while another kernel may act. */
  mayAct?: () => boolean
}

export interface TelegramChannel extends Channel {
  /** Of the bot, for `https://t.me/<name>?start=<token>`; undefined until Telegram has told it. */
  username(): string | undefined
}

/** Everything that needs grammY, made when it is first used. */
interface Line {
  poller: Poller
  introduction: Introduction
  send: (message: Outgoing) => Promise<Accepted>
  fetch: NonNullable<Channel['fetch']>
}

/** Telegram by long polling: what comes goes into the inbox before it is confirmed, what goes leaves alerts first. */
export function telegramChannel(options: TelegramOptions): TelegramChannel {
  let opened: Promise<Line> | undefined
  let line: Line | undefined
  const open = (): Promise<Line> =>
    (opened ??= connect(options).then((made) => {
      line = made
      return made
    }))
  return {
    name: 'telegram',
    doubt: 'cannot-tell',
    send: async (message) => (await open()).send(message),
    fetch: async (reference, most) => (await open()).fetch(reference, most),
    // Updates wait at Telegram until they are confirmed, for a day at most: whatever `since` is, all of them are read.
    readBack: async () => (await open()).poller.caughtUp(),
    start: async () => (await open()).poller.start(),
    stop: async () => (await opened)?.poller.stop(),
    trouble: () => (line ? line.poller.trouble() : 'starting'),
    username: () => line?.introduction.username(),
  }
}

async function connect(options: TelegramOptions): Promise<Line> {
  const { token, apiUrl = 'https://api.telegram.org', inbox, clock, log, metrics } = options
  const out = await botApi(token, apiUrl, options.limits?.send ?? SEND_LIMIT, options.mayAct)
  const poll = await botApi(token, apiUrl, POLL_LIMIT, options.mayAct)
  const pace = throttle(clock)
  const introduced = introduction(out, options.menus ?? [], log)
  const receive = receiver({ ...options, api: out, throttle: pace })

  /** A chat that moved is told to the inbox, so that the member's address follows. */
  const moved = async (from: string, to: string): Promise<void> => {
    const heard = { type: 'moved', from: telegram(from), to: telegram(to) } as const
    // Ids of items are neither sealed nor hidden from logs, and those of chats are people's.
    const id = createHmac('sha256', token).update(`${from} ${to}`).digest('base64url')
    await inbox.put(item(`telegram:moved:${id}`, heard, clock.now())).catch(() => {
      // The message is through. The next one meets the same answer and reports the move again.
      log.warn('A chat that moved could not be noted')
    })
  }

  return {
    poller: poller({
      api: poll,
      read: reader(poll, receive, options.limits?.read),
      clock,
      log,
      metrics,
      onWell: () => void introduced.make(),
    }),
    introduction: introduced,
    fetch: (reference, most) => fetchFile(out, { token, apiUrl }, reference, most),
    async send(message) {
      await pace.turn(message.to.address, message.urgency)
      try {
        return await send(out, message, (to) => moved(message.to.address, to))
      } catch (error) {
        const hint = error instanceof SendError ? advice(error.trouble) : undefined
        if (hint !== undefined) log.error(hint, { effect: message.id })
        throw error
      }
    },
  }
}
