// The recovery key goes to a person once: it is kept until they have shown that they wrote it down, and forgotten then.
import { createHash, randomBytes } from 'node:crypto'
import { decodeRecoveryKey, encodeRecoveryKey } from './recovery-key.ts'
import type { SmallValues } from '../small-values.ts'

const PENDING = 'identity.recovery-key'
const KEY_ID = 'identity.secret-key-id'

/** A key of secret storage that we hold. */
export interface StorageKey {
  /** Its name in the account data. */
  id: string
  key: Buffer
}

export interface PendingRecoveryKey {
  /** Twelve groups of four. */
  recoveryKey: string
  /** Which two groups (counted from 1, the lower first) confirm it. Always the same two for a key. */
  asked: [number, number]
}

/** The key that nobody has confirmed yet. */
export function pendingRecoveryKey(store: SmallValues): PendingRecoveryKey | undefined {
  const recoveryKey = store.get(PENDING)
  return recoveryKey === undefined ? undefined : { recoveryKey, asked: askedGroups(recoveryKey) }
}

/**
 * `twoWords` are the two groups asked for, with a space between. Once they are right the key is forgotten here.
 * Capital and small letters count, because they will when the key is needed.
 */
export function confirmRecoveryKey(store: SmallValues, twoWords: string): 'confirmed' | 'wrong' | 'nothing-pending' {
  const pending = pendingRecoveryKey(store)
  if (!pending) return 'nothing-pending'
  const groups = pending.recoveryKey.split(' ')
  const expected = pending.asked.map((n) => groups[n - 1]).join(' ')
  if (twoWords.trim().split(/\s+/).join(' ') !== expected) return 'wrong'
  store.set({ [PENDING]: undefined })
  return 'confirmed'
}

/** Makes a key and keeps it before anybody can have encrypted anything with it. */
export function newStorageKey(store: SmallValues): StorageKey {
  const made = { id: randomBytes(16).toString('hex'), key: randomBytes(32) }
  store.set({ [KEY_ID]: made.id, [PENDING]: encodeRecoveryKey(made.key) })
  return made
}

/** The key that the secrets are, or will be, encrypted with, while we hold it. */
export function pendingStorageKey(store: SmallValues): StorageKey | undefined {
  const pending = store.get(PENDING)
  const id = store.get(KEY_ID)
  return pending === undefined || id === undefined ? undefined : { id, key: decodeRecoveryKey(pending) }
}

/** The name of the key that the secrets are encrypted with, held or not. */
export const storageKeyId = (store: SmallValues): string | undefined => store.get(KEY_ID)

/** What to keep when the secrets lie under a key that somebody has just typed: they have it, and no other waits. */
export const adoptedStorageKey = (id: string): Record<string, string | undefined> => ({
  [KEY_ID]: id,
  [PENDING]: undefined,
})

function askedGroups(recoveryKey: string): [number, number] {
  const digest = createHash('sha256').update(recoveryKey).digest()
  const first = digest.readUInt8(0) % 12
  const second = (first + 1 + (digest.readUInt8(1) % 11)) % 12
  return first < second ? [first + 1, second + 1] : [second + 1, first + 1]
}
