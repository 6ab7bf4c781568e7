import type { OlmMachine } from '@matrix-org/matrix-sdk-crypto-wasm'
import { BackupDecryptionKey, RoomId } from '@matrix-org/matrix-sdk-crypto-wasm'
import type { MatrixApi } from '../api.ts'
import { MatrixFailure } from '../failure.ts'
import { perform } from '../outgoing-requests.ts'
import type { Outgoing } from '../outgoing-requests.ts'
import { canonical } from './canonical-json.ts'

const V3 = '/_matrix/client/v3'
const ALGORITHM = 'm.megolm_backup.v1.curve25519-aes-sha2'

/** Of one run, so that a backup of thousands of keys keeps nobody from anything. */
const MOST_REQUESTS = 20

/** The secret's name on the server. */
export const BACKUP_SECRET = 'm.megolm_backup.v1'

/** Makes a backup of the room's keys, sealed on the way out, and goes on keeping it. Returns what opens it. */
export async function makeBackup(machine: OlmMachine, api: MatrixApi): Promise<string> {
  const key = BackupDecryptionKey.createRandomKey()
  const { publicKeyBase64 } = key.megolmV1PublicKey
  const unsigned = { public_key: publicKeyBase64 }
  const signatures = JSON.parse((await machine.sign(canonical(unsigned))).asJSON()) as object
  const { version } = await api.request<{ version: string }>('POST', `${V3}/room_keys/version`, {
    body: { algorithm: ALGORITHM, auth_data: { ...unsigned, signatures } },
  })
  await machine.saveBackupDecryptionKey(key, version)
  await machine.enableBackupV1(publicKeyBase64, version)
  return key.toBase64()
}

/** After a restart: the backup of last time goes on, if the server still has it. */
export async function resumeBackup(machine: OlmMachine, api: MatrixApi): Promise<boolean> {
  const { decryptionKey, backupVersion } = await machine.getBackupKeys()
  if (!decryptionKey || backupVersion === undefined) return false
  const present = await presentVersion(api)
  if (present?.version !== backupVersion) return false
  await machine.enableBackupV1(decryptionKey.megolmV1PublicKey.publicKeyBase64, backupVersion)
  return true
}

/** Puts into the backup what is not in it yet. */
export async function backUp(machine: OlmMachine, api: MatrixApi): Promise<void> {
  for (let requests = 0; requests < MOST_REQUESTS; requests++) {
    const request = (await machine.backupRoomKeys()) as Outgoing | undefined
    if (!request) return
    await perform(machine, api, request)
  }
}

interface BackedUp {
  rooms?: Record<string, { sessions?: Record<string, { session_data?: Record<string, string> }> }>
}

/**
 * Reads the backup back, after a loss of everything. What is decrypted with these keys can be read again and never acts: a backup proves
 * nothing of who sent it. Returns how many keys there were.
 */
export async function restoreBackup(machine: OlmMachine, api: MatrixApi, secret: string): Promise<number> {
  const key = BackupDecryptionKey.fromBase64(secret)
  const present = await presentVersion(api)
  if (present?.auth_data?.public_key !== key.megolmV1PublicKey.publicKeyBase64) return 0
  await machine.saveBackupDecryptionKey(key, present.version)
  await machine.enableBackupV1(key.megolmV1PublicKey.publicKeyBase64, present.version)
  const { rooms = {} } = await api.request<BackedUp>('GET', `${V3}/room_keys/keys`, {
    query: { version: present.version },
    within: 60_000,
  })
  const found = new Map<RoomId, Map<string, unknown>>()
  for (const [room, { sessions = {} }] of Object.entries(rooms)) {
    const opened = new Map<string, unknown>()
    for (const [session, { session_data: data }] of Object.entries(sessions)) {
      const { ephemeral, mac, ciphertext } = data ?? {}
      if (ephemeral === undefined || mac === undefined || ciphertext === undefined) continue
      opened.set(session, JSON.parse(key.decryptV1(ephemeral, mac, ciphertext)))
    }
    found.set(new RoomId(room), opened)
  }
  const imported = await machine.importBackedUpRoomKeys(found, () => undefined, present.version)
  return imported.importedCount
}

async function presentVersion(
  api: MatrixApi,
): Promise<{ version: string; auth_data?: { public_key?: string } } | undefined> {
  try {
    return await api.request('GET', `${V3}/room_keys/version`)
  } catch (error) {
    if (error instanceof MatrixFailure && error.status === 404) return undefined
    throw error
  }
}
