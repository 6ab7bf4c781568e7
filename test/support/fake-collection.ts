// A collection of MongoDB in this process, as far as the store uses one. Answers can be lost: what was asked is done all the same.
import type { Collection } from 'mongodb'
import { MongoNetworkError, MongoServerError } from 'mongodb'
import type { Row } from '../../src/stores/mongodb/rows.ts'

const fits = <R extends Row>(row: R, filter: Partial<R>): boolean =>
  Object.entries(filter).every(([name, value]) => row[name as keyof R] === value)

export class FakeCollection<R extends Row> {
  readonly rows = new Map<R['_id'], R>()
  /** So many of the next answers to writes are lost. */
  lost = 0
  /** Nothing arrives there any more. */
  isAway = false
  writes = 0

  /** What the store takes it for. */
  get collection(): Collection<R> {
    return this as unknown as Collection<R>
  }

  insertOne(row: R): Promise<object> {
    return this.#write(() => {
      if (this.rows.has(row._id)) throw new MongoServerError({ code: 11_000, message: 'duplicate key' })
      this.rows.set(row._id, structuredClone(row))
      return { insertedId: row._id }
    })
  }

  updateOne(filter: Partial<R>, update: { $set: Partial<R>; $unset?: object }): Promise<object> {
    return this.#write(() => {
      const row = this.#match(filter)
      if (!row) return { matchedCount: 0 }
      const gone = new Set(Object.keys(update.$unset ?? {}))
      const next = Object.entries({ ...row, ...structuredClone(update.$set) }).filter(([name]) => !gone.has(name))
      this.rows.set(row._id, Object.fromEntries(next) as unknown as R)
      return { matchedCount: 1 }
    })
  }

  deleteOne(filter: Partial<R>): Promise<object> {
    return this.#write(() => {
      const row = this.#match(filter)
      return { deletedCount: row && this.rows.delete(row._id) ? 1 : 0 }
    })
  }

  async findOne(filter: Partial<R>): Promise<R | null> {
    await this.#pass()
    return structuredClone(this.#match(filter) ?? null)
  }

  /** Only equalities. */
  find(filter: Partial<R>): { toArray: () => Promise<R[]> } {
    const found = (): R[] => [...this.rows.values()].filter((row) => fits(row, filter))
    return { toArray: async () => (await this.#pass(), structuredClone(found())) }
  }

  #match(filter: Partial<R>): R | undefined {
    const row = this.rows.get(filter._id as R['_id'])
    return row && fits(row, filter) ? row : undefined
  }

  async #pass(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve))
    if (this.isAway) throw new MongoNetworkError('away')
  }

  async #write<T>(change: () => T): Promise<T> {
    await this.#pass()
    this.writes++
    const result = change()
    if (this.lost > 0) {
      this.lost--
      throw new MongoNetworkError('the answer was lost')
    }
    return result
  }
}
