// Several kernels are one person to the admins: each has a device of its own, and all devices are signed by the one identity. Its secrets
// reach the others through the store, sealed like everything there.
import type { Documents } from '../../../ports/store.ts'
import { Conflict } from '../../../ports/store.ts'
import type { Desk } from './ensure-identity.ts'
import { secretsOf } from './ensure-identity.ts'
import { storageKeyId } from './hand-over.ts'
import { heldKeys, publicKey } from './held-keys.ts'
import { backupKey } from './key-backup.ts'
import { askOwnKeys } from './own-keys.ts'
import { becomeDevice } from './recover.ts'
import type { Secrets } from './stored-secrets.ts'

/** The document that holds them. */
const IDENTITY = 'identity'

interface SharedIdentity {
  secrets: Secrets
  /** The name of the key that they lie under in the account; a person has that key. */
  storageKey?: string
}

/** Puts our identity where the other kernels find it, if it is not there yet. Throws `StoreError`. */
export async function shareIdentity({ machine, store }: Desk, documents: Documents): Promise<void> {
  const held = await heldKeys(machine)
  if (!held) return
  const storageKey = storageKeyId(store)
  const secrets = secretsOf(held, await backupKey(machine, store))
  const body: SharedIdentity = { secrets, ...(storageKey !== undefined && { storageKey }) }
  const before = await documents.read(IDENTITY)
  if (JSON.stringify(before?.body) === JSON.stringify(body)) return
  await documents
    .write({ id: IDENTITY, kind: 'room', schema: 1, version: (before?.version ?? 0) + 1, body })
    .catch((error: unknown) => {
      if (!(error instanceof Conflict)) throw error
    })
}

/**
 * Makes this device one of the account's, if another kernel has shared the identity that the account shows. True if it is so now. Throws
 * `MatrixFailure`, `SignaturesRefused`, `StoreError`.
 */
export async function takeSharedIdentity(desk: Desk, documents: Documents): Promise<boolean> {
  const { machine, api } = desk
  if ((await machine.crossSigningStatus()).hasMaster) return true
  const shared = (await documents.read(IDENTITY))?.body as SharedIdentity | undefined
  if (!shared) return false
  const { secrets, storageKey } = shared
  const master = publicKey(secrets['m.cross_signing.master'])
  const shown = await askOwnKeys(machine, api, master)
  if (shown.device === 'foreign' || shown.shownMaster !== master) return false
  await becomeDevice(desk, secrets, storageKey, shown)
  return true
}
