import type { Entry, StoreShape } from './entry.ts'
import type { Factory, RawDatabase, RawStore } from './inside-indexeddb.ts'

/** Changes in one entry of a snapshot: some tens of kilobytes. */
const TOGETHER = 64

type WholeDatabase = Omit<Extract<Entry, { kind: 'database' }>, 'kind'>

/** A database with all its content, as it is now. Keys and values are not copied: fake-indexeddb replaces them and never changes them. */
export function contentOf({ name, version, rawObjectStores }: RawDatabase): WholeDatabase {
  return { name, version, stores: [...rawObjectStores.values()].map((s) => ({ ...shapeOf(s), records: recordsOf(s) })) }
}

const recordsOf = (store: RawStore): [unknown, unknown][] =>
  Array.from(store.records.values(), ({ key, value }) => [key, value])

const shapeOf = ({ name, keyPath, autoIncrement, keyGenerator, rawIndexes }: RawStore): StoreShape => ({
  name,
  keyPath,
  autoIncrement,
  lastKey: keyGenerator?.num ?? 0,
  indexes: Array.from(rawIndexes.values(), (index) => ({
    name: index.name,
    keyPath: index.keyPath,
    unique: index.unique,
    multiEntry: index.multiEntry,
  })),
})

/** Entries that make out of nothing what is there now, whatever happens while they are being read. */
export function snapshot(factory: Factory, values: ReadonlyMap<string, string>): Iterable<Entry> {
  // Version 0 is one that is only being made.
  const databases = Array.from(factory._databases.values(), contentOf).filter(({ version }) => version > 0)
  return entries(databases, Object.fromEntries(values))
}

function* entries(databases: WholeDatabase[], values: Record<string, string>): Generator<Entry> {
  yield { kind: 'snapshot' }
  for (const { name, version, stores } of databases) {
    yield { kind: 'database', name, version, stores: stores.map((store) => ({ ...store, records: [] })) }
    for (const { name: store, records } of stores) {
      for (let start = 0; start < records.length; start += TOGETHER) {
        const some = records.slice(start, start + TOGETHER)
        yield { kind: 'transaction', database: name, changes: some.map(([key, value]) => ['put', store, key, value]) }
      }
    }
  }
  // Last, and always there: reading takes a snapshot that ends otherwise for one that was cut.
  yield { kind: 'values', values }
}
