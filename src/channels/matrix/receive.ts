import { createHash } from 'node:crypto'
import type { Duration, Instant } from '../../core/time.ts'
import { HOUR, SECOND } from '../../core/time.ts'
import type { Text } from '../../core/texts.ts'
import { text } from '../../core/texts.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Heard, Inbox } from '../../ports/inbox.ts'
import type { Log, Metrics } from '../../ports/log.ts'
import type { Accepted, AcceptOptions, Inner, Refusal, TimelineEvent } from './accept.ts'
import { accept, NO_IDENTITY } from './accept.ts'
import { PollUnread } from './own-poll.ts'
import { personOf } from './people.ts'
import { voteIn } from './poll.ts'
import type { SmallValues } from './small-values.ts'

/** Characters of a line that can be an order; what is longer is talk, whatever it begins with. */
const LONGEST = 4_000
/** Characters of an event's id, as the specification has it. */
const LONGEST_ID = 255

/** How long a message may wait for its key before the room is told, and before it is given up. Real milliseconds. */
const PATIENCE: Duration = 10 * SECOND
const GIVEN_UP: Duration = HOUR
/** Of messages that wait; a server that invents more fills nobody's disk. */
const MOST_WAITING = 100

const WAITING = 'receive:waiting'

/** Of a vote that waits: the poll could not be read. */
const POLL = 'PollUnread'

interface Waiting {
  event: TimelineEvent
  since: Instant
  told?: boolean
}

/** Says something to the room, once for each id; `once`: not again under that name within the hour. */
export type Tell = (id: string, body: Text[], options?: { once?: string; loud?: boolean }) => Promise<void>

/** The names are kept, and hold ids that the server chose. */
export function withShortNames(tell: Tell): Tell {
  const short = (name: string): string =>
    name.length <= LONGEST_ID ? name : createHash('sha256').update(name).digest('base64url')
  return (id, body, { once, ...more } = {}) =>
    tell(short(id), body, { ...more, ...(once !== undefined && { once: short(once) }) })
}

export interface ReceiveOptions {
  accepting: AcceptOptions
  values: SmallValues
  inbox: Inbox
  /** What an answer of a poll of ours says. */
  says: (poll: string, answer: string) => Promise<string | undefined>
  /** Somebody wants to compare emojis with the bot: it says that it does not. Never rejects. */
  decline: (event: TimelineEvent, inner: Inner) => Promise<unknown>
  /** Asks the server for a sender's devices anew. */
  refresh: (user: string) => Promise<void>
  tell: Tell
  clock: Clock
  log: Log
  metrics: Metrics
}

export interface Receiver {
  /** Stores what an event says, if it is somebody's word; resolves when it is durable. Throws only what a store throws. */
  take: (roomId: string, event: TimelineEvent) => Promise<void>
  /** Looks again at what waited for its key. */
  again: (roomId: string) => Promise<void>
  isWaiting: () => boolean
}

export function receiver(options: ReceiveOptions): Receiver {
  const { accepting, values, inbox, says, decline, refresh, tell, clock, log, metrics } = options
  const { admins, state } = accepting
  let waiting = JSON.parse(values.get(WAITING) ?? '[]') as Waiting[]

  /** When a sender's devices were last asked for because of a message: nobody can make us ask at each. */
  const asked = new Map<string, Instant>()

  const keep = (next: Waiting[]): void => {
    waiting = next
    values.set({ [WAITING]: next.length === 0 ? undefined : JSON.stringify(next) })
  }

  const take = async (roomId: string, event: TimelineEvent): Promise<void> => {
    if (event.type === 'm.reaction' && admins.some(({ id }) => id === event.sender))
      return tell(`reaction:${event.event_id}`, [text('room.reaction', { name: state.nameOf(event.sender) })], {
        once: 'reaction',
      })
    let missing = await read(roomId, event)
    const lately = clock.now() - (asked.get(event.sender) ?? -Infinity)
    if (missing !== undefined && lately > PATIENCE * clock.speed) {
      // Most often the sender has a new device that nobody has asked for yet.
      asked.set(event.sender, clock.now())
      await refresh(event.sender)
      missing = await read(roomId, event)
    }
    if (missing !== undefined) await hold(event)
  }

  const hold = async (event: TimelineEvent): Promise<void> => {
    if (waiting.some((it) => it.event.event_id === event.event_id)) return
    const all = [...waiting, { event, since: clock.now() }]
    for (const dropped of all.slice(0, -MOST_WAITING))
      if (dropped.told !== true) await unreadable(dropped.event, 'too-many')
    keep(all.slice(-MOST_WAITING))
  }

  /** Acts on it if it can be read now; else resolves with what is missing, in one word for the log. */
  const read = async (roomId: string, event: TimelineEvent): Promise<string | undefined> => {
    const verdict = await accept(accepting, roomId, event)
    if (verdict.type === 'waits') return verdict.code
    if (verdict.type === 'refused') await refuse(event, verdict.why)
    if (verdict.type !== 'accepted') return undefined
    try {
      await settle(event, verdict)
      return undefined
    } catch (error) {
      if (error instanceof PollUnread) return POLL
      throw error
    }
  }

  const settle = async (event: TimelineEvent, { inner, heard }: Accepted): Promise<void> => {
    if (isVerification(inner)) await decline(event, inner)
    const order = await orderIn(event, inner)
    if (order) {
      const item = { id: `matrix:${event.event_id}`, sender: `matrix:${event.sender}`, receivedAt: clock.now() }
      await inbox.put({ ...item, heard: order })
    }
    heard()
  }

  const orderIn = async (event: TimelineEvent, inner: Inner): Promise<Heard | undefined> => {
    const admin = admins.find(({ id }) => id === event.sender)
    if (!admin) return undefined
    const by = personOf(admin, admins, state)
    const vote = voteIn(inner.type, inner.content)
    if (vote) {
      const said = vote.answer === undefined ? undefined : await says(vote.poll, vote.answer)
      return said === undefined ? undefined : { type: 'order', by, text: said, button: true }
    }
    const words = wordsIn(inner)
    if (words === undefined) return undefined
    const replyTo = repliedTo(inner.content)
    return { type: 'order', by, text: words, ...(replyTo !== undefined && { replyTo }) }
  }

  const refuse = async (event: TimelineEvent, why: Refusal): Promise<void> => {
    metrics.count('imok_matrix_refusals_total', { reason: why })
    log.warn('a message in the room was not obeyed', { reason: why })
    // Of somebody who is not on the list the room is told when they come, not at each of their words.
    if (why === 'stranger' || why === 'not-joined') return
    await tell(
      `refused:${event.event_id}`,
      [text('room.refused', { name: state.nameOf(event.sender), why: text(`refused.${why}`) })],
      { once: `refused:${event.sender}:${why}` },
    )
  }

  const again = async (roomId: string): Promise<void> => {
    for (const it of waiting) {
      const missing = await read(roomId, it.event)
      const age = (clock.now() - it.since) / clock.speed
      if (missing === undefined || age > GIVEN_UP) keep(waiting.filter((other) => other !== it))
      else if (age > PATIENCE && it.told !== true) {
        await unreadable(it.event, missing)
        keep(waiting.map((other) => (other === it ? { ...it, told: true } : other)))
      }
    }
  }

  const unreadable = async (event: TimelineEvent, code: string): Promise<void> => {
    const name = state.nameOf(event.sender)
    log.warn('a message in the room cannot be read yet', { reason: code })
    if (code === 'UnsignedSenderDevice') return refuse(event, 'unsigned-device')
    if (code === NO_IDENTITY) return refuse(event, 'no-identity')
    const words = code === POLL ? text('room.vote-unread', { name }) : text('room.unreadable', { name })
    await tell(`unreadable:${event.event_id}`, [words], { once: `unreadable:${event.sender}`, loud: true })
  }

  return { take, again, isWaiting: () => waiting.length > 0 }
}

/** The words of a text message; an edit changes nothing, and what quotes another message is taken away. */
function wordsIn({ type, content }: Inner): string | undefined {
  const { msgtype, body } = content
  if (type !== 'm.room.message' || msgtype !== 'm.text' || typeof body !== 'string') return undefined
  const relation = content['m.relates_to'] as { rel_type?: unknown } | undefined
  if (relation?.rel_type === 'm.replace') return undefined
  if (body.length > LONGEST) return undefined
  return /^> <@[^>]*>/.test(body) ? body.replace(/^(?:>.*\n?)+\n?/, '') : body
}

const isVerification = ({ type, content }: Inner): boolean =>
  type === 'm.room.message' && content['msgtype'] === 'm.key.verification.request'

function repliedTo(content: Record<string, unknown>): string | undefined {
  const relation = content['m.relates_to'] as
    { 'm.in_reply_to'?: { event_id?: unknown }; is_falling_back?: unknown } | undefined
  const id = relation?.['m.in_reply_to']?.event_id
  return typeof id === 'string' && id.length <= LONGEST_ID && relation?.is_falling_back !== true ? id : undefined
}
