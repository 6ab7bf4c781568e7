import { CryptoStoreError } from './crypto-store-error.ts'
import type { Change, Entry } from './entry.ts'
import { errorEvent, isRange } from './inside-indexeddb.ts'
import type { Connection, Factory, Happening, OpenRequest, RawStore, Transaction } from './inside-indexeddb.ts'
import { contentOf } from './snapshot.ts'

/** Where changes go to last. */
export interface Ledger {
  /** Durable when it returns, or will be with all the rest (ADR 10). Throws `CryptoStoreError` if neither, or what the entry itself throws if it cannot be written down. */
  append(entry: Entry): void
  /** Throws if nothing can be appended any more. */
  refuse(): void
}

/**
 * The databases of one store. What a transaction wrote is in the ledger before anybody hears that it is complete; if the ledger refuses
 * it, the transaction is aborted instead, and what it wrote is taken back. An upgrade is recorded as the whole database that it left.
 */
export class RecordedDatabases {
  readonly #factory: Factory
  readonly #ledger: Ledger
  /** What each transaction wrote, by its rollback log. */
  readonly #written = new WeakMap<object, Change[]>()
  readonly #adopted = new WeakSet<object>()
  /** Transactions that wrote something and have not ended. */
  #underWay = 0

  constructor(factory: Factory, ledger: Ledger) {
    this.#factory = factory
    this.#ledger = ledger
  }

  /** Nothing is in memory that is not in the ledger. */
  isQuiet(): boolean {
    return this.#underWay === 0
  }

  open(name: string, version?: number): OpenRequest {
    this.#ledger.refuse()
    const request = this.#factory.open(name, version)
    // Before anybody else can listen.
    request.addEventListener('upgradeneeded', () => {
      const database = request.result._rawDatabase
      this.#underWay++
      this.#adopt(request.result)
      this.#guard(request.transaction, {
        entry: () => ({ kind: 'database', ...contentOf(database) }),
        ended: () => this.#underWay--,
      })
    })
    request.addEventListener('success', () => this.#adopt(request.result))
    return request
  }

  deleteDatabase(name: string): OpenRequest {
    this.#ledger.refuse()
    const request = this.#factory.deleteDatabase(name)
    const dispatch = request.dispatchEvent.bind(request)
    request.dispatchEvent = (event) => {
      if (event.type !== 'success' || !event.oldVersion) return dispatch(event)
      try {
        this.#ledger.append({ kind: 'dropped', database: name })
        return dispatch(event)
      } catch (error) {
        request.error = error
        return dispatch(errorEvent())
      }
    }
    return request
  }

  #adopt(connection: Connection): void {
    if (this.#adopted.has(connection)) return
    this.#adopted.add(connection)
    const begin = connection.transaction.bind(connection)
    connection.transaction = (stores, mode, options) => {
      this.#ledger.refuse()
      for (const store of connection._rawDatabase.rawObjectStores.values()) this.#record(store)
      const transaction = begin(stores, mode, options)
      if (transaction.mode !== 'readonly') this.#follow(connection._rawDatabase.name, transaction)
      return transaction
    }
  }

  #follow(database: string, transaction: Transaction): void {
    const changes: Change[] = []
    this.#written.set(transaction._rollbackLog, changes)
    this.#guard(transaction, {
      entry: () => (changes.length ? { kind: 'transaction', database, changes } : undefined),
      ended: () => {
        if (changes.length) this.#underWay--
        this.#written.delete(transaction._rollbackLog)
      },
    })
  }

  #guard(transaction: Transaction, work: { entry: () => Entry | undefined; ended: () => void }): void {
    const dispatch = transaction.dispatchEvent.bind(transaction)
    let hasEnded = false
    const end = (): void => {
      if (!hasEnded) work.ended()
      hasEnded = true
    }
    transaction.dispatchEvent = (event: Happening): boolean => {
      if (event.type === 'abort') end()
      if (event.type !== 'complete') return dispatch(event)
      try {
        end()
        const entry = work.entry()
        if (entry) this.#ledger.append(entry)
      } catch (error) {
        transaction._abort(reasonFor(error))
        return false
      }
      return dispatch(event)
    }
  }

  /** Writes without a rollback log take something back, those of an upgrade are not followed: neither is recorded. */
  #record(store: RawStore): void {
    if (this.#adopted.has(store)) return
    this.#adopted.add(store)
    const note = (log: object | undefined, change: () => Change): void => {
      const changes = log && this.#written.get(log)
      if (changes?.push(change()) === 1) this.#underWay++
    }
    const storeRecord = store.storeRecord.bind(store)
    const deleteRecord = store.deleteRecord.bind(store)
    const clear = store.clear.bind(store)
    store.storeRecord = (record, noOverwrite, log) => {
      const key = storeRecord(record, noOverwrite, log)
      note(log, () => ['put', store.name, record.key, record.value])
      return key
    }
    store.deleteRecord = (key, log) => {
      deleteRecord(key, log)
      note(log, () => (isRange(key) ? ['delete-range', store.name, boundsOf(key)] : ['delete', store.name, key]))
    }
    store.clear = (log) => {
      clear(log)
      note(log, () => ['clear', store.name])
    }
  }
}

const boundsOf = ({ lower, upper, lowerOpen, upperOpen }: Extract<Change, ['delete-range', ...unknown[]]>[2]) => ({
  lower,
  upper,
  lowerOpen,
  upperOpen,
})

/** What IndexedDB calls a transaction that could not be committed. */
function reasonFor(error: unknown): string {
  return error instanceof CryptoStoreError ? 'UnknownError' : 'DataCloneError'
}
