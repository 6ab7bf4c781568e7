import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  hkdfSync,
} from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import type { DocumentSeal } from './seal.ts'
import { Undecryptable } from './seal.ts'

/** Bytes of an X25519 public key. */
const POINT = 32
const TAG = 16
/** Every key is used once, so its nonce may be the same. */
const NONCE = Buffer.alloc(12)

/** Takes in what it cannot read itself. */
export interface Box {
  /** Of the public key: 16 hex digits. */
  readonly keyId: string
  /** A new ephemeral key for each (X25519, HKDF-SHA-256, AES-256-GCM): its public part (32 bytes), tag (16), ciphertext. */
  readonly seal: DocumentSeal['seal']
}

/** A new pair: the public part as 32 bytes in base64, the private one to be sealed. */
export function makePair(): { publicKey: string; privateKey: KeyObject } {
  const { publicKey, privateKey } = generateKeyPairSync('x25519')
  return { publicKey: pointOf(publicKey).toString('base64'), privateKey }
}

/** The public part of a private key, as `makePair` gives it. */
export const publicOf = (privateKey: KeyObject): string => pointOf(createPublicKey(privateKey)).toString('base64')

export const exportPrivate = (privateKey: KeyObject): Buffer => privateKey.export({ format: 'der', type: 'pkcs8' })

/** Throws if these are no such bytes. */
export function importPrivate(bytes: Buffer): KeyObject {
  const key = createPrivateKey({ key: bytes, format: 'der', type: 'pkcs8' })
  if (key.asymmetricKeyType !== 'x25519') throw new TypeError('this is no X25519 key')
  return key
}

/** Seals to the holder of the private key. Throws if the text is no public key. */
export function boxTo(publicKey: string): Box {
  const point = Buffer.from(publicKey, 'base64')
  const theirs = keyAt(point)
  return {
    keyId: idOf(point),
    seal: (associated, plain) => {
      const once = generateKeyPairSync('x25519')
      const mine = pointOf(once.publicKey)
      const key = keyOf(diffieHellman({ privateKey: once.privateKey, publicKey: theirs }), mine, point)
      const cipher = createCipheriv('aes-256-gcm', key, NONCE, { authTagLength: TAG })
      cipher.setAAD(Buffer.from(associated))
      const hidden = [typeof plain === 'string' ? cipher.update(plain, 'utf8') : cipher.update(plain), cipher.final()]
      return Buffer.concat([mine, cipher.getAuthTag(), ...hidden])
    },
  }
}

/** Opens what was sealed to this key. Throws `Undecryptable`. */
export function boxOpener(privateKey: KeyObject): Pick<DocumentSeal, 'openBytes'> {
  const point = pointOf(createPublicKey(privateKey))
  return {
    openBytes: (_key, associated, sealed) => {
      try {
        const theirs = Buffer.from(sealed.subarray(0, POINT))
        const key = keyOf(diffieHellman({ privateKey, publicKey: keyAt(theirs) }), theirs, point)
        const decipher = createDecipheriv('aes-256-gcm', key, NONCE, { authTagLength: TAG })
        decipher.setAAD(Buffer.from(associated))
        decipher.setAuthTag(sealed.subarray(POINT, POINT + TAG))
        return Buffer.concat([decipher.update(sealed.subarray(POINT + TAG)), decipher.final()])
      } catch {
        throw new Undecryptable('what was sealed while locked')
      }
    },
  }
}

const idOf = (point: Buffer): string => createHash('sha256').update(point).digest('hex').slice(0, 16)

/** Both public parts go in: what was sealed for one pair of them opens for no other. */
const keyOf = (secret: Buffer, ephemeral: Buffer, recipient: Buffer): Buffer =>
  Buffer.from(hkdfSync('sha256', secret, Buffer.concat([ephemeral, recipient]), 'imok sealed box', 32))

const pointOf = (key: KeyObject): Buffer => Buffer.from(key.export({ format: 'jwk' }).x ?? '', 'base64url')

function keyAt(point: Buffer): KeyObject {
  if (point.length !== POINT) throw new TypeError('an X25519 public key has 32 bytes')
  return createPublicKey({ key: { kty: 'OKP', crv: 'X25519', x: point.toString('base64url') }, format: 'jwk' })
}
