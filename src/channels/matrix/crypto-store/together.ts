import { encode } from './entry.ts'
import type { Entry } from './entry.ts'

/** Transactions that are kept back, and appended as one. Works that overlap end together. */
export class Together {
  readonly #append: (entry: Entry) => void
  readonly #expectDurable: () => void
  #works = 0
  #kept: Entry[] = []
  #end = Promise.withResolvers<undefined>()

  /** Both throw while the disk takes nothing. */
  constructor(append: (entry: Entry) => void, expectDurable: () => void) {
    this.#append = append
    this.#expectDurable = expectDurable
  }

  isUnderWay(): boolean {
    return this.#works > 0
  }

  /** True if it is kept for the end. Throws what cannot be written down, while that transaction can still be aborted. */
  keep(entry: Entry): boolean {
    if (!this.isUnderWay()) return false
    encode(entry)
    this.#kept.push(entry)
    return true
  }

  /** Throws what `work` throws; what that has written is appended all the same, as memory has it. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    this.#expectDurable()
    if (this.#works++ === 0) this.#end = Promise.withResolvers()
    try {
      return await work()
    } finally {
      if (--this.#works === 0) this.#finish()
    }
  }

  /** Resolves when none is under way, however the last one ended. */
  async ended(): Promise<void> {
    while (this.isUnderWay()) await this.#end.promise
  }

  #finish(): void {
    const entries = this.#kept
    this.#kept = []
    try {
      if (entries.length > 0) this.#append({ kind: 'together', entries })
    } finally {
      this.#end.resolve(undefined)
    }
  }
}
