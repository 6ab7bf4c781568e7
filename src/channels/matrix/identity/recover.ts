// After the loss of everything: a new device and the recovery key make us again who we were.
import type { OlmMachine } from '@matrix-org/matrix-sdk-crypto-wasm'
import type { MatrixApi } from '../api.ts'
import { secretsOf } from './ensure-identity.ts'
import type { Desk, Unfinished } from './ensure-identity.ts'
import { adoptedStorageKey } from './hand-over.ts'
import type { StorageKey } from './hand-over.ts'
import { heldKeys, publicKey } from './held-keys.ts'
import { adoptedBackupKey, backupKey, enableBackup, isTo, newestBackup } from './key-backup.ts'
import { signDevice, uploadDevice } from './own-device.ts'
import { askOwnKeys } from './own-keys.ts'
import type { OwnKeys } from './own-keys.ts'
import { decodeRecoveryKey } from './recovery-key.ts'
import { restoreRoomKeys } from './restore-keys.ts'
import type { Restored } from './restore-keys.ts'
import { checkKey, SecretDamaged } from './secret-storage.ts'
import { keysOfMaster, readSecret, storeSecrets } from './stored-secrets.ts'
import type { SecretName, Secrets } from './stored-secrets.ts'

export class RecoveryFailure extends Error {
  override readonly name = 'RecoveryFailure'
  readonly why:
    /** A good recovery key, and not the one that this account's secrets lie under. */
    | 'wrong-key'
    /** The account has no secrets, or not the three of an identity. */
    | 'no-secrets'
    /** A secret was changed, or is no key. */
    | 'damaged'
    /** The account shows no identity. The next start makes one. */
    | 'no-identity'
    /** The secrets are those of another identity than the account shows: it was reset since. */
    | 'other-identity'
    /** The device id that we signed in with has keys of another machine. */
    | 'foreign-device'
  constructor(why: RecoveryFailure['why']) {
    super(`the identity could not be recovered: ${why}`)
    this.why = why
  }
}

export interface Recovered {
  /** Undefined if there is no backup that the secrets can read. */
  roomKeys: Restored | undefined
  unfinished: Unfinished[]
}

/**
 * May be repeated after any failure. Throws `RecoveryKeyError` (mistyped), `RecoveryFailure`, `MatrixFailure`, `SignaturesRefused`.
 * Nothing on the server is changed before the key has proved right.
 */
export async function recover(desk: Desk, recoveryKey: string): Promise<Recovered> {
  const { machine, api } = desk
  const storageKey = await unlock(api, decodeRecoveryKey(recoveryKey))
  const secrets = await readAll(api, storageKey)
  const shown = await askOwnKeys(machine, api, masterOf(secrets))
  if (shown.device === 'foreign') throw new RecoveryFailure('foreign-device')
  if (shown.shownMaster === undefined) throw new RecoveryFailure('no-identity')
  if (shown.shownMaster !== masterOf(secrets)) throw new RecoveryFailure('other-identity')
  await becomeDevice(desk, secrets, storageKey.id, shown)
  const unfinished: Unfinished[] = []
  const roomKeys = await takeBackup(desk, storageKey).catch((error: unknown) => {
    unfinished.push({ what: 'key-backup', error })
    return undefined
  })
  return { roomKeys, unfinished }
}

/** The keys of an identity, and that of its backup if it has one. */
type Found = Omit<Secrets, 'm.megolm_backup.v1'> & { 'm.megolm_backup.v1': string | undefined }

async function unlock(api: MatrixApi, key: Buffer): Promise<StorageKey> {
  const keys = await keysOfMaster(api)
  if (keys.length === 0) throw new RecoveryFailure('no-secrets')
  for (const [id, description] of keys) {
    const fits = checkKey(key, description)
    if (fits === 'right' || (fits === 'unknown' && (await opens(api, { id, key })))) return { id, key }
  }
  throw new RecoveryFailure('wrong-key')
}

async function opens(api: MatrixApi, key: StorageKey): Promise<boolean> {
  try {
    return (await readSecret(api, key, 'm.cross_signing.master')) !== undefined
  } catch (error) {
    if (error instanceof SecretDamaged) return false
    throw error
  }
}

async function readAll(api: MatrixApi, key: StorageKey): Promise<Found> {
  const read = async (name: SecretName): Promise<string | undefined> => {
    try {
      return await readSecret(api, key, name)
    } catch (error) {
      throw error instanceof SecretDamaged ? new RecoveryFailure('damaged') : error
    }
  }
  const master = await read('m.cross_signing.master')
  const self = await read('m.cross_signing.self_signing')
  const user = await read('m.cross_signing.user_signing')
  if (master === undefined || self === undefined || user === undefined) throw new RecoveryFailure('no-secrets')
  return {
    'm.cross_signing.master': master,
    'm.cross_signing.self_signing': self,
    'm.cross_signing.user_signing': user,
    // Without it the bot is still itself: a new backup is begun.
    'm.megolm_backup.v1': await read('m.megolm_backup.v1').catch((error: unknown) => {
      if (error instanceof RecoveryFailure) return undefined
      throw error
    }),
  }
}

function masterOf(secrets: Found): string {
  try {
    return publicKey(secrets['m.cross_signing.master'])
  } catch {
    throw new RecoveryFailure('damaged')
  }
}

/** This device is signed by the identity whose secrets these are, which the account shows; `storageKey`: what they lie under there, if that is known. */
export async function becomeDevice(
  { machine, api, store }: Desk,
  secrets: Found,
  storageKey: string | undefined,
  shown: OwnKeys,
): Promise<void> {
  // First of all, so that a start after a crash does not make a new recovery key or a new backup.
  store.set({
    ...(storageKey !== undefined && adoptedStorageKey(storageKey)),
    ...adoptedBackupKey(secrets['m.megolm_backup.v1']),
  })
  await takeIdentity(machine, secrets)
  await uploadDevice(machine, api, shown)
  await signDevice(machine, api)
}

/** The machine compares the private keys with the public ones that it has just been told, and takes only what fits. */
async function takeIdentity(machine: OlmMachine, secrets: Found): Promise<void> {
  const status = await machine
    .importCrossSigningKeys(
      secrets['m.cross_signing.master'],
      secrets['m.cross_signing.self_signing'],
      secrets['m.cross_signing.user_signing'],
    )
    .catch(() => undefined)
  if (!status?.hasMaster || !status.hasSelfSigning || !status.hasUserSigning) throw new RecoveryFailure('damaged')
}

/** Reads what is there, goes on with it, and stores the key of a backup that had to be begun anew. */
async function takeBackup({ machine, api, store }: Desk, storageKey: StorageKey): Promise<Restored | undefined> {
  const key = await backupKey(machine, store)
  const newest = await newestBackup(api)
  // Before the keys come in, which are then known to be saved there.
  await enableBackup(machine, api, store, key)
  const held = await heldKeys(machine)
  if (held) await storeSecrets(api, storageKey, secretsOf(held, key))
  return newest && isTo(newest, key) ? restoreRoomKeys(machine, api, key, newest.version) : undefined
}
