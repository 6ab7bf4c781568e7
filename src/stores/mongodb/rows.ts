import type { Collection, Filter, OptionalUnlessRequiredId, Sort, UpdateFilter } from 'mongodb'
import { randomFew } from '../../crypto/random-stock.ts'
import { isDuplicateKey, NotYet } from './wire.ts'
import type { Calls } from './wire.ts'

export interface Row {
  _id: string | number
  /**
   * Random, of the last write. By it a write whose acknowledgement was lost is recognised as ours when it is made again, whether or not the
   * server can recognise that by itself.
   */
  nonce?: string
}

export interface Listing<R> {
  sort?: Partial<Record<keyof R, 1 | -1>>
  limit?: number
  /** Only these and `_id`. */
  fields?: readonly (keyof R)[]
}

/** Rows asked for at a time when all are walked through. */
const PORTION = 200

const newNonce = (): string => randomFew(9).toString('base64url')

/**
 * The few operations that we use of a collection. Each write resolves when a majority has it; one whose acknowledgement is lost is made again
 * and applied once. Throws `StoreError`: then all of it was done, or nothing.
 */
export class Rows<R extends Row> {
  readonly #collection: Collection<R>
  readonly #wire: Calls
  readonly #writes: Calls

  /** `writes`: where what changes something is called, if not on the wire itself. */
  constructor(collection: Collection<R>, wire: Calls, writes = wire) {
    this.#collection = collection
    this.#wire = wire
    this.#writes = writes
  }

  find(id: R['_id']): Promise<R | undefined> {
    return this.#wire.call('find', () => this.#find(id))
  }

  /** The row that was listed, if it is so still: what another kernel is just changing is seen in part, and only once. */
  async ifStill(listed: R, isSo: (row: R) => boolean): Promise<R | undefined> {
    if (!isSo(listed)) return undefined
    const row = await this.find(listed._id)
    return row && isSo(row) ? row : undefined
  }

  list(filter: Filter<R>, { sort, limit, fields }: Listing<R> = {}): Promise<R[]> {
    return this.#wire.call('list', async () => {
      const found = await this.#collection
        .find(filter, {
          ...(sort && { sort: sort as Sort }),
          ...(limit !== undefined && { limit }),
          ...(fields && { projection: Object.fromEntries(fields.map((it) => [it, 1])) }),
        })
        .toArray()
      return found as R[]
    })
  }

  /** All of them by their ids, a portion at a time: what comes or goes meanwhile may be seen or not, the rest surely once. */
  async *walk(filter: Filter<R>): AsyncGenerator<R> {
    let last: R['_id'] | undefined
    for (;;) {
      const from = last === undefined ? filter : { $and: [filter, { _id: { $gt: last } } as Filter<R>] }
      const portion = await this.list(from as Filter<R>, {
        sort: { _id: 1 } as Listing<R>['sort'] & object,
        limit: PORTION,
      })
      yield* portion
      const end = portion.at(-1)
      if (!end || portion.length < PORTION) return
      last = end._id
    }
  }

  /** Undefined: it is in. Otherwise the row that has its id already, or its value of `unique`, which has a unique index. */
  insert(row: R, unique?: keyof R & string): Promise<R | undefined> {
    const nonce = newNonce()
    return this.#writes.call('insert', async () => {
      try {
        await this.#collection.insertOne({ ...row, nonce } as OptionalUnlessRequiredId<R>)
        return undefined
      } catch (error) {
        if (!isDuplicateKey(error)) throw error
        // What only a minority has may still be undone: whoever tells of it must wait.
        const there =
          (await this.#find(row._id)) ??
          (unique === undefined ? undefined : await this.#first({ [unique]: row[unique] } as Filter<R>))
        if (!there) throw new NotYet()
        return there.nonce === nonce ? undefined : there
      }
    })
  }

  /** Changes the row if it is as expected; otherwise nothing. */
  change(id: R['_id'], expected: Filter<R>, set: Partial<R>, unset: readonly (keyof R)[] = []): Promise<boolean> {
    const nonce = newNonce()
    const filter = { ...expected, _id: id } as Filter<R>
    const update = {
      $set: { ...set, nonce },
      ...(unset.length > 0 && { $unset: Object.fromEntries(unset.map((it) => [it, ''])) }),
    } as unknown as UpdateFilter<R>
    return this.#writes.call('change', async () => {
      const { matchedCount } = await this.#collection.updateOne(filter, update)
      return matchedCount === 1 || (await this.#find(id))?.nonce === nonce
    })
  }

  /** Removes the row if it is as expected; otherwise nothing. */
  remove(id: R['_id'], expected: Partial<R> = {}): Promise<boolean> {
    return this.#writes.call('remove', async (tries) => {
      const { deletedCount } = await this.#collection.deleteOne({ ...expected, _id: id } as Filter<R>)
      // Gone after a try whose answer was lost: that try took it.
      return deletedCount === 1 || (tries > 1 && !(await this.#find(id)))
    })
  }

  async index(keys: Partial<Record<keyof R, 1>>): Promise<void> {
    await this.#wire.call('index', () => this.#collection.createIndex(keys as Record<string, 1>))
  }

  /** From now on no two rows have the same value there. Rejects if two have it already, or if some server of the set is away. */
  async uniqueIndex(key: keyof R & string): Promise<void> {
    await this.#wire.call('index', () => this.#collection.createIndex({ [key]: 1 }, { unique: true }, {}))
  }

  #find(id: R['_id']): Promise<R | undefined> {
    return this.#first({ _id: id } as Filter<R>)
  }

  async #first(filter: Filter<R>): Promise<R | undefined> {
    return ((await this.#collection.findOne(filter)) as R | null) ?? undefined
  }
}
