import { deserialize, serialize } from 'node:v8'
import type { KeyRange, RawDatabase } from './indexed-db.ts'

/** One change of one object store, as it was asked for. */
export type Operation =
  | { do: 'put'; store: string; value: unknown; key?: unknown }
  | { do: 'delete'; store: string; key: unknown }
  | { do: 'delete-range'; store: string; range: KeyRange }
  | { do: 'clear'; store: string }

/** A database whole: how it is made, and what is in it. */
export interface Dump {
  name: string
  version: number
  stores: {
    name: string
    keyPath: string | string[] | null
    indexes: { name: string; keyPath: string | string[]; multiEntry: boolean; unique: boolean }[]
    /** Keys only where they do not stand in the values. */
    entries: { value: unknown; key?: unknown }[]
  }[]
}

/** What the journal holds, in order. */
export type Entry =
  | { type: 'transaction'; database: string; operations: Operation[] }
  /** After an upgrade the whole database: upgrades are rare, and may do anything. */
  | { type: 'database'; dump: Dump }
  | { type: 'dropped'; database: string }
  | { type: 'values'; values: Record<string, string | undefined> }

/** Structured clones keep what JSON loses: bytes, maps, dates, undefined. */
export const encoded = (entry: Entry): string => serialize(entry).toString('base64')
export const decoded = (text: string): Entry => deserialize(Buffer.from(text, 'base64')) as Entry

/** A copy as it is now: whoever gave it may change it afterwards. */
export const copied = <T>(value: T): T => structuredClone(value)

export function dump(raw: RawDatabase): Dump {
  return {
    name: raw.name,
    version: raw.version,
    stores: [...raw.rawObjectStores.values()].map((store) => {
      if (store.autoIncrement)
        throw new Error('an object store counts its keys itself: the crypto store does not keep the count')
      return {
        name: store.name,
        keyPath: store.keyPath,
        indexes: [...store.rawIndexes.values()].map(({ name, keyPath, multiEntry, unique }) => ({
          name,
          keyPath,
          multiEntry,
          unique,
        })),
        entries: [...store.records.values()].map(({ key, value }) =>
          store.keyPath === null ? { value, key } : { value },
        ),
      }
    }),
  }
}
