/** Bitcoin's alphabet: no 0, O, I and l. */
const alphabet = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'
/** Says "a Matrix key" (specification, appendix "Cryptographic key representation"). */
const prefix = Buffer.from([0x8b, 0x01])
const keyBytes = 32
const allBytes = prefix.length + keyBytes + 1
/** What those 35 bytes come to in base58, whatever the key is. */
const letters = 48

/** What somebody typed is no recovery key. The message never contains any of it. */
export class RecoveryKeyError extends Error {
  override readonly name = 'RecoveryKeyError'
  readonly why: 'length' | 'not-base58' | 'prefix' | 'parity'
  constructor(why: RecoveryKeyError['why'], message: string) {
    super(message)
    this.why = why
  }
}

/** 32 bytes as people write them down: twelve groups of four letters and digits, the last byte a check on the rest. */
export function encodeRecoveryKey(key: Uint8Array): string {
  if (key.length !== keyBytes) throw new RangeError(`a recovery key has ${keyBytes} bytes, not ${key.length}`)
  const bytes = Buffer.concat([prefix, key])
  return toBase58(Buffer.concat([bytes, Buffer.from([parity(bytes)])]))
    .replace(/.{4}/g, '$& ')
    .trim()
}

/** Spaces and line breaks do not matter, capital and small letters do. Throws `RecoveryKeyError`. */
export function decodeRecoveryKey(text: string): Buffer {
  const typed = text.replace(/\s+/g, '')
  if (typed.length !== letters) {
    throw new RecoveryKeyError(
      'length',
      `a recovery key has ${letters} letters and digits (twelve groups of four); this has ${typed.length}`,
    )
  }
  const value = fromBase58(typed)
  const bytes = Buffer.from(value.toString(16).padStart(allBytes * 2, '0'), 'hex')
  if (bytes.length !== allBytes || !bytes.subarray(0, prefix.length).equals(prefix)) {
    throw new RecoveryKeyError(
      'prefix',
      'this is no Matrix recovery key, or its beginning is mistyped: compare the first groups with what was written down',
    )
  }
  if (parity(bytes) !== 0) {
    throw new RecoveryKeyError(
      'parity',
      'something in this recovery key is mistyped (its check does not fit): compare it group by group, capital and small letters too',
    )
  }
  return bytes.subarray(prefix.length, -1)
}

const parity = (bytes: Uint8Array): number => bytes.reduce((sum, byte) => sum ^ byte, 0)

/** For bytes that do not begin with zeros, which ours never do. */
function toBase58(bytes: Buffer): string {
  let rest = BigInt(`0x${bytes.toString('hex')}`)
  let text = ''
  for (; rest > 0n; rest /= 58n) text = `${alphabet.charAt(Number(rest % 58n))}${text}`
  return text
}

function fromBase58(text: string): bigint {
  let value = 0n
  for (const letter of text) {
    const digit = alphabet.indexOf(letter)
    if (digit < 0) {
      throw new RecoveryKeyError(
        'not-base58',
        'a recovery key has letters and digits only, and never 0 (zero), O, I (capital i) or l (small L): these look like others, so try o, 1 or i',
      )
    }
    value = value * 58n + BigInt(digit)
  }
  return value
}
