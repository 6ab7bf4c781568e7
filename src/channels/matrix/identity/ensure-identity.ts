// At every start: is the bot, to everybody else, who it was? Whatever a crash left undone is done; nothing is ever reset.
import type { OlmMachine } from '@matrix-org/matrix-sdk-crypto-wasm'
import type { MatrixApi } from '../api.ts'
import { makeIdentity, publishIdentity } from './cross-signing.ts'
import type { NeedsPassword } from './cross-signing.ts'
import { newStorageKey, pendingRecoveryKey, pendingStorageKey, storageKeyId } from './hand-over.ts'
import type { HeldKeys } from './held-keys.ts'
import { backupKey, enableBackup } from './key-backup.ts'
import { signDevice, uploadDevice } from './own-device.ts'
import { askOwnKeys } from './own-keys.ts'
import type { OwnKeys } from './own-keys.ts'
import { allStored, storeSecrets } from './stored-secrets.ts'
import type { Secrets } from './stored-secrets.ts'
import type { SmallValues } from '../small-values.ts'

/** What the identity works with. `machine` and `api` are the same user and device. */
export interface Desk {
  machine: OlmMachine
  api: MatrixApi
  store: SmallValues
}

export type IdentityResult =
  /** All is as it should be, and the recovery key is with a person. */
  | { type: 'ready'; unfinished: Unfinished[] }
  /** The same, but the recovery key waits to be written down. Said at every start until it is confirmed. Never to be logged. */
  | { type: 'made'; recoveryKey: string; unfinished: Unfinished[] }
  /** The account has an identity that this machine cannot sign with. `held`: it can sign with another, which was the account's. */
  | { type: 'foreign-identity'; held: boolean }
  /** The device id that we signed in with has keys of another machine. */
  | { type: 'foreign-device' }
  | NeedsPassword

/** What is not needed to alarm anybody, failed, and is tried again at the next start. */
export interface Unfinished {
  what: 'secret-storage' | 'key-backup'
  error: unknown
}

/** The server took all that we sent, and still does not show it. */
export class NotShown extends Error {
  override readonly name = 'NotShown'
}

/** Throws `MatrixFailure` (try again later), `SignaturesRefused` or `NotShown`. May be called again after anything. */
export async function ensureIdentity(desk: Desk, password?: string): Promise<IdentityResult> {
  const { machine, api, store } = desk
  const shown = await askOwnKeys(machine, api)
  if (shown.device === 'foreign') return { type: 'foreign-device' }
  if (shown.identity === 'foreign')
    return { type: 'foreign-identity', held: (await machine.crossSigningStatus()).hasMaster }
  const held = await makeIdentity(machine)
  await uploadDevice(machine, api, shown)
  const unfinished: Unfinished[] = []
  const backup = await backupKey(machine, store)
  // An identity is published only once its secrets are safe: published and then lost with the disk, nobody could ever replace it.
  const secrets = keepSecrets(desk, secretsOf(held, backup))
  if (shown.identity === 'none') await secrets
  else await secrets.catch((error: unknown) => unfinished.push({ what: 'secret-storage', error }))
  const trouble = await signed(desk, shown, password)
  if (trouble) return trouble
  await enableBackup(machine, api, store, backup).catch((error: unknown) =>
    unfinished.push({ what: 'key-backup', error }),
  )
  const pending = pendingRecoveryKey(store)
  return pending ? { type: 'made', recoveryKey: pending.recoveryKey, unfinished } : { type: 'ready', unfinished }
}

/** Publishes the identity or signs the device, if that is not done, and looks whether everybody can see it. */
async function signed(
  { machine, api }: Desk,
  shown: OwnKeys,
  password: string | undefined,
): Promise<IdentityResult | undefined> {
  if (shown.identity === 'ours' && shown.signed) return undefined
  if (shown.identity === 'ours') await signDevice(machine, api)
  else {
    const published = await publishIdentity(machine, api, password)
    if (published.type === 'foreign-identity') return { type: 'foreign-identity', held: true }
    if (published.type !== 'published') return published
  }
  const now = await askOwnKeys(machine, api)
  if (now.identity === 'ours' && now.signed) return undefined
  throw new NotShown(
    `the homeserver took our identity and does not show it (identity ${now.identity}, device ${now.device})`,
  )
}

/**
 * Under the key that waits to be written down, if there is one. If a person has it, we can only look whether all is still there; if
 * it is not, there must be a new recovery key.
 */
async function keepSecrets({ api, store }: Desk, secrets: Secrets): Promise<void> {
  const id = storageKeyId(store)
  const pending = pendingStorageKey(store)
  if (!pending && id !== undefined && (await allStored(api, id))) return
  await storeSecrets(api, pending ?? newStorageKey(store), secrets)
}

export const secretsOf = (held: HeldKeys, backup: string): Secrets => ({
  'm.cross_signing.master': held.master,
  'm.cross_signing.self_signing': held.selfSigning,
  'm.cross_signing.user_signing': held.userSigning,
  'm.megolm_backup.v1': backup,
})
