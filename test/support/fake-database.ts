// A database of MongoDB in this process, as far as the store uses one, and a link to it that may break.
import type { Db } from 'mongodb'
import type { Link } from '../../src/stores/mongodb/link.ts'
import type { Row } from '../../src/stores/mongodb/rows.ts'
import { FakeCollection } from './fake-collection.ts'

export class FakeDatabase {
  readonly #collections = new Map<string, FakeCollection<Row>>()

  of(name: string): FakeCollection<Row> {
    const known = this.#collections.get(name) ?? new FakeCollection<Row>()
    this.#collections.set(name, known)
    return known
  }

  /** All rows, by collection: only of those that have any. */
  content(): Record<string, Row[]> {
    const all = [...this.#collections].filter(([, { rows }]) => rows.size > 0)
    return structuredClone(Object.fromEntries(all.map(([name, { rows }]) => [name, [...rows.values()]])))
  }

  /** `writes`: after so many nothing arrives any more, as if whoever writes had died. */
  link({ writes = Infinity } = {}): Link {
    let left = writes
    const line = (name: string): FakeCollection<Row> =>
      new Proxy(this.of(name), {
        get: (collection, property) => {
          const value: unknown = Reflect.get(collection, property)
          if (typeof value !== 'function') return value
          return (...args: unknown[]): unknown => {
            const isWrite = /One$/.test(String(property)) && property !== 'findOne'
            if (left <= 0 || (isWrite && --left < 0)) return Promise.reject(new Error('dead'))
            return (value as (...given: unknown[]) => unknown).apply(collection, args)
          }
        },
      })
    const db = {
      databaseName: 'imok',
      collection: line,
      listCollections: () => ({
        toArray: () => Promise.resolve(Object.keys(this.content()).map((name) => ({ name }))),
      }),
    }
    return { db: db as unknown as Db, close: () => Promise.resolve() }
  }
}
