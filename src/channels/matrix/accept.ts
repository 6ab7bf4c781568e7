import type { OlmMachine } from '@matrix-org/matrix-sdk-crypto-wasm'
import {
  DecryptionErrorCode,
  DecryptionSettings,
  MegolmDecryptionError,
  RoomId,
  TrustRequirement,
} from '@matrix-org/matrix-sdk-crypto-wasm'
import type { Instant } from '../../core/time.ts'
import type { Identities } from './identities.ts'
import type { Admin } from './options.ts'
import type { Replays } from './replays.ts'
import { messageIndex } from './replays.ts'
import type { RoomRecord } from './room-record.ts'
import type { RoomState } from './room-state.ts'

/** An event of the room's timeline as the server shows it. */
export interface TimelineEvent {
  event_id: string
  type: string
  sender: string
  origin_server_ts?: number
  state_key?: string
  content: Record<string, unknown>
  redacts?: string
  unsigned?: Record<string, unknown>
}

/** Why something in the room was not obeyed. */
export type Refusal =
  | 'unencrypted'
  | 'stranger'
  | 'not-joined'
  | 'locked'
  | 'no-identity'
  | 'changed-identity'
  | 'unsigned-device'
  | 'wrong-key'
  | 'replayed'
  | 'malformed'

export type Verdict =
  | Accepted
  | { type: 'refused'; why: Refusal }
  /** Its key, or the sender's keys, are not here yet. */
  | { type: 'waits'; code: string }
  /** The same event again, or nothing that anybody said. */
  | { type: 'nothing' }

/** It is this admin's own word, and was not heard before. */
export interface Accepted {
  type: 'accepted'
  inner: Inner
  heard: () => void
}

/** What stood inside the ciphertext. */
export interface Inner {
  type: string
  content: Record<string, unknown>
}

export interface AcceptOptions {
  machine: OlmMachine
  identities: Identities
  replays: Replays
  admins: readonly Admin[]
  state: RoomState
  record: () => RoomRecord
  ownId: string
  now: () => Instant
}

/** Of a message that waits: its sender's identity was not seen yet. */
export const NO_IDENTITY = 'NoIdentity'

/** Not here yet, or not asked yet: it may be well in a moment. */
const passing: ReadonlySet<DecryptionErrorCode> = new Set([
  DecryptionErrorCode.MissingRoomKey,
  DecryptionErrorCode.UnknownMessageIndex,
  DecryptionErrorCode.UnknownSenderDevice,
  DecryptionErrorCode.UnsignedSenderDevice,
])

/**
 * Whether an event is an admin's own, fresh word (design/matrix.md, "Reading commands"). The homeserver relays it and gives no orders:
 * what it alone says (sender, time, relation, power) is evidence of nothing.
 */
export async function accept(options: AcceptOptions, roomId: string, event: TimelineEvent): Promise<Verdict> {
  const { state, record, ownId, admins } = options
  const refused = (why: Refusal): Verdict => ({ type: 'refused', why })
  if (event.sender === ownId || event.state_key !== undefined) return { type: 'nothing' }
  if (event.type !== 'm.room.encrypted')
    return event.type === 'm.room.message' || event.type.includes('poll.response')
      ? refused(admins.some(({ id }) => id === event.sender) ? 'unencrypted' : 'stranger')
      : { type: 'nothing' }
  if (!admins.some(({ id }) => id === event.sender)) return refused('stranger')
  if (!state.isJoined(event.sender)) return refused('not-joined')
  if (record().locked[event.sender]) return refused('locked')
  return decrypt(options, roomId, event)
}

async function decrypt(options: AcceptOptions, roomId: string, event: TimelineEvent): Promise<Verdict> {
  const { machine, identities, replays, record, now } = options
  const refused = (why: Refusal): Verdict => ({ type: 'refused', why })
  const { session_id: session, ciphertext, algorithm } = event.content
  const index = messageIndex(ciphertext)
  // An event that was redacted has no content any more.
  if (ciphertext === undefined) return { type: 'nothing' }
  if (algorithm !== 'm.megolm.v1.aes-sha2' || typeof session !== 'string' || index === undefined)
    return refused('malformed')
  const seen = replays.look(session, index, event.event_id, now())
  if (seen === 'replayed' || seen === 'too-old') return refused('replayed')
  // It was stored before it was marked: whoever shows it again, under an id that looks the same or after the inbox has forgotten it, gets nothing done.
  if (seen === 'same-event') return { type: 'nothing' }
  // A server can write a relation outside, in clear; only the one inside was the sender's (measured).
  const { 'm.relates_to': _outside, ...content } = event.content
  let opened
  try {
    opened = await machine.decryptRoomEvent(
      JSON.stringify({ ...event, content, unsigned: {} }),
      new RoomId(roomId),
      new DecryptionSettings(TrustRequirement.CrossSigned),
    )
  } catch (error) {
    const code = error instanceof MegolmDecryptionError ? error.code : undefined
    if (code !== undefined && passing.has(code)) return { type: 'waits', code: DecryptionErrorCode[code] }
    return refused(code === DecryptionErrorCode.SenderIdentityVerificationViolation ? 'changed-identity' : 'wrong-key')
  }
  const pin = record().pins[event.sender]
  const masterKey = await identities.masterKey(event.sender)
  // Whoever has just come is pinned in a moment.
  if (masterKey === undefined || pin === undefined) return { type: 'waits', code: NO_IDENTITY }
  if (pin.masterKey !== masterKey) return refused('changed-identity')
  const device = opened.senderDevice && (await identities.device(event.sender, opened.senderDevice.toString()))
  if (!device?.signed) return refused('unsigned-device')
  const claimed = opened.senderClaimedEd25519Key
  if (
    opened.sender.toString() !== event.sender ||
    claimed === undefined ||
    device.ed25519 !== claimed ||
    opened.forwarder
  )
    return refused('wrong-key')
  const inner = innerOf(opened.event)
  if (!inner) return refused('malformed')
  return {
    type: 'accepted',
    inner,
    heard: () => replays.mark(session, index, event.event_id, now()),
  }
}

function innerOf(json: string): Inner | undefined {
  const { type, content } = JSON.parse(json) as { type?: unknown; content?: unknown }
  return typeof type === 'string' && typeof content === 'object' && content !== null
    ? { type, content: content as Record<string, unknown> }
    : undefined
}
