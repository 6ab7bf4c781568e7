import type { OlmMachine } from '@matrix-org/matrix-sdk-crypto-wasm'
import { DecryptionSettings, RoomId, TrustRequirement } from '@matrix-org/matrix-sdk-crypto-wasm'
import type { TimelineEvent } from './accept.ts'

/** What stood inside the ciphertext of an event that one of our own devices made; undefined for everything else, and while its key is missing. */
export async function openOwnEvent(
  machine: OlmMachine,
  room: string,
  event: TimelineEvent,
): Promise<{ type?: unknown; content?: Record<string, unknown> } | undefined> {
  // Outside the ciphertext a server can write what it likes.
  const { 'm.relates_to': _outside, ...content } = event.content
  const opened = await machine
    .decryptRoomEvent(
      JSON.stringify({ ...event, content, unsigned: {} }),
      new RoomId(room),
      new DecryptionSettings(TrustRequirement.CrossSigned),
    )
    .catch(() => undefined)
  if (opened?.sender.toString() !== machine.userId.toString()) return undefined
  return JSON.parse(opened.event) as { type?: unknown; content?: Record<string, unknown> }
}
