// A few words of IndexedDB for tests of the crypto store: what the crypto library does with it, in short.
import { factory, keyRange } from '../../src/channels/matrix/crypto-store/indexed-db.ts'
import type {
  Database,
  KeyRange,
  ObjectStore,
  Request,
  Transaction,
} from '../../src/channels/matrix/crypto-store/indexed-db.ts'

const STORE = 'things'

export interface Cursor {
  primaryKey: unknown
  value: unknown
  update: (value: unknown) => Request
  delete: () => Request
  continue: () => void
}

export interface Scope {
  put: (value: unknown, key: unknown) => void
  /** `mayFail`: the error is passed over, and the transaction goes on. */
  add: (value: unknown, key: unknown, mayFail?: boolean) => void
  delete: (key: unknown) => void
  clear: () => void
  abort: () => void
  range: (lower: unknown, upper: unknown) => KeyRange
  eachFrom: (lower: unknown, each: (cursor: Cursor) => void) => void
}

export interface Opened {
  database: Database
  all: () => Promise<[unknown, unknown][]>
  byOwner: (owner: string) => Promise<unknown>
  /** Resolves when everything that was asked for had its turn. */
  idle: () => Promise<void>
  close: () => void
}

type Full = ObjectStore & {
  add: (value: unknown, key: unknown) => Request
  openCursor: (range?: KeyRange) => Request<Cursor | null>
  index: (name: string) => { getAll: (key: unknown) => Request }
}

const result = <T>(request: Request<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    request.addEventListener('success', () => resolve(request.result))
    request.addEventListener('error', () => reject(new Error('the request failed')))
  })

/** One store; from version 2 on it has an index. */
export async function openDatabase(name: string, version: number): Promise<Opened> {
  const request = factory.open(name, version)
  request.onupgradeneeded = ({ oldVersion }: { oldVersion: number }): void => {
    const store =
      oldVersion === 0
        ? request.result.createObjectStore(STORE, { keyPath: null, autoIncrement: false })
        : request.transaction?.objectStore(STORE)
    if (version > 1) store?.createIndex('owner', 'of', { unique: false, multiEntry: false })
  }
  const database = await result(request)
  const store = (): Full => database.transaction([STORE], 'readonly').objectStore(STORE) as Full
  return {
    database,
    all: async () => {
      const found: [unknown, unknown][] = []
      const opened = store().openCursor()
      await new Promise<void>((resolve) =>
        opened.addEventListener('success', () => {
          const cursor = opened.result
          if (!cursor) return resolve()
          found.push([cursor.primaryKey, cursor.value])
          cursor.continue()
        }),
      )
      return found
    },
    byOwner: (owner) => result(store().index('owner').getAll(owner)),
    idle: async () => {
      for (let turns = 0; turns < 20; turns++) await new Promise((resolve) => setImmediate(resolve))
    },
    close: () => database.close(),
  }
}

/** Does something in one transaction. Resolves when everybody is told that it is complete, or that it was taken back. */
export function within({ database }: Opened, work: (scope: Scope) => void): Promise<void> {
  const transaction = database.transaction([STORE], 'readwrite') as Transaction & { abort: () => void }
  const store = transaction.objectStore(STORE) as Full
  const ended = new Promise<void>((resolve) => {
    for (const type of ['complete', 'abort']) transaction.addEventListener(type, () => resolve())
  })
  work({
    put: (value, key) => void store.put(value, key),
    add: (value, key, mayFail = false) => {
      const request = store.add(value, key)
      if (mayFail)
        request.addEventListener('error', (event) => (event as { preventDefault: () => void }).preventDefault())
    },
    delete: (key) => void store.delete(key),
    clear: () => void store.clear(),
    abort: () => transaction.abort(),
    range: (lower, upper) => keyRange.bound(lower, upper, false, false),
    eachFrom: (lower, each) => {
      const opened = store.openCursor(keyRange.lowerBound(lower, false))
      opened.addEventListener('success', () => {
        const cursor = opened.result
        if (!cursor) return
        each(cursor)
        cursor.continue()
      })
    },
  })
  return ended
}
