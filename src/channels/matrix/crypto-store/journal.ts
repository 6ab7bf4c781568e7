import { closeSync, fstatSync } from 'node:fs'
import { frame } from '../../../crypto/frames.ts'
import type { DocumentSeal, Seal } from '../../../crypto/seal.ts'
import { CryptoStoreError, asCryptoStoreError } from './crypto-store-error.ts'
import { disk, writeAll } from './disk.ts'
import { encode } from './entry.ts'
import type { Entry } from './entry.ts'
import type { Standing } from './read-journal.ts'
import { replaceSegment } from './replace-segment.ts'
import { rewriteSegment } from './rewrite-segment.ts'
import { createSegment, isAloneUpTo, sealName } from './segments.ts'
import type { Hook } from './segments.ts'

export interface JournalOptions {
  folder: string
  seal: Seal
  hook: Hook
  /** Told each time that it goes afloat, with the disk's code, and when it can never be written to again. */
  onFailure: (code: string) => void
  /** Bytes below which a journal is not worth writing anew. */
  small: number
}

/**
 * Append-only, and synchronous, because IndexedDB's listeners are: what is appended is on the disk when `append` returns. It is written anew
 * behind the appends: these go on in a new segment at once, and a snapshot takes the place of the old ones when it is ready.
 *
 * When the disk fails it is afloat (ADR 10): what is appended is in memory only, and what is on the disk stays as it was until `mend` has written
 * all of it anew.
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
  #afloat: string | undefined
  /** Bytes that may stand behind the end: of the append that failed. */
  #untold = 0

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

  /** The code of the disk that did not take what is in memory; undefined while all of it is durable. */
  get afloat(): string | undefined {
    return this.#refusal ? undefined : this.#afloat
  }

  /** Why nothing can be appended ever after, in one word. */
  get refusal(): string | undefined {
    return this.#refusal?.code
  }

  /**
   * True when it is durable, false when it is not and memory alone has it. If it throws a `CryptoStoreError`, nothing can be appended ever
   * after; if anything else, this entry cannot be kept.
   */
  append(entry: Entry): boolean {
    this.refuse()
    const content = encode(entry)
    // Behind one that is missing nothing may follow.
    if (this.#afloat !== undefined) return false
    const bytes = frame(this.#seal, this.#options.seal.keyId, this.#end, content)
    const { hook } = this.#options
    try {
      hook('append:start')
      this.#expectUntouched()
      writeAll(this.#handle, bytes, this.#end)
      hook('append:written')
      disk.sync(this.#handle)
      hook('append:durable')
    } catch (error) {
      const failure = asCryptoStoreError(error, 'write to the crypto store')
      if (failure.code === 'foreign-write') this.#fail(failure)
      this.#takeBack()
      this.#untold = bytes.length
      this.#afloat = failure.code
      this.#options.onFailure(failure.code)
      return false
    }
    this.#end += bytes.length
    return true
  }

  /**
   * The entries, which must stand for all that is in memory, take the place of everything that is on the disk. In one breath, and as a whole or
   * not at all. False if the disk does not take them; throws `CryptoStoreError` if somebody else has written here.
   */
  mend(entries: Iterable<Entry>): boolean {
    this.refuse()
    if (this.#afloat === undefined) return true
    if (this.#rewriting) return false
    const { folder, seal, hook } = this.#options
    const number = this.#number
    let next: number | undefined
    let length: number
    try {
      hook('mend:start')
      this.#expectOurs()
      next = createSegment(folder, number + 1)
      hook('mend:segment')
      length = replaceSegment({ folder, number, seal, hook, entries })
    } catch (error) {
      if (next !== undefined) closeQuietly(next)
      if (error instanceof CryptoStoreError) this.#fail(error)
      return false
    }
    const old = this.#handle
    this.#goTo(number + 1, next)
    this.#older = length
    this.#limit = this.#limitFor(length)
    this.#afloat = undefined
    this.#untold = 0
    closeQuietly(old)
    return true
  }

  /** It has grown to several times of what a snapshot took. */
  isLong(): boolean {
    return !this.#rewriting && !this.#refusal && this.#afloat === undefined && this.size > this.#limit
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
    const { folder, hook } = this.#options
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
      this.#older += this.#end
      this.#goTo(next, handle)
      return true
    } catch {
      // An empty segment that stays does no harm.
      this.#limit = this.size * 1.5
      return false
    }
  }

  #goTo(number: number, handle: number): void {
    this.#handle = handle
    this.#number = number
    this.#end = 0
    this.#seal = this.#options.seal.of(sealName(number))
  }

  async #replace(number: number, entries: Iterable<Entry>): Promise<void> {
    try {
      const { folder, seal, hook } = this.#options
      const isGivenUp = (): boolean => !!this.#refusal || this.#afloat !== undefined
      const length = await rewriteSegment({ folder, number, seal, hook, entries, isGivenUp })
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
    if (fstatSync(this.#handle).size !== this.#end) throw foreignWrite()
  }

  /** The same while afloat: of the append that failed any part may be there. */
  #expectOurs(): void {
    const { size } = fstatSync(this.#handle)
    const isOurs = size >= this.#end && size <= this.#end + this.#untold
    if (!isOurs || !isAloneUpTo(this.#options.folder, this.#number)) throw foreignWrite()
  }

  /** So that what was not told is not there either after the next opening. If even that fails, it is there as a whole or not at all. */
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
    closeSync(this.#handle)
    this.#options.onFailure(error.code)
    throw error
  }
}

/** A disk that has failed may say so even now, and what is closed is of no use to anybody. */
function closeQuietly(handle: number): void {
  try {
    closeSync(handle)
  } catch {
    // As good as it gets.
  }
}

const foreignWrite = (): CryptoStoreError =>
  new CryptoStoreError('foreign-write', 'somebody else wrote to the journal of the crypto store')
