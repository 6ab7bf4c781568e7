// IndexedDB as a page would use it, with promises.
import type { CryptoStore } from '../../../../src/channels/matrix/crypto-store/open-crypto-store.ts'

interface Listening {
  addEventListener(type: string, listener: () => void): void
}
interface Asked<T> extends Listening {
  result: T
  error: Error
  transaction: Db['upgrade']
}
export interface Cursor {
  key: unknown
  value: unknown
  update(value: unknown): Asked<unknown>
  delete(): Asked<unknown>
  continue(): void
}
interface Readable {
  getAll(): Asked<unknown[]>
  getAllKeys(): Asked<unknown[]>
  openCursor(range?: unknown): Asked<Cursor | null>
}
export interface ObjectStore extends Readable {
  name: string
  keyPath: unknown
  autoIncrement: boolean
  indexNames: Iterable<string>
  put(value: unknown, key?: unknown): Asked<unknown>
  add(value: unknown, key?: unknown): Asked<unknown>
  delete(key: unknown): Asked<unknown>
  get(key: unknown): Asked<unknown>
  clear(): Asked<unknown>
  index(name: string): Readable & { name: string; keyPath: unknown; unique: boolean; multiEntry: boolean }
  createIndex(name: string, keyPath: string | string[], options?: object): unknown
  deleteIndex(name: string): void
}
export interface Tx extends Listening {
  objectStore(name: string): ObjectStore
  abort(): void
  commit(): void
  error: unknown
}
export interface Db {
  version: number
  objectStoreNames: Iterable<string>
  upgrade: Tx
  createObjectStore(name: string, options?: object): ObjectStore
  deleteObjectStore(name: string): void
  transaction(stores: string | string[], mode?: string): Tx
  close(): void
}
interface Api {
  open(name: string, version?: number): Asked<Db>
  deleteDatabase(name: string): Asked<unknown>
}
interface Ranges {
  bound(lower: unknown, upper: unknown, lowerOpen?: boolean, upperOpen?: boolean): unknown
  lowerBound(lower: unknown, open?: boolean): unknown
  upperBound(upper: unknown, open?: boolean): unknown
}

const globals = globalThis as unknown as { indexedDB: Api; IDBKeyRange: Ranges }
export const ranges = (): Ranges => globals.IDBKeyRange

export const answer = async <T>(request: Asked<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    request.addEventListener('success', () => resolve(request.result))
    request.addEventListener('error', () => reject(request.error))
  })

export async function open(
  store: CryptoStore,
  name: string,
  version?: number,
  upgrade?: (db: Db, transaction: Tx) => void,
): Promise<Db> {
  const request = globals.indexedDB.open(`${store.name}::${name}`, version)
  request.addEventListener('upgradeneeded', () => upgrade?.(request.result, request.transaction))
  return answer(request)
}

export const drop = async (store: CryptoStore, name: string): Promise<unknown> =>
  answer(globals.indexedDB.deleteDatabase(`${store.name}::${name}`))

/** Resolves when the transaction is complete; rejects with its error if it is aborted. */
export const complete = async (transaction: Tx): Promise<void> =>
  new Promise((resolve, reject) => {
    transaction.addEventListener('complete', resolve)
    transaction.addEventListener('abort', () => {
      reject(new Error(`aborted: ${String((transaction.error as Error | null)?.name)}`))
    })
  })

/** Writes in one transaction. Resolves when it is complete. */
export async function write(db: Db, name: string, work: (store: ObjectStore) => void): Promise<void> {
  const transaction = db.transaction(name, 'readwrite')
  work(transaction.objectStore(name))
  await complete(transaction)
}

/** Calls `each` for every record that a cursor finds. */
export function walk(source: Readable, each: (cursor: Cursor) => unknown, range?: unknown): void {
  const request = source.openCursor(range)
  request.addEventListener('success', () => {
    if (!request.result) return
    each(request.result)
    request.result.continue()
  })
}

/** All of a database that can be seen from outside: schema, keys, values, and what the indexes find. */
export async function contentOf(store: CryptoStore, name: string): Promise<unknown> {
  const db = await open(store, name)
  const names = [...db.objectStoreNames]
  const stores = []
  for (const storeName of names) {
    const found = db.transaction(storeName).objectStore(storeName)
    const { keyPath, autoIncrement } = found
    const indexes = [...found.indexNames].map((index) => found.index(index))
    stores.push({
      storeName,
      keyPath,
      autoIncrement,
      keys: await answer(found.getAllKeys()),
      values: await answer(found.getAll()),
      indexes: await Promise.all(
        indexes.map(async (index) => ({
          ...{ name: index.name, keyPath: index.keyPath, unique: index.unique, multiEntry: index.multiEntry },
          finds: await answer(index.getAllKeys()),
        })),
      ),
    })
  }
  const { version } = db
  db.close()
  return { version, stores }
}
