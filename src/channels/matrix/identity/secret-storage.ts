// The cryptography of secret storage ("4S"): how secrets lie in the account data of the homeserver, which cannot read them.
// Matrix specification, module "Secrets", m.secret_storage.v1.aes-hmac-sha2. The wasm has none of it.
import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto'

export const ALGORITHM = 'm.secret_storage.v1.aes-hmac-sha2'

/** Account data `m.secret_storage.key.{id}`. Without `mac` no key can be told from another. */
export interface KeyDescription {
  algorithm: string
  name?: string
  /** Base64, as everything here; others may have padded it. */
  iv?: string
  mac?: string
}

export interface EncryptedSecret {
  iv: string
  ciphertext: string
  mac: string
}

/** The secret was not encrypted under this key and this name, or somebody changed it. */
export class SecretDamaged extends Error {
  override readonly name = 'SecretDamaged'
}

/** The description tells later whether a key is the right one, and nothing else about it. */
export function describeKey(key: Uint8Array): KeyDescription {
  const { iv, mac } = keyCheck(key, freshIv())
  return { algorithm: ALGORITHM, name: 'imok', iv, mac }
}

/** `unknown`: the description has nothing to check against; only decrypting will tell. */
export function checkKey(key: Uint8Array, description: KeyDescription): 'right' | 'wrong' | 'unknown' {
  if (description.algorithm !== ALGORITHM) return 'wrong'
  if (!description.iv || !description.mac) return 'unknown'
  const { mac } = keyCheck(key, Buffer.from(description.iv, 'base64'))
  return same(Buffer.from(mac, 'base64'), Buffer.from(description.mac, 'base64')) ? 'right' : 'wrong'
}

/** `name` is the type of account data that the secret is kept in: no secret can be passed off as another. */
export function encryptSecret(key: Uint8Array, name: string, plain: string, iv = freshIv()): EncryptedSecret {
  const { aes, hmac } = derive(key, name)
  const cipher = createCipheriv('aes-256-ctr', aes, iv)
  const ciphertext = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()])
  return { iv: unpadded(iv), ciphertext: unpadded(ciphertext), mac: unpadded(macOf(hmac, ciphertext)) }
}

/** Throws `SecretDamaged`. */
export function decryptSecret(key: Uint8Array, name: string, secret: EncryptedSecret): string {
  const { aes, hmac } = derive(key, name)
  const ciphertext = Buffer.from(secret.ciphertext, 'base64')
  const iv = Buffer.from(secret.iv, 'base64')
  if (iv.length !== 16 || !same(macOf(hmac, ciphertext), Buffer.from(secret.mac, 'base64')))
    throw new SecretDamaged(`${name} was changed, or encrypted with another key`)
  const decipher = createDecipheriv('aes-256-ctr', aes, iv)
  return Buffer.concat([decipher.update(ciphertext), decipher.final()]).toString('utf8')
}

export const unpadded = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64').replace(/=+$/, '')

const keyCheck = (key: Uint8Array, iv: Buffer): EncryptedSecret => encryptSecret(key, '', '\0'.repeat(32), iv)

function derive(key: Uint8Array, name: string): { aes: Buffer; hmac: Buffer } {
  const bytes = Buffer.from(hkdfSync('sha256', key, Buffer.alloc(32), name, 64))
  return { aes: bytes.subarray(0, 32), hmac: bytes.subarray(32) }
}

const macOf = (key: Buffer, ciphertext: Buffer): Buffer => createHmac('sha256', key).update(ciphertext).digest()

const same = (one: Buffer, other: Buffer): boolean => one.length === other.length && timingSafeEqual(one, other)

/** Bit 63 is 0, because some clients count only in the lower 64 bits of the counter. */
function freshIv(): Buffer {
  const iv = randomBytes(16)
  iv.writeUInt8(iv.readUInt8(8) & 0x7f, 8)
  return iv
}
