// A collection of MongoDB in this process, as far as the store uses one. Answers can be lost: what was asked is done all the same.
import type { Collection } from 'mongodb'
import { MongoNetworkError, MongoServerError } from 'mongodb'
import type { Row } from '../../src/stores/mongodb/rows.ts'
import { Rows } from '../../src/stores/mongodb/rows.ts'
import { createWire } from '../../src/stores/mongodb/wire.ts'

export class FakeCollection<R extends Row> {
  readonly rows = new Map<R['_id'], R>()
  /** No two rows have the same value there. */
  unique: keyof R | undefined
  /** So many of the next answers to writes are lost. */
  lost = 0
  /** Nothing arrives there any more. */
  isAway = false
  writes = 0

  /** What the store takes it for. */
  get collection(): Collection<R> {
    return this as unknown as Collection<R>
  }

  /** As a kernel opens it: each on a wire of its own. */
  opened(): Rows<R> {
    return new Rows(
      this.collection,
      createWire(() => undefined),
    )
  }

  insertOne(row: R): Promise<object> {
    return this.#write(() => {
      if (this.rows.has(row._id) || this.#isTaken(row))
        throw new MongoServerError({ code: 11_000, message: 'duplicate key' })
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

  find(filter: object, { sort = {}, limit = Infinity }: { sort?: object; limit?: number }) {
    const [by = '_id', direction = 1] = Object.entries(sort)[0] ?? []
    const found = async (): Promise<R[]> => {
      await this.#pass()
      const rows = [...this.rows.values()].filter((row) => fits(row, filter))
      const value = (row: R): string | number => row[by as keyof R] as string | number
      rows.sort((a, b) => (value(a) < value(b) ? -1 : 1) * Number(direction))
      return structuredClone(rows.slice(0, limit))
    }
    return { toArray: found }
  }

  async findOne(filter: Partial<R>): Promise<R | null> {
    await this.#pass()
    return structuredClone(this.#match(filter) ?? null)
  }

  #match(filter: Partial<R>): R | undefined {
    const row = filter._id === undefined ? undefined : this.rows.get(filter._id)
    const rows = filter._id === undefined ? [...this.rows.values()] : row ? [row] : []
    return rows.find((it) => fits(it, filter))
  }

  #isTaken(row: R): boolean {
    const { unique } = this
    return unique !== undefined && [...this.rows.values()].some((it) => it[unique] === row[unique])
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

/** As far as the store asks: equal, greater, less, one of several, and all of several. */
const fits = (row: Row, filter: object): boolean =>
  Object.entries(filter).every(([name, wanted]: [string, unknown]) => {
    if (name === '$and') return (wanted as object[]).every((one) => fits(row, one))
    const value = row[name as keyof Row] as unknown as string | number
    const { $gt, $lt, $in } = Object(wanted) as { $gt?: string | number; $lt?: string | number; $in?: unknown[] }
    if ($in) return $in.includes(value)
    if ($lt === undefined && $gt === undefined) return value === wanted
    return ($lt === undefined || value < $lt) && ($gt === undefined || value > $gt)
  })
