import { BackupDecryptionKey, RoomId } from '@matrix-org/matrix-sdk-crypto-wasm'
import type { OlmMachine } from '@matrix-org/matrix-sdk-crypto-wasm'
import { MINUTE } from '../../../core/time.ts'
import type { MatrixApi } from '../api.ts'

interface SavedKey {
  session_data: { ephemeral: string; ciphertext: string; mac: string }
}

export interface Restored {
  /** Keys in the backup. */
  found: number
  /** Keys that could be read; the machine keeps its own where it has a better one. */
  read: number
}

/** The machine takes so many at once; between two batches others get their turn. */
const batch = 200

/**
 * Takes all room keys of a backup into the machine. Nobody vouches for where they come from: anybody who holds the public key could
 * have put them there. So they are good for reading what was said, and a message decrypted with one is never a command (it fails
 * `TrustRequirement.CrossSigned`). Throws `MatrixFailure`.
 */
export async function restoreRoomKeys(
  machine: OlmMachine,
  api: MatrixApi,
  key: string,
  version: string,
): Promise<Restored> {
  const decryption = BackupDecryptionKey.fromBase64(key)
  const saved = await api.request<{ rooms: Record<string, { sessions: Record<string, SavedKey> }> }>(
    'GET',
    '/_matrix/client/v3/room_keys/keys',
    { query: { version }, within: MINUTE },
  )
  const all = Object.entries(saved.rooms).flatMap(([room, { sessions }]) =>
    Object.entries(sessions).map(([session, { session_data: data }]) => ({ room, session, data })),
  )
  let read = 0
  for (let from = 0; from < all.length; from += batch) {
    const keys = new Map<string, Map<string, unknown>>()
    for (const { room, session, data } of all.slice(from, from + batch)) {
      const readable = decrypted(decryption, data)
      if (readable === undefined) continue
      read += 1
      const ofRoom = keys.get(room) ?? new Map<string, unknown>()
      keys.set(room, ofRoom.set(session, { ...readable, session_id: session }))
    }
    const byRoom = new Map([...keys].map(([room, sessions]) => [new RoomId(room), sessions]))
    await machine.importBackedUpRoomKeys(byRoom, () => undefined, version)
  }
  return { found: all.length, read }
}

/** One damaged key keeps none of the others. */
function decrypted(key: BackupDecryptionKey, data: SavedKey['session_data']): object | undefined {
  try {
    return JSON.parse(key.decryptV1(data.ephemeral, data.mac, data.ciphertext)) as object
  } catch {
    return undefined
  }
}
