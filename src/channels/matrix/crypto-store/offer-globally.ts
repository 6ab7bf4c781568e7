import {
  IDBCursor,
  IDBCursorWithValue,
  IDBDatabase,
  IDBFactory,
  IDBIndex,
  IDBKeyRange,
  IDBObjectStore,
  IDBOpenDBRequest,
  IDBRequest,
  IDBTransaction,
  IDBVersionChangeEvent,
} from 'fake-indexeddb'
import type { OpenRequest } from './inside-indexeddb.ts'
import type { RecordedDatabases } from './recorded-databases.ts'

/** Whose databases are open in this process, by the name of the store: databases are called `name::…`. */
const offered = new Map<string, RecordedDatabases>()
let count = 0

/** The wasm looks for `indexedDB` and its classes among the globals. Returns the store's name there, and how to take it back. */
export function offerGlobally(databases: RecordedDatabases): { name: string; withdraw: () => void } {
  if (count === 0) install()
  const name = `imok-${++count}`
  offered.set(name, databases)
  return { name, withdraw: () => void offered.delete(name) }
}

/** A database that belongs to no store would be kept by nobody: there is none. */
function ownerOf(database: string): { databases: RecordedDatabases; rest: string } {
  const [name = ''] = database.split('::', 1)
  const databases = offered.get(name)
  if (!databases) throw new Error('there is no open crypto store for this database')
  return { databases, rest: database.slice(name.length) }
}

const indexedDB = {
  open(database: string, version?: number): OpenRequest {
    const { databases, rest } = ownerOf(database)
    return databases.open(rest, version)
  },
  deleteDatabase(database: string): OpenRequest {
    const { databases, rest } = ownerOf(database)
    return databases.deleteDatabase(rest)
  },
}

function install(): void {
  const globals: Record<string, unknown> = {
    indexedDB,
    IDBCursor,
    IDBCursorWithValue,
    IDBDatabase,
    IDBFactory,
    IDBIndex,
    IDBKeyRange,
    IDBObjectStore,
    IDBOpenDBRequest,
    IDBRequest,
    IDBTransaction,
    IDBVersionChangeEvent,
  }
  for (const [name, value] of Object.entries(globals))
    Object.defineProperty(globalThis, name, { value, configurable: true, writable: true })
}
