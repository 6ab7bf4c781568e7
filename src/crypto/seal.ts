import { createCipheriv, createDecipheriv, createHmac, createSecretKey } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { keyId } from './data-key.ts'
import type { DataKey } from './data-key.ts'
import { randomFew } from './random-stock.ts'

const NONCE = 12
const TAG = 16

/** The bytes are not what was sealed, or not under these keys, or not for this document. */
export class Undecryptable extends Error {
  constructor(id: string) {
    super(`${id} cannot be decrypted`)
    this.name = 'Undecryptable'
  }
}

/** AES-256-GCM under the document's own key: nonce (12 bytes), tag (16), ciphertext. */
export interface DocumentSeal {
  /** `associated` is not hidden but protected: opening with any other fails. */
  seal(associated: string, plain: string | Uint8Array): Buffer
  /** `key` is the `keyId` beside the bytes. Throws `Undecryptable`. */
  open(key: string, associated: string, sealed: Uint8Array): string
  /** The same, for what is no text. */
  openBytes(key: string, associated: string, sealed: Uint8Array): Buffer
}

/** Seals under the current key, opens under any of the ring. */
export interface Seal {
  /** Of the current key. */
  readonly keyId: string
  knows(key: string): boolean
  /** Each document has a key of its own (HKDF-SHA-256 of the data key), so that no nonce is shared between documents. */
  of(id: string): DocumentSeal
  /**
   * A name for something that must be found again but not read: 32 hex digits under each key, the current one's first. `what` keeps names
   * of different things apart.
   */
  names(what: string, text: string): [string, ...string[]]
}

/** `older` keys still open what they sealed; whatever is saved again is sealed under `current`. */
export function makeSeal(current: DataKey, older: readonly DataKey[] = []): Seal {
  const ring = new Map([current, ...older].map((key) => [keyId(key), extract(key)]))
  const newest = keyId(current)
  const newestKey = extract(current)
  const nameUnder = (extracted: KeyObject, what: string, text: string): string =>
    createHmac('sha256', expand(extracted, `name of ${what}`))
      .update(text)
      .digest('hex')
      .slice(0, 32)
  return {
    keyId: newest,
    knows: (key) => ring.has(key),
    names: (what, text) => [
      nameUnder(newestKey, what, text),
      ...[...ring].filter(([name]) => name !== newest).map(([, extracted]) => nameUnder(extracted, what, text)),
    ],
    of(id) {
      const derived = new Map<string, KeyObject>()
      const derive = (name: string): KeyObject => {
        const known = derived.get(name) ?? expand(ring.get(name) ?? newestKey, id)
        derived.set(name, known)
        return known
      }
      const openBytes: DocumentSeal['openBytes'] = (name, associated, sealed) => {
        // A name that fits no key may be a damaged name: the tag decides, not the name.
        for (const candidate of ring.has(name) ? [name] : ring.keys()) {
          const plain = decrypt(derive(candidate), associated, sealed)
          if (plain !== undefined) return plain
        }
        throw new Undecryptable(id)
      }
      return {
        seal: (associated, plain) => encrypt(derive(newest), associated, plain),
        open: (name, associated, sealed) => openBytes(name, associated, sealed).toString('utf8'),
        openBytes,
      }
    },
  }
}

const SALT = 'imok data at rest'

// HKDF-SHA-256 (RFC 5869) for one block, in its two steps, because the first is the same for all documents. Its result is a `KeyObject` again:
// Node makes one of every key it is given as bytes, and the first use of each costs ten times an HMAC.
const extract = (key: DataKey): KeyObject => createSecretKey(createHmac('sha256', SALT).update(key.export()).digest())
const expand = (extracted: KeyObject, id: string): KeyObject =>
  createSecretKey(createHmac('sha256', extracted).update(id).update('\x01').digest())

function encrypt(key: KeyObject, associated: string, plain: string | Uint8Array): Buffer {
  const nonce = randomFew(NONCE)
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG })
  cipher.setAAD(Buffer.from(associated))
  const hidden = [typeof plain === 'string' ? cipher.update(plain, 'utf8') : cipher.update(plain), cipher.final()]
  return Buffer.concat([nonce, cipher.getAuthTag(), ...hidden])
}

function decrypt(key: KeyObject, associated: string, sealed: Uint8Array): Buffer | undefined {
  if (sealed.length < NONCE + TAG) return undefined
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, NONCE), { authTagLength: TAG })
  decipher.setAAD(Buffer.from(associated))
  decipher.setAuthTag(sealed.subarray(NONCE, NONCE + TAG))
  try {
    return Buffer.concat([decipher.update(sealed.subarray(NONCE + TAG)), decipher.final()])
  } catch {
    return undefined
  }
}
