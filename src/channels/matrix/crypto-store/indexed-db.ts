/** What is used of fake-indexeddb, inside and out. Its version is exact in package.json; `check` says at once if another one is made differently. */
import * as library from 'fake-indexeddb'

export interface Listener {
  type: string
  callback: (event: { stopImmediatePropagation: () => void }) => void
  capture: boolean
}

export interface RawIndex {
  name: string
  keyPath: string | string[]
  multiEntry: boolean
  unique: boolean
}

export interface RawStore {
  name: string
  keyPath: string | string[] | null
  autoIncrement: boolean
  rawIndexes: Map<string, RawIndex>
  records: { values: () => Iterable<{ key: unknown; value: unknown }> }
}

export interface RawDatabase {
  name: string
  version: number
  rawObjectStores: Map<string, RawStore>
}

export interface Transaction {
  readonly mode: 'readonly' | 'readwrite' | 'versionchange'
  readonly db: { _rawDatabase: RawDatabase }
  listeners: Listener[]
  objectStore: (name: string) => ObjectStore
  addEventListener: (type: string, callback: Listener['callback']) => void
  error: unknown
}

export interface Request<T = unknown> {
  result: T
  error: unknown
  readyState: string
  addEventListener: (type: string, callback: (event: unknown) => void) => void
  transaction: Transaction | null
}

export interface ObjectStore {
  readonly name: string
  readonly transaction: Transaction
  put: (value: unknown, key?: unknown) => Request
  delete: (key: unknown) => Request
  clear: () => Request
  createIndex: (name: string, keyPath: string | string[], options: { unique: boolean; multiEntry: boolean }) => unknown
}

export interface Database {
  readonly name: string
  transaction: (names: string[], mode: string) => Transaction
  createObjectStore: (
    name: string,
    options: { keyPath: string | string[] | null; autoIncrement: boolean },
  ) => ObjectStore
  close: () => void
}

export interface KeyRange {
  lower: unknown
  upper: unknown
  lowerOpen: boolean
  upperOpen: boolean
}

export interface Factory {
  open: (name: string, version?: number) => Request<Database> & { onupgradeneeded: unknown }
  deleteDatabase: (name: string) => Request
}

/** A class of the library, whose methods are replaced. */
export interface Class {
  prototype: Record<string, (this: never, ...given: never[]) => unknown>
}

const names = [
  'IDBCursor',
  'IDBCursorWithValue',
  'IDBDatabase',
  'IDBFactory',
  'IDBIndex',
  'IDBKeyRange',
  'IDBObjectStore',
  'IDBOpenDBRequest',
  'IDBRequest',
  'IDBTransaction',
  'IDBVersionChangeEvent',
] as const

/** Its own types are those of a browser, which are not there. */
const made = library as unknown as Record<(typeof names)[number] | 'indexedDB', unknown>

export const factory = made.indexedDB as Factory
export const classOf = (name: (typeof names)[number]): Class => made[name] as Class
export const isKeyRange = (key: unknown): key is KeyRange => key instanceof (made.IDBKeyRange as new () => object)
export const keyRange = made.IDBKeyRange as {
  bound: (lower: unknown, upper: unknown, lowerOpen: boolean, upperOpen: boolean) => KeyRange
  lowerBound: (lower: unknown, open: boolean) => KeyRange
  upperBound: (upper: unknown, open: boolean) => KeyRange
}

/** The crypto library looks for IndexedDB where a browser has it. */
export function makeGlobal(): void {
  for (const name of [...names, 'indexedDB'] as const)
    Object.defineProperty(globalThis, name, {
      value: made[name],
      configurable: true,
      writable: true,
      enumerable: false,
    })
}

/** The databases as they are now, with all that is complete. */
export function rawDatabases(names: ReadonlySet<string>): RawDatabase[] {
  const { _databases: all } = factory as unknown as { _databases: Map<string, RawDatabase> }
  return [...names].flatMap((name) => all.get(name) ?? [])
}

/** Throws if the insides are not what `Transaction` and `RawDatabase` say. */
export function check(transaction: Transaction): void {
  const { _rawDatabase: raw } = transaction.db
  const store = [...raw.rawObjectStores.values()][0]
  const fits =
    Array.isArray(transaction.listeners) &&
    typeof raw.version === 'number' &&
    (!store || (store.rawIndexes instanceof Map && typeof store.records.values === 'function'))
  if (!fits) throw new Error('this version of fake-indexeddb is made differently: the crypto store must be looked at')
}
