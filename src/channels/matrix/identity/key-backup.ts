// Room keys on the server, encrypted to a key that only we and secret storage have: with them a new device reads old messages.
// Specification: "Server-side key backups", m.megolm_backup.v1.curve25519-aes-sha2.
import { BackupDecryptionKey } from '@matrix-org/matrix-sdk-crypto-wasm'
import type { OlmMachine } from '@matrix-org/matrix-sdk-crypto-wasm'
import type { MatrixApi } from '../api.ts'
import { isAnswer } from '../failure.ts'
import { oneRunEach } from '../one-run.ts'
import { perform } from '../outgoing-requests.ts'
import type { SmallValues } from '../small-values.ts'

const ALGORITHM = 'm.megolm_backup.v1.curve25519-aes-sha2'
const VERSION = '/_matrix/client/v3/room_keys/version'
const KEY = 'identity.backup-key'

/** The newest backup of the account. Older ones stay on the server, but keys can be added to the newest only. */
export interface ServerBackup {
  version: string
  algorithm: string
  auth_data: { public_key?: string }
}

/** The private key of our backup; made and kept durably before anything is encrypted to it. In base64. */
export async function backupKey(machine: OlmMachine, store: SmallValues): Promise<string> {
  const known = store.get(KEY) ?? (await machine.getBackupKeys()).decryptionKey?.toBase64()
  if (known !== undefined) return known
  const made = BackupDecryptionKey.createRandomKey().toBase64()
  store.set({ [KEY]: made })
  return made
}

/** What to keep when the key of the backup was found in secret storage: it goes before any that the machine has. */
export const adoptedBackupKey = (key: string | undefined): Record<string, string | undefined> => ({ [KEY]: key })

/**
 * Turns the backup on, with a version of its own on the server if the newest there is not to this key: always the same key, so that
 * what is in secret storage stays true. Returns the version. Throws `MatrixFailure`.
 */
export async function enableBackup(
  machine: OlmMachine,
  api: MatrixApi,
  store: SmallValues,
  key: string,
): Promise<string> {
  const decryption = BackupDecryptionKey.fromBase64(key)
  const newest = await newestBackup(api)
  const known = newest && isTo(newest, key) ? newest.version : undefined
  const version = known ?? (await createVersion(machine, api, decryption))
  const active = (await machine.isBackupEnabled()) ? (await machine.getBackupKeys()).backupVersion : undefined
  // A server that lost its versions may count from 1 again: a new version is another one, whatever its number.
  if (known === undefined || active !== version) {
    // Forgets which keys are saved: the other version has none of them.
    await machine.disableBackup()
    await machine.enableBackupV1(decryption.megolmV1PublicKey.publicKeyBase64, version)
    await machine.saveBackupDecryptionKey(decryption, version)
  }
  if (store.get(KEY) !== undefined) store.set({ [KEY]: undefined })
  return version
}

/** Undefined if the account has none. Throws `MatrixFailure`. */
export async function newestBackup(api: MatrixApi): Promise<ServerBackup | undefined> {
  try {
    return await api.request<ServerBackup>('GET', VERSION)
  } catch (error) {
    if (isAnswer(error, 'M_NOT_FOUND')) return undefined
    throw error
  }
}

/** Whether what is in this backup can be read with this key. */
export const isTo = (backup: ServerBackup, key: string): boolean =>
  backup.algorithm === ALGORITHM &&
  backup.auth_data.public_key === BackupDecryptionKey.fromBase64(key).megolmV1PublicKey.publicKeyBase64

async function createVersion(machine: OlmMachine, api: MatrixApi, key: BackupDecryptionKey): Promise<string> {
  const signed = { public_key: key.megolmV1PublicKey.publicKeyBase64 }
  const signatures = JSON.parse((await machine.sign(JSON.stringify(signed))).asJSON()) as unknown
  const body = { algorithm: ALGORITHM, auth_data: { ...signed, signatures } }
  return (await api.request<{ version: string }>('POST', VERSION, { body })).version
}

export type BackedUp =
  | { type: 'done'; requests: number }
  /** The rest is tried again by the next call. */
  | { type: 'failed'; error: unknown }
  /** Nothing is sent until `enableBackup` has been called. */
  | { type: 'off' }

/** One request carries up to 100 keys; more are left to the next call. */
const mostRequests = 100

/**
 * Saves the room keys that are not saved yet. To be called after each sync and each shared room key; never two runs at once.
 * A version that somebody replaced on the server is replaced by a new one of ours, once in a run.
 */
export function backUpRoomKeys(machine: OlmMachine, api: MatrixApi, store: SmallValues): Promise<BackedUp> {
  desks.set(machine, { api, store })
  return run(machine)
}

const desks = new WeakMap<OlmMachine, { api: MatrixApi; store: SmallValues }>()
const run = oneRunEach(async (machine: OlmMachine): Promise<BackedUp> => {
  const desk = desks.get(machine)
  if (!desk || !(await machine.isBackupEnabled())) return { type: 'off' }
  try {
    return { type: 'done', requests: await pump(machine, desk.api) }
  } catch (error) {
    if (!isAnswer(error, 'M_WRONG_ROOM_KEYS_VERSION') && !isAnswer(error, 'M_NOT_FOUND'))
      return { type: 'failed', error }
  }
  try {
    await enableBackup(machine, desk.api, desk.store, await backupKey(machine, desk.store))
    return { type: 'done', requests: await pump(machine, desk.api) }
  } catch (error) {
    return { type: 'failed', error }
  }
})

async function pump(machine: OlmMachine, api: MatrixApi): Promise<number> {
  for (let requests = 0; requests < mostRequests; requests += 1) {
    const request = await machine.backupRoomKeys()
    if (!request) return requests
    await perform(machine, api, request)
  }
  return mostRequests
}
