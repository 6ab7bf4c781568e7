import type { Class, Database, Factory, ObjectStore, Request, Transaction } from './indexed-db.ts'
import { check, classOf, isKeyRange, makeGlobal } from './indexed-db.ts'
import type { Entry, Operation } from './records.ts'
import { copied, dump } from './records.ts'

/** Makes an entry durable before it returns. Throws if it cannot: then nobody is told that the transaction is complete. */
export type Keep = (entry: Entry) => void

/** Which databases are kept, by the beginning of their names. */
const kept = new Map<string, Keep>()

const keeperOf = (database: string): Keep | undefined => {
  for (const [prefix, keep] of kept) if (database.startsWith(prefix)) return keep
  return undefined
}

/** What each transaction asked for, until it is complete. */
const asked = new WeakMap<Transaction, { operation: Operation; request: Request }[]>()

let installed = false

/** From now on every transaction in databases whose names begin with `prefix` is kept. Returns how to stop it. */
export function record(prefix: string, keep: Keep): () => void {
  if (!installed) install()
  installed = true
  kept.set(prefix, keep)
  return () => kept.delete(prefix)
}

function install(): void {
  makeGlobal()
  const objectStore = classOf('IDBObjectStore')
  replace(objectStore, 'put', putOf)
  replace(objectStore, 'add', putOf)
  replace(objectStore, 'clear', (store: ObjectStore) => ({ do: 'clear', store: store.name }))
  replace(objectStore, 'delete', (store: ObjectStore, key: unknown) => deletionOf(store.name, key))
  replaceInCursor('update', (store, key, value) => ({ do: 'put', store: store.name, value: copied(value), key }))
  replaceInCursor('delete', (store, key) => ({ do: 'delete', store: store.name, key: copied(key) }))
  watchTransactions()
  watchDeletions()
}

const putOf = (store: ObjectStore, value: unknown, key?: unknown): Operation => ({
  do: 'put',
  store: store.name,
  value: copied(value),
  ...(key !== undefined && { key: copied(key) }),
})

const deletionOf = (store: string, key: unknown): Operation => {
  if (!isKeyRange(key)) return { do: 'delete', store, key: copied(key) }
  const { lower, upper, lowerOpen, upperOpen } = key
  return { do: 'delete-range', store, range: { lower, upper, lowerOpen, upperOpen } }
}

/** Notes what was asked and the request that tells whether it was done. */
function note(transaction: Transaction, operation: Operation, request: Request): void {
  if (keeperOf(transaction.db._rawDatabase.name) === undefined) return
  const list = asked.get(transaction) ?? []
  asked.set(transaction, list)
  list.push({ operation, request })
}

function replace(of: Class, method: string, operationOf: (store: ObjectStore, ...given: unknown[]) => Operation): void {
  const original = of.prototype[method] as (this: ObjectStore, ...given: unknown[]) => Request
  of.prototype[method] = function (this: ObjectStore, ...given: unknown[]): Request {
    // Taken down first: whoever gave the value may change it as soon as we return.
    const operation = operationOf(this, ...given)
    const request = original.apply(this, given)
    note(this.transaction, operation, request)
    return request
  }
}

interface Cursor {
  source: ObjectStore & { objectStore?: ObjectStore }
  primaryKey: unknown
}

function replaceInCursor(
  method: 'update' | 'delete',
  operationOf: (store: ObjectStore, key: unknown, value: unknown) => Operation,
): void {
  const { prototype } = classOf('IDBCursor')
  const original = prototype[method] as (this: Cursor, ...given: unknown[]) => Request
  prototype[method] = function (this: Cursor, ...given: unknown[]): Request {
    const store = this.source.objectStore ?? this.source
    const operation = operationOf(store, this.primaryKey, given[0])
    if (operation.do === 'put' && hasKeyPath(store)) delete operation.key
    const request = original.apply(this, given)
    note(store.transaction, operation, request)
    return request
  }
}

const hasKeyPath = (store: ObjectStore): boolean => (store as unknown as { keyPath: unknown }).keyPath !== null

/** Our listener stands before everybody's, so that nobody hears of a transaction that is not on disk. */
function watchTransactions(): void {
  const { prototype } = classOf('IDBDatabase')
  const original = prototype['transaction'] as (this: Database, ...given: unknown[]) => Transaction
  prototype['transaction'] = function (this: Database, ...given: unknown[]): Transaction {
    const transaction = original.apply(this, given)
    if (transaction.mode !== 'readonly' && keeperOf(transaction.db._rawDatabase.name)) {
      check(transaction)
      transaction.listeners.unshift({
        type: 'complete',
        capture: false,
        callback: (event) => {
          try {
            complete(transaction)
          } catch {
            // Whoever keeps it knows, and says so. What waits for this transaction waits for ever, as after a crash.
            event.stopImmediatePropagation()
          }
        },
      })
    }
    return transaction
  }
}

function complete(transaction: Transaction): void {
  const raw = transaction.db._rawDatabase
  const keep = keeperOf(raw.name)
  if (!keep) return
  if (transaction.mode === 'versionchange') return keep({ type: 'database', dump: dump(raw) })
  const operations = (asked.get(transaction) ?? [])
    // A request that failed did nothing; whoever asked for it chose to go on.
    .filter(({ request }) => request.readyState === 'done' && !request.error)
    .map(({ operation }) => operation)
  asked.delete(transaction)
  if (operations.length > 0) keep({ type: 'transaction', database: raw.name, operations })
}

function watchDeletions(): void {
  const { prototype } = classOf('IDBFactory')
  const original = prototype['deleteDatabase'] as (this: Factory, name: string) => Request
  prototype['deleteDatabase'] = function (this: Factory, name: string): Request {
    const request = original.call(this, name)
    const keep = keeperOf(name)
    if (keep) request.addEventListener('success', () => keep({ type: 'dropped', database: name }))
    return request
  }
}
