import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto'
import type { MatrixApi } from '../api.ts'
import { MatrixFailure } from '../failure.ts'

/** Matrix's secret storage ("4S"): secrets on the server, sealed under the recovery key (`m.secret_storage.v1.aes-hmac-sha2`). */
const ALGORITHM = 'm.secret_storage.v1.aes-hmac-sha2'
const DEFAULT_KEY = 'm.secret_storage.default_key'
const keyType = (id: string): string => `m.secret_storage.key.${id}`

export interface Sealed {
  iv: string
  ciphertext: string
  mac: string
}

/** The recovery key is not the one that these secrets are sealed under. */
export class WrongRecoveryKey extends Error {
  constructor() {
    super('This recovery key does not fit: the secrets on the homeserver are sealed under another one.')
    this.name = 'WrongRecoveryKey'
  }
}

const unpadded = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64').replaceAll('=', '')

function keysFor(key: Uint8Array, name: string): { aes: Buffer; mac: Buffer } {
  const both = Buffer.from(hkdfSync('sha256', key, Buffer.alloc(32), name, 64))
  return { aes: both.subarray(0, 32), mac: both.subarray(32) }
}

export function sealSecret(key: Uint8Array, name: string, secret: string, iv: Buffer = randomBytes(16)): Sealed {
  const { aes, mac } = keysFor(key, name)
  // Bit 63 is zero, because some counters have only 64 bits (Matrix specification).
  iv[8] = (iv[8] ?? 0) & 0x7f
  const cipher = createCipheriv('aes-256-ctr', aes, iv)
  const ciphertext = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()])
  return {
    iv: unpadded(iv),
    ciphertext: unpadded(ciphertext),
    mac: unpadded(createHmac('sha256', mac).update(ciphertext).digest()),
  }
}

/** Throws `WrongRecoveryKey`. */
export function openSecret(key: Uint8Array, name: string, sealed: Sealed): string {
  const { aes, mac } = keysFor(key, name)
  const ciphertext = Buffer.from(sealed.ciphertext, 'base64')
  const expected = createHmac('sha256', mac).update(ciphertext).digest()
  const given = Buffer.from(sealed.mac, 'base64')
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) throw new WrongRecoveryKey()
  const cipher = createDecipheriv('aes-256-ctr', aes, Buffer.from(sealed.iv, 'base64'))
  return Buffer.concat([cipher.update(ciphertext), cipher.final()]).toString('utf8')
}

/** How a key is recognised without being shown: 32 zero bytes sealed under it, with an empty name. */
export function describeKey(key: Uint8Array, iv?: Buffer): { algorithm: string; iv: string; mac: string } {
  const { iv: used, mac } = sealSecret(key, '', '\0'.repeat(32), iv)
  return { algorithm: ALGORITHM, iv: used, mac }
}

export function fits(key: Uint8Array, described: { iv?: unknown; mac?: unknown }): boolean {
  if (typeof described.iv !== 'string' || typeof described.mac !== 'string') return true
  const again = describeKey(key, Buffer.from(described.iv, 'base64'))
  return again.mac === described.mac.replaceAll('=', '')
}

const accountData = (api: MatrixApi, type: string): string =>
  `/_matrix/client/v3/user/${encodeURIComponent(api.userId)}/account_data/${encodeURIComponent(type)}`

async function read(api: MatrixApi, type: string): Promise<Record<string, unknown> | undefined> {
  try {
    return await api.request<Record<string, unknown>>('GET', accountData(api, type))
  } catch (error) {
    if (error instanceof MatrixFailure && error.status === 404) return undefined
    throw error
  }
}

const write = async (api: MatrixApi, type: string, content: object): Promise<void> => {
  await api.request('PUT', accountData(api, type), { body: content })
}

/** Puts secrets on the server under a new key. The key becomes the default one last: until then nobody looks for them. */
export async function storeSecrets(
  api: MatrixApi,
  key: Uint8Array,
  secrets: Readonly<Record<string, string>>,
): Promise<void> {
  const id = randomBytes(16).toString('hex')
  await write(api, keyType(id), describeKey(key))
  for (const [name, secret] of Object.entries(secrets))
    await write(api, name, { encrypted: { [id]: sealSecret(key, name, secret) } })
  await write(api, DEFAULT_KEY, { key: id })
}

/** The secrets that the server has under this key. Throws `WrongRecoveryKey`, and says if there is nothing to recover. */
export async function readSecrets(
  api: MatrixApi,
  key: Uint8Array,
  names: readonly string[],
): Promise<Record<string, string>> {
  const id = (await read(api, DEFAULT_KEY))?.['key']
  const described = typeof id === 'string' ? await read(api, keyType(id)) : undefined
  if (typeof id !== 'string' || !described) throw new NothingStored()
  if (!fits(key, described)) throw new WrongRecoveryKey()
  const found: Record<string, string> = {}
  for (const name of names) {
    const sealed = ((await read(api, name))?.['encrypted'] as Record<string, Sealed> | undefined)?.[id]
    if (sealed) found[name] = openSecret(key, name, sealed)
  }
  return found
}

/** There are no secrets on the server. */
export class NothingStored extends Error {
  constructor() {
    super('The homeserver has nothing to recover from: no secrets were ever stored for this account.')
    this.name = 'NothingStored'
  }
}
