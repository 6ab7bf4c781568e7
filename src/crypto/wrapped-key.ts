import { createCipheriv, createDecipheriv, createSecretKey, randomBytes, scrypt } from 'node:crypto'
import type { ScryptOptions } from 'node:crypto'
import { KeyError, keyId } from './data-key.ts'
import type { DataKey } from './data-key.ts'

/** What scrypt costs. `N` 2^17 with `r` 8 takes 128 MB and some half a second here; OWASP's advice for it is the same. */
export interface Cost {
  N: number
  r: number
  p: number
}

const COST: Cost = { N: 2 ** 17, r: 8, p: 1 }

/** A file that asks for more could use up the machine; one that asks for less was not written by us. */
const LEAST_N = 2 ** 14
const MOST_MEMORY = 2 ** 29 // bytes: four times what we write
const MOST_P = 4

const FORMAT = 1
const KEY = 32 // bytes
const NONCE = 12
const TAG = 16
/** Longer than what we write, shorter than anything that is not ours. */
const LONGEST_FILE = 2_000 // characters

/** The passphrase is not the one that the key was sealed with. Nothing else is known. */
export class WrongPassphrase extends Error {
  constructor() {
    super('the passphrase is not the right one')
    this.name = 'WrongPassphrase'
  }
}

/** How the data key lies on the disk where only a passphrase opens it. All of it is protected by the tag. */
interface Wrapped {
  format: number
  /** Of the key inside: a `keyId`, which gives nothing away. */
  keyId: string
  cost: Cost
  salt: string
  nonce: string
  sealed: string
}

const LEAST_CHARACTERS = 12
const LEAST_DIFFERENT = 6
const MOST_CHARACTERS = 500

/**
 * Why a passphrase will not do, for whoever chooses it; undefined if it will. A thief of the disk may try as many as they like, at two a second for
 * each processor they rent.
 */
export function weakness(passphrase: string): string | undefined {
  const characters = [...passphrase]
  if (characters.length < LEAST_CHARACTERS)
    return (
      `that is ${characters.length} characters, and it must be at least ${LEAST_CHARACTERS}: whoever has the disk can try passphrases day and night. ` +
      'Take five words that nobody would put together'
    )
  if (new Set(characters).size < LEAST_DIFFERENT)
    return 'that is the same few characters again and again. Take five words that nobody would put together'
  if (characters.length > MOST_CHARACTERS) return `that is longer than ${MOST_CHARACTERS} characters`
  return undefined
}

/** The data key as the text of a file that only the passphrase opens: scrypt, then AES-256-GCM. */
export async function wrapKey(key: DataKey, passphrase: string, cost: Cost = COST): Promise<string> {
  const [salt, nonce] = [randomBytes(16), randomBytes(NONCE)]
  const head = {
    format: FORMAT,
    keyId: keyId(key),
    cost: { N: cost.N, r: cost.r, p: cost.p },
    salt: salt.toString('base64'),
    nonce: nonce.toString('base64'),
  }
  const cipher = createCipheriv('aes-256-gcm', await stretched(passphrase, salt, cost), nonce)
  cipher.setAAD(associated(head))
  const hidden = Buffer.concat([cipher.update(key.export()), cipher.final(), cipher.getAuthTag()])
  const wrapped: Wrapped = { ...head, sealed: hidden.toString('base64') }
  return `${JSON.stringify(wrapped)}\n`
}

/** Throws `WrongPassphrase`, or `KeyError` if this is no such file; `where` names the place to look at. */
export async function unwrapKey(text: string, passphrase: string, where: string): Promise<DataKey> {
  const { sealed, ...head } = parsed(text, where)
  const hidden = Buffer.from(sealed, 'base64')
  const key = await stretched(passphrase, Buffer.from(head.salt, 'base64'), head.cost)
  const decipher = createDecipheriv('aes-256-gcm', key, Buffer.from(head.nonce, 'base64'))
  decipher.setAAD(associated(head))
  decipher.setAuthTag(hidden.subarray(KEY))
  let bytes
  try {
    bytes = Buffer.concat([decipher.update(hidden.subarray(0, KEY)), decipher.final()])
  } catch {
    throw new WrongPassphrase()
  }
  return createSecretKey(bytes)
}

/** Which key lies in there, without opening it. Throws `KeyError`. */
export const wrappedKeyId = (text: string, where: string): string => parsed(text, where).keyId

/** In a fixed order, whatever order a file has it in. */
const associated = ({ format, keyId, cost, salt, nonce }: Omit<Wrapped, 'sealed'>): Buffer =>
  Buffer.from(JSON.stringify(['imok wrapped key', format, keyId, cost.N, cost.r, cost.p, salt, nonce]))

function parsed(text: string, where: string): Wrapped {
  const found = text.length <= LONGEST_FILE ? read(text) : undefined
  if (found?.format !== undefined && found.format > FORMAT)
    throw new KeyError(`${where} was written by a newer imok: install that one`)
  if (!found || !isWhole(found))
    throw new KeyError(`${where} is damaged: put it, or the file "key", back from the backup`)
  return found
}

function read(text: string): Partial<Wrapped> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? value : undefined
  } catch {
    return undefined
  }
}

function isWhole(found: Partial<Wrapped>): found is Wrapped {
  const { format, keyId, cost, salt, nonce, sealed } = found
  const bytes = (given: unknown): number => (typeof given === 'string' ? Buffer.from(given, 'base64').length : 0)
  return (
    format === FORMAT &&
    typeof keyId === 'string' &&
    /^[0-9a-f]{16}$/.test(keyId) &&
    isBearable(cost) &&
    bytes(salt) === 16 &&
    bytes(nonce) === NONCE &&
    bytes(sealed) === KEY + TAG
  )
}

function isBearable(cost: Partial<Cost> | null | undefined): boolean {
  if (typeof cost !== 'object' || cost === null) return false
  const { N = 0, r = 0, p = 0 } = cost
  const whole = [N, r, p].every((one) => Number.isSafeInteger(one) && one > 0)
  return whole && N >= LEAST_N && Number.isInteger(Math.log2(N)) && 128 * N * r <= MOST_MEMORY && p <= MOST_P
}

/** Keyboards write the same accent in two ways. */
function stretched(passphrase: string, salt: Buffer, cost: Cost): Promise<Buffer> {
  const options: ScryptOptions = { ...cost, maxmem: 2 * 128 * cost.N * cost.r }
  return new Promise((resolve, reject) =>
    scrypt(passphrase.normalize('NFC'), salt, KEY, options, (error, key) => (error ? reject(error) : resolve(key))),
  )
}
