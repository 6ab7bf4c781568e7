const ALPHABET = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'
/** What every recovery key begins with (Matrix specification, "Recovery key"). */
const PREFIX = [0x8b, 0x01]
const KEY = 32

/** What was typed is no recovery key. In words for whoever typed it. */
export class NotARecoveryKey extends Error {
  constructor(why: string) {
    super(`That is no recovery key: ${why}. It is twelve groups of four letters and digits, like "EsTc 5rR9 …".`)
    this.name = 'NotARecoveryKey'
  }
}

/** As people write it down: base58 in groups of four. */
export function encodeRecoveryKey(key: Uint8Array): string {
  const bytes = [...PREFIX, ...key]
  const all = Uint8Array.from([...bytes, bytes.reduce((a, b) => a ^ b, 0)])
  return base58(all).replaceAll(/(.{4})(?=.)/g, '$1 ')
}

/** The 32 bytes. Throws `NotARecoveryKey`. */
export function decodeRecoveryKey(written: string): Buffer {
  const bytes = fromBase58(written.replaceAll(/\s+/g, ''))
  if (bytes.length !== PREFIX.length + KEY + 1) throw new NotARecoveryKey('it is too short or too long')
  if (bytes.reduce((a, b) => a ^ b, 0) !== 0) throw new NotARecoveryKey('a letter is wrong')
  if (bytes[0] !== PREFIX[0] || bytes[1] !== PREFIX[1]) throw new NotARecoveryKey('it begins differently')
  return Buffer.from(bytes.subarray(PREFIX.length, PREFIX.length + KEY))
}

function base58(bytes: Uint8Array): string {
  let number = BigInt(`0x${Buffer.from(bytes).toString('hex')}`)
  let text = ''
  for (; number > 0n; number /= 58n) text = `${ALPHABET[Number(number % 58n)] ?? ''}${text}`
  return text
}

function fromBase58(text: string): Uint8Array {
  let number = 0n
  for (const letter of text) {
    const value = ALPHABET.indexOf(letter)
    if (value < 0) throw new NotARecoveryKey('it holds a letter that never stands in one')
    number = number * 58n + BigInt(value)
  }
  const hex = number.toString(16)
  return Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex')
}
