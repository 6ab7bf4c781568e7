import { closeSync, fstatSync } from 'node:fs'
import { frame } from '../../../crypto/frames.ts'
import type { DocumentSeal, Seal } from '../../../crypto/seal.ts'
import { CryptoStoreError, asCryptoStoreError } from './crypto-store-error.ts'
import { disk, writeAll } from './disk.ts'
import { encode } from './entry.ts'
import type { Entry } from './entry.ts'
import type { Standing } from './read-journal.ts'
import { rewriteSegment } from './rewrite-segment.ts'
import { createSegment, sealName } from './segments.ts'
import type { Hook } from './segments.ts'

export interface JournalOptions {
  folder: string
  seal: Seal
  hook: Hook
  /** Told once, with the disk's code. */
  onFailure: (code: string) => void
  /** Bytes below which a journal is not worth writing anew. */
  small: number
}

/**
 * Append-only, and synchronous, because IndexedDB's listeners are: what is appended is on the disk when `append` returns. It is written anew
 * behind the appends: these go on in a new segment at once, and a snapshot takes the place of the old ones when it is ready.
 */
export class Journal {
  readonly #options: JournalOptions
  #handle: number
  #number: number
  #end: number
  #seal: DocumentSeal
  /** Bytes of the segments before this one. */
  #older: number
  /** Bytes from which on it is written anew. */
  #limit: number
  #rewriting: Promise<void> | undefined
  #refusal: CryptoStoreError | undefined

  constructor(options: JournalOptions, { handle, number, end, older, snapshot }: Standing) {
    this.#options = options
    this.#handle = handle
    this.#number = number
    this.#end = end
    this.#older = older
    this.#seal = options.seal.of(sealName(number))
    this.#limit = this.#limitFor(snapshot)
  }

  /** Bytes on disk. */
  get size(): number {
    return this.#older + this.#end
  }

  refuse(): void {
    if (this.#refusal) throw this.#refusal
  }

  /** Durable when it returns. If it throws a `CryptoStoreError`, nothing can be appended ever after; if anything else, this entry cannot be kept. */
  append(entry: Entry): void {
    this.refuse()
    const bytes = frame(this.#seal, this.#options.seal.keyId, this.#end, encode(entry))
    const { hook } = this.#options
    try {
      hook('append:start')
      this.#expectUntouched()
      writeAll(this.#handle, bytes, this.#end)
      hook('append:written')
      disk.sync(this.#handle)
      hook('append:durable')
    } catch (error) {
      this.#fail(asCryptoStoreError(error, 'write to the crypto store'))
    }
    this.#end += bytes.length
  }

  /** It has grown to several times of what a snapshot took. */
  isLong(): boolean {
    return !this.#rewriting && !this.#refusal && this.size > this.#limit
  }

  /** The entries must stand for all that was appended. Trouble only leaves the journal longer. */
  rewrite(entries: Iterable<Entry>): void {
    const old = this.#number
    if (!this.#goOn()) return
    this.#rewriting = this.#replace(old, entries)
  }

  /** Resolves when no rewriting is under way. */
  async idle(): Promise<void> {
    await this.#rewriting
  }

  /** From now on nothing changes on the disk. */
  close(): void {
    if (this.#refusal?.code === 'closed') return
    if (!this.#refusal) closeSync(this.#handle)
    this.#refusal = new CryptoStoreError('closed', 'the crypto store is closed')
  }

  /** Appends go to a new segment. False if there is no room for one. */
  #goOn(): boolean {
    const { folder, seal, hook } = this.#options
    const next = this.#number + 1
    try {
      const handle = createSegment(folder, next)
      try {
        hook('rewrite:segment')
        closeSync(this.#handle)
      } catch (error) {
        closeSync(handle)
        throw error
      }
      this.#handle = handle
    } catch {
      // An empty segment that stays does no harm.
      this.#limit = this.size * 1.5
      return false
    }
    this.#older += this.#end
    this.#end = 0
    this.#number = next
    this.#seal = seal.of(sealName(next))
    return true
  }

  async #replace(number: number, entries: Iterable<Entry>): Promise<void> {
    try {
      const { folder, seal, hook } = this.#options
      const length = await rewriteSegment({ folder, number, seal, hook, entries, isGivenUp: () => !!this.#refusal })
      if (length === undefined) return
      this.#older = length
      this.#limit = this.#limitFor(length)
    } catch {
      this.#limit = this.size * 1.5
    } finally {
      this.#rewriting = undefined
    }
  }

  /** Twice as much again as the snapshot is written before the next one: so compaction costs at most half of what appending does. */
  #limitFor(snapshot: number): number {
    return this.#options.small + snapshot * 3
  }

  #expectUntouched(): void {
    if (fstatSync(this.#handle).size !== this.#end)
      throw new CryptoStoreError('foreign-write', 'somebody else wrote to the journal of the crypto store')
  }

  /** So that what was not reported is not there either after the next opening. If even that fails, it is there as a whole or not at all. */
  #takeBack(): void {
    try {
      disk.truncate(this.#handle, this.#end)
      disk.sync(this.#handle)
    } catch {
      // The disk has failed anyway.
    }
  }

  #fail(error: CryptoStoreError): never {
    this.#refusal = error
    if (error.code !== 'foreign-write') this.#takeBack()
    closeSync(this.#handle)
    this.#options.onFailure(error.code)
    throw error
  }
}
