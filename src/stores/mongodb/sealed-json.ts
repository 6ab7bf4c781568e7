import type { Seal } from '../../crypto/seal.ts'

/** What lies encrypted in a row. */
export interface Sealed {
  keyId: string
  /** JSON, encrypted, in base64. */
  sealed: string
}

/** Seals values of one kind; `name` is protected and not hidden, so that none can be taken for another. */
export interface SealedJson {
  seal: (name: string, value: unknown) => Sealed
  /** Throws `Undecryptable`. */
  open: (name: string, sealed: Sealed) => unknown
}

export function sealedJson(seal: Seal, of: string): SealedJson {
  const box = seal.of(of)
  return {
    seal: (name, value) => ({ keyId: seal.keyId, sealed: box.seal(name, JSON.stringify(value)).toString('base64') }),
    open: (name, { keyId, sealed }) => JSON.parse(box.open(keyId, name, Buffer.from(sealed, 'base64'))) as unknown,
  }
}
