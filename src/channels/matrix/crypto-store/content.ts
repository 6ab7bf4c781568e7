import { CryptoStoreError } from './crypto-store-error.ts'
import type { Change, Entry, StoreShape } from './entry.ts'
import type { KeyRange } from './inside-indexeddb.ts'
import { keyText } from './key-text.ts'

export interface StoreContent extends StoreShape {
  records: Map<string, [key: unknown, value: unknown]>
}

export interface DatabaseContent {
  name: string
  version: number
  stores: Map<string, StoreContent>
}

type Compare = (a: unknown, b: unknown) => number

/** What the journal's entries add up to. Only for opening: in use, the content is fake-indexeddb's. */
export class Content {
  readonly databases = new Map<string, DatabaseContent>()
  readonly values = new Map<string, string>()
  readonly #compare: Compare

  /** `compare` as IndexedDB orders keys. */
  constructor(compare: Compare) {
    this.#compare = compare
  }

  apply(entry: Entry): void {
    switch (entry.kind) {
      case 'snapshot':
        this.databases.clear()
        this.values.clear()
        break
      case 'database':
        this.databases.set(entry.name, contentOf(entry))
        break
      case 'transaction': {
        const database = this.databases.get(entry.database)
        for (const change of entry.changes) this.#change(database?.stores.get(change[1]), change)
        break
      }
      case 'dropped':
        this.databases.delete(entry.database)
        break
      case 'values':
        setValues(this.values, entry.values)
        break
      case 'together':
        for (const one of entry.entries) this.apply(one)
        break
    }
  }

  #change(store: StoreContent | undefined, change: Change): void {
    if (!store) throw new CryptoStoreError('damaged', 'the crypto store is damaged: it changes what is not there')
    switch (change[0]) {
      case 'put': {
        const [, , key, value] = change
        store.records.set(keyText(key), [key, value])
        if (store.autoIncrement && typeof key === 'number') store.lastKey = Math.max(store.lastKey, Math.floor(key))
        break
      }
      case 'delete':
        store.records.delete(keyText(change[2]))
        break
      case 'delete-range':
        for (const [text, [key]] of store.records) if (this.#lies(key, change[2])) store.records.delete(text)
        break
      case 'clear':
        store.records.clear()
        break
    }
  }

  #lies(key: unknown, { lower, upper, lowerOpen, upperOpen }: KeyRange): boolean {
    if (lower !== undefined && this.#compare(key, lower) < (lowerOpen ? 1 : 0)) return false
    return upper === undefined || this.#compare(key, upper) <= (upperOpen ? -1 : 0)
  }
}

/** `undefined` takes a value away. */
export function setValues(known: Map<string, string>, values: Readonly<Record<string, string | undefined>>): void {
  for (const [key, value] of Object.entries(values)) {
    if (value === undefined) known.delete(key)
    else known.set(key, value)
  }
}

function contentOf({ name, version, stores }: Extract<Entry, { kind: 'database' }>): DatabaseContent {
  return {
    name,
    version,
    stores: new Map(
      stores.map((store) => [
        store.name,
        { ...store, records: new Map(store.records.map(([key, value]) => [keyText(key), [key, value]])) },
      ]),
    ),
  }
}
