import { Deserializer, Serializer } from 'node:v8'
import { CryptoStoreError } from './crypto-store-error.ts'
import type { KeyPath, KeyRange } from './inside-indexeddb.ts'

export interface StoreShape {
  name: string
  keyPath: KeyPath | null
  autoIncrement: boolean
  /** The last number that the key generator gave; 0 without one. */
  lastKey: number
  indexes: { name: string; keyPath: KeyPath; unique: boolean; multiEntry: boolean }[]
}

/** One write of a transaction, by the name of its object store. */
export type Change =
  | ['put', store: string, key: unknown, value: unknown]
  | ['delete', store: string, key: unknown]
  | ['delete-range', store: string, range: KeyRange]
  | ['clear', store: string]

/** What the journal is made of. Each entry is one frame, so it is there as a whole or not at all. */
export type Entry =
  /** Begins a segment that stands for all earlier ones too. */
  | { kind: 'snapshot' }
  /** A database as an upgrade left it, whatever was there before. */
  | { kind: 'database'; name: string; version: number; stores: (StoreShape & { records: [unknown, unknown][] })[] }
  | { kind: 'transaction'; database: string; changes: Change[] }
  | { kind: 'dropped'; database: string }
  /** `undefined` takes a value away. */
  | { kind: 'values'; values: Readonly<Record<string, string | undefined>> }
  /** Several transactions that are of no use without each other. */
  | { kind: 'together'; entries: Entry[] }

/**
 * In V8's format of structured clones, which newer versions go on reading. Not `v8.serialize`: that one writes typed arrays in a way of Node's own,
 * and reading gives views of the journal's bytes, which would keep all of them in memory. Throws for what cannot be written down (a `CryptoKey`).
 */
export function encode(entry: Entry): Buffer {
  const serializer = new Serializer()
  serializer.writeHeader()
  serializer.writeValue(entry)
  return serializer.releaseBuffer()
}

const kinds = ['snapshot', 'database', 'transaction', 'dropped', 'values', 'together']

/** Of what was sealed by us: so what cannot be read is newer than we are. Throws `CryptoStoreError`. */
export function decode(bytes: Buffer): Entry {
  try {
    const deserializer = new Deserializer(bytes)
    deserializer.readHeader()
    const entry = deserializer.readValue() as Entry
    if (kinds.includes(entry.kind)) return entry
  } catch {
    // Told below.
  }
  throw new CryptoStoreError(
    'newer-format',
    'the crypto store was written by a newer imok: run that one; nothing was changed',
  )
}
