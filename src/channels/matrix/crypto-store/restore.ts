import type { Database, Factory, ObjectStore, Request, Transaction } from './indexed-db.ts'
import { factory, keyRange } from './indexed-db.ts'
import type { KeyRange } from './indexed-db.ts'
import type { Dump, Operation } from './records.ts'

/** Databases as the journal has them, put back into memory. */
export interface Restorer {
  database: (dump: Dump) => Promise<void>
  transaction: (database: string, operations: readonly Operation[]) => Promise<void>
  dropped: (database: string) => Promise<void>
  /** Closes what it opened. */
  done: () => void
}

export function restorer(): Restorer {
  const open = new Map<string, Database>()

  const drop = async (name: string): Promise<void> => {
    open.get(name)?.close()
    open.delete(name)
    await succeeded(factory.deleteDatabase(name))
  }

  return {
    dropped: drop,
    database: async (dump) => {
      await drop(dump.name)
      const request = factory.open(dump.name, dump.version)
      request.onupgradeneeded = (): void => make(request, dump)
      open.set(dump.name, await succeeded(request))
    },
    transaction: async (name, operations) => {
      const database = open.get(name)
      if (!database) throw new Error('a transaction of an unknown database')
      const stores = [...new Set(operations.map(({ store }) => store))]
      const transaction = database.transaction(stores, 'readwrite')
      for (const operation of operations) redo(transaction.objectStore(operation.store), operation)
      await completed(transaction)
    },
    done: () => {
      for (const database of open.values()) database.close()
    },
  }
}

function make(request: ReturnType<Factory['open']>, dump: Dump): void {
  for (const { name, keyPath, indexes, entries } of dump.stores) {
    const store = request.result.createObjectStore(name, { keyPath, autoIncrement: false })
    for (const { name: index, keyPath: of, unique, multiEntry } of indexes)
      store.createIndex(index, of, { unique, multiEntry })
    for (const { value, key } of entries) put(store, value, key)
  }
}

const put = (store: ObjectStore, value: unknown, key: unknown): Request =>
  key === undefined ? store.put(value) : store.put(value, key)

function redo(store: ObjectStore, operation: Operation): Request {
  switch (operation.do) {
    case 'put':
      return put(store, operation.value, operation.key)
    case 'delete':
      return store.delete(operation.key)
    case 'delete-range':
      return store.delete(rangeOf(operation.range))
    case 'clear':
      return store.clear()
    default:
      return operation satisfies never
  }
}

function rangeOf({ lower, upper, lowerOpen, upperOpen }: KeyRange): KeyRange {
  if (lower === undefined) return keyRange.upperBound(upper, upperOpen)
  if (upper === undefined) return keyRange.lowerBound(lower, lowerOpen)
  return keyRange.bound(lower, upper, lowerOpen, upperOpen)
}

const succeeded = <T>(request: Request<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    request.addEventListener('success', () => resolve(request.result))
    request.addEventListener('error', () => reject(new Error('a stored database could not be put back')))
  })

const completed = (transaction: Transaction): Promise<void> =>
  new Promise((resolve, reject) => {
    transaction.addEventListener('complete', () => resolve())
    transaction.addEventListener('abort', () => reject(new Error('a stored transaction could not be repeated')))
  })
