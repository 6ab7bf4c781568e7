// Our secrets in the account data: what a new device needs, with the recovery key, to be us again.
import type { MatrixApi } from '../api.ts'
import { isAnswer } from '../failure.ts'
import type { StorageKey } from './hand-over.ts'
import { ALGORITHM, checkKey, decryptSecret, describeKey, encryptSecret, SecretDamaged } from './secret-storage.ts'
import type { EncryptedSecret, KeyDescription } from './secret-storage.ts'

export const secretNames = [
  'm.cross_signing.master',
  'm.cross_signing.self_signing',
  'm.cross_signing.user_signing',
  'm.megolm_backup.v1',
] as const
export type SecretName = (typeof secretNames)[number]
/** Each in base64. */
export type Secrets = Record<SecretName, string>

/** By the id of the key they are encrypted with. */
type Stored = Record<string, EncryptedSecret>

/** Whether all of them are there, encrypted with this key. What they hold cannot be seen without the key. */
export async function allStored(api: MatrixApi, keyId: string): Promise<boolean> {
  if (!(await readDescription(api, keyId))) return false
  for (const name of secretNames) if (!(await readStored(api, name))[keyId]) return false
  return true
}

/** Writes what is missing or different, the key's description first. May be repeated after any failure. */
export async function storeSecrets(api: MatrixApi, { id, key }: StorageKey, secrets: Secrets): Promise<void> {
  const described = await readDescription(api, id)
  if (!described || checkKey(key, described) !== 'right') await writeAccountData(api, keyType(id), describeKey(key))
  for (const name of secretNames) {
    if (reads(key, name, (await readStored(api, name))[id]) === secrets[name]) continue
    // What was there under other keys is a secret of an older identity.
    await writeAccountData(api, name, { encrypted: { [id]: encryptSecret(key, name, secrets[name]) } })
  }
  const current = await readAccountData<{ key?: string }>(api, DEFAULT_KEY)
  if (current?.key !== id) await writeAccountData(api, DEFAULT_KEY, { key: id })
}

/** The ids and descriptions of the keys that the master key is stored under, the default key first. */
export async function keysOfMaster(api: MatrixApi): Promise<[id: string, description: KeyDescription][]> {
  const ids = Object.keys(await readStored(api, 'm.cross_signing.master'))
  const preferred = (await readAccountData<{ key?: string }>(api, DEFAULT_KEY))?.key
  const found: [string, KeyDescription][] = []
  for (const id of ids.sort((a, b) => Number(b === preferred) - Number(a === preferred))) {
    const description = await readDescription(api, id)
    if (description) found.push([id, description])
  }
  return found
}

/** undefined if it is not there. Throws `SecretDamaged`. */
export async function readSecret(
  api: MatrixApi,
  { id, key }: StorageKey,
  name: SecretName,
): Promise<string | undefined> {
  const stored = (await readStored(api, name))[id]
  return stored && decryptSecret(key, name, stored)
}

const DEFAULT_KEY = 'm.secret_storage.default_key'
const keyType = (id: string): string => `m.secret_storage.key.${id}`

function reads(key: Buffer, name: SecretName, stored: EncryptedSecret | undefined): string | undefined {
  try {
    return stored && decryptSecret(key, name, stored)
  } catch (error) {
    if (error instanceof SecretDamaged) return undefined
    throw error
  }
}

async function readDescription(api: MatrixApi, id: string): Promise<KeyDescription | undefined> {
  const description = await readAccountData<Partial<KeyDescription>>(api, keyType(id))
  return description?.algorithm === ALGORITHM ? { ...description, algorithm: ALGORITHM } : undefined
}

async function readStored(api: MatrixApi, name: SecretName): Promise<Stored> {
  const content = await readAccountData<{ encrypted?: Record<string, Partial<EncryptedSecret>> }>(api, name)
  return Object.fromEntries(
    Object.entries(content?.encrypted ?? {}).filter((entry): entry is [string, EncryptedSecret] =>
      isEncrypted(entry[1]),
    ),
  )
}

const isEncrypted = ({ iv, ciphertext, mac }: Partial<EncryptedSecret>): boolean =>
  typeof iv === 'string' && typeof ciphertext === 'string' && typeof mac === 'string'

const accountData = (api: MatrixApi, type: string): string =>
  `/_matrix/client/v3/user/${encodeURIComponent(api.userId)}/account_data/${encodeURIComponent(type)}`

async function readAccountData<Content>(api: MatrixApi, type: string): Promise<Content | undefined> {
  try {
    return await api.request<Content>('GET', accountData(api, type))
  } catch (error) {
    if (isAnswer(error, 'M_NOT_FOUND')) return undefined
    throw error
  }
}

async function writeAccountData(api: MatrixApi, type: string, content: unknown): Promise<void> {
  await api.request('PUT', accountData(api, type), { body: content })
}
