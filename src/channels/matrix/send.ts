import type { Duration, Instant } from '../../core/time.ts'
import { SECOND } from '../../core/time.ts'
import type { Accepted, RoomMessage } from '../../ports/channel.ts'
import { SendError } from '../../ports/channel.ts'
import type { MatrixApi } from './api.ts'
import type { Budget } from './budget.ts'
import { messageContent, partsOf } from './content.ts'
import { sendError } from './errors.ts'
import { isAnswer, MatrixFailure } from './failure.ts'
import type { Keys } from './keys.ts'
import type { Attach } from './media.ts'

/** Real milliseconds that asking for devices and keys may take before an alarm goes all the same; what is no alarm can wait longer. */
const KEYS_ALARM: Duration = 3 * SECOND
const KEYS_OTHER: Duration = 8 * SECOND

export interface SendOptions {
  api: MatrixApi
  keys: Keys
  budget: Budget
  ownId: string
  roomId: () => string | undefined
  /** Who is written to: see `trusted`. */
  readers: () => Promise<string[]>
  /** The bot's power suffices for `@room`. */
  mayWakeRoom: () => boolean
  /** Asked right before a message leaves: false while another kernel may act. */
  maySpeak: () => boolean
  attach: Attach
  now: () => Instant
  /** A message has just gone out. `late` could not read it; of an alert, they get it again when they can. */
  onSaid: (message: RoomMessage, late: readonly string[]) => void
}

/** An encrypted event in the room, once for each transaction: its id there, and who can read it. */
export interface Sent {
  event: string
  readers: string[]
}

export interface Sender {
  /** One message of the drain; long ones become several. Throws `SendError`. */
  message: (message: RoomMessage) => Promise<Accepted & { readers: number }>
  /** Anything else that is encrypted. Throws `SendError`. */
  event: (txn: string, type: string, content: Record<string, unknown>, within?: Duration) => Promise<Sent>
}

export function sender(options: SendOptions): Sender {
  const { api, keys, budget, ownId, roomId, readers, mayWakeRoom, maySpeak, attach, now, onSaid } = options

  const put = async (room: string, txn: string, content: Record<string, unknown>): Promise<string> => {
    const path = `/_matrix/client/v3/rooms/${encodeURIComponent(room)}/send/m.room.encrypted/${encodeURIComponent(txn)}`
    // Long after it was begun, perhaps: we may have been frozen in between.
    if (!maySpeak()) throw new SendError('refused', 'not-in-office')
    try {
      const { event_id: event } = await api.request<{ event_id: string }>('PUT', path, { body: content })
      budget.spent()
      return event
    } catch (error) {
      if (error instanceof MatrixFailure && error.status === 429) budget.refused(error.wait)
      throw error
    }
  }

  const encryptAndPut = async (
    people: readonly string[],
    txn: string,
    type: string,
    content: Record<string, unknown>,
    within: Duration,
  ): Promise<Sent & { late: string[] }> => {
    const room = roomId()
    if (room === undefined) throw new SendError('refused', 'matrix-no-room')
    if (people.length === 0) throw new SendError('refused', 'matrix-no-reader')
    const encrypted = await keys.encrypt(room, [...people, ownId], type, content, within)
    const others = encrypted.readers.filter((user) => user !== ownId)
    if (others.length === 0) throw new SendError('refused', 'matrix-no-reader')
    // Outside the ciphertext a relation must stand as well, or clients do not find it.
    const relation = content['m.relates_to']
    const full = { ...encrypted.content, ...(relation !== undefined && { 'm.relates_to': relation }) }
    let event: string
    try {
      event = await put(room, txn, full)
    } catch (error) {
      // What it relates to is gone, or may not be related to: better said without than not at all.
      if (
        relation === undefined ||
        !(error instanceof MatrixFailure) ||
        error.status !== 400 ||
        isAnswer(error, 'M_DUPLICATE_ANNOTATION')
      )
        throw error
      event = await put(room, `${txn}.plain`, encrypted.content)
    }
    return { event, readers: others, late: encrypted.late.filter((user) => user !== ownId) }
  }

  const event: Sender['event'] = async (txn, type, content, within = KEYS_OTHER) => {
    try {
      return await encryptAndPut(await readers(), txn, type, content, within)
    } catch (error) {
      throw sendError(error)
    }
  }

  return {
    event,
    async message(message) {
      const { id, text, loud, urgency } = message
      // It can wait, and must not use up what the next alarm needs.
      if (urgency === 'notice' && !budget.mayGo()) throw new SendError('refused', 'matrix-budget', { wait: 5 * SECOND })
      try {
        const people = await readers()
        const wake = loud || urgency === 'alert' ? people : []
        const within = urgency === 'alert' ? KEYS_ALARM : KEYS_OTHER
        const { media } = message
        const file = media && (await attach(id, media, now() - message.since))
        if (file) {
          const sent = await encryptAndPut(people, id, 'm.room.message', file, within)
          return { providerId: sent.event, readers: sent.readers.length }
        }
        let first: (Sent & { late: string[] }) | undefined
        for (const [n, part] of partsOf(text).entries()) {
          const content = messageContent({ id, text: part, wake: n === 0 ? wake : [], wakeRoom: mayWakeRoom() })
          const sent = await encryptAndPut(
            people,
            n === 0 ? id : `${id}.${String(n)}`,
            'm.room.message',
            content,
            within,
          )
          first ??= sent
        }
        if (!first) throw new SendError('impossible', 'empty-text')
        onSaid(message, first.late)
        return { providerId: first.event, readers: first.readers.length }
      } catch (error) {
        throw sendError(error)
      }
    },
  }
}
