import { IDBFactory, IDBKeyRange, IDBVersionChangeEvent } from 'fake-indexeddb'

/**
 * What we use of fake-indexeddb, also of its inside (`raw…`, `_…`): there every write passes through three functions, whichever way it
 * was asked for, and what is stored can be read at once. The inside may change with any version; ours is exact, and the tests of this
 * folder go red if it changes.
 */
export interface Factory {
  readonly _databases: ReadonlyMap<string, RawDatabase>
  open(name: string, version?: number): OpenRequest
  deleteDatabase(name: string): OpenRequest
  databases(): Promise<{ name: string; version: number }[]>
  cmp(a: unknown, b: unknown): number
}

export interface Target {
  addEventListener(type: string, listener: () => void): void
  dispatchEvent(event: Happening): boolean
}

export interface Happening {
  readonly type: string
  readonly oldVersion?: number
}

export interface OpenRequest extends Target {
  readonly result: Connection
  readonly transaction: Transaction
  error: unknown
}

export interface Connection {
  readonly _rawDatabase: RawDatabase
  transaction(stores: string | readonly string[], mode?: string, options?: object): Transaction
  createObjectStore(name: string, options: { keyPath: KeyPath | null; autoIncrement: boolean }): MadeStore
  close(): void
}

interface MadeStore {
  createIndex(name: string, keyPath: KeyPath, options: { unique: boolean; multiEntry: boolean }): unknown
}

export interface Transaction extends Target {
  readonly mode: string
  /** Each transaction's own; handed to the raw store with each of its writes. */
  readonly _rollbackLog: object
  /** Takes back all that the transaction wrote, and then sends `abort`. */
  _abort(name: string): void
}

export type KeyPath = string | string[]

export interface RawDatabase {
  readonly name: string
  readonly version: number
  readonly rawObjectStores: ReadonlyMap<string, RawStore>
}

export interface RawRecord {
  key: unknown
  value: unknown
}

export interface RawStore {
  readonly name: string
  readonly keyPath: KeyPath | null
  readonly autoIncrement: boolean
  readonly keyGenerator: { num: number } | null
  readonly rawIndexes: ReadonlyMap<string, RawIndex>
  readonly records: { values(): Iterable<RawRecord> }
  /** put, add, cursor.update. Returns the key. */
  storeRecord(record: RawRecord, noOverwrite: boolean, rollbackLog?: object): unknown
  /** delete of a key or a range, cursor.delete. */
  deleteRecord(key: unknown, rollbackLog?: object): void
  clear(rollbackLog?: object): void
}

export interface RawIndex {
  readonly name: string
  readonly keyPath: KeyPath
  readonly unique: boolean
  readonly multiEntry: boolean
}

export interface KeyRange {
  readonly lower: unknown
  readonly upper: unknown
  readonly lowerOpen: boolean
  readonly upperOpen: boolean
}

type Class<T> = new (...args: never[]) => T

export const makeFactory = (): Factory => new (IDBFactory as unknown as new () => Factory)()
export const isRange = (key: unknown): key is KeyRange => key instanceof (IDBKeyRange as unknown as Class<KeyRange>)
export const errorEvent = (): Happening =>
  new (IDBVersionChangeEvent as unknown as new (type: string) => Happening)('error')
