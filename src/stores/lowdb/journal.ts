import { frames } from '../../crypto/frames.ts'
import type { DocumentSeal, Seal } from '../../crypto/seal.ts'
import { StoreError } from '../../ports/store.ts'
import { asStoreError, replaceFile } from './disk.ts'
import type { Disk, DiskFile, Hook } from './disk.ts'

/** Below this a journal is not worth writing anew. */
const SMALL = 1024 * 1024
/** Bytes that compaction writes at a time, so that puts come in between. */
const PART = 64 * 1024

/** What is kept in a journal: its state in memory, which records change. */
export interface Kept<R> {
  /** Changes the state. Called when the record is durable, in the journal's order. */
  apply(record: R): void
  clear(): void
  /** Records that make the present state out of nothing. */
  snapshot(): Iterable<R>
  /** About how many bytes of journal a snapshot would take. */
  worth(): number
}

/** Where a journal stands after it was read. */
export interface Segment {
  number: number
  file: DiskFile
  /** Where the next record goes. */
  end: number
  /** Of this and all earlier segments. */
  bytes: number
}

/** Somebody who waits for a compaction that begins after they asked. */
interface Asking {
  done: () => void
  failed: (error: unknown) => void
}

interface Waiting {
  text: string
  durable: () => void
  failed: (error: unknown) => void
}

export const segmentPath = (name: string, number: number): string =>
  `${name}/${String(number).padStart(8, '0')}.journal`
export const sealName = (name: string, number: number): string => `${name}/${number}`

/** The first record of a segment that stands for all earlier ones too. */
export const RESET = 'null'

/**
 * An append-only file of sealed records. Appends that come while others are being synced share the next sync. Compaction: appends go to a
 * new segment at once, and the old ones are replaced behind them by one with a snapshot.
 */
export class Journal<R> {
  readonly #name: string
  readonly #disk: Disk
  readonly #seal: Seal
  readonly #hook: Hook
  readonly #kept: Kept<R>
  #segment: Segment
  #segmentSeal: DocumentSeal
  #queue: Waiting[] = []
  #running: Promise<void> | undefined
  #compacting: Promise<void> | undefined
  /** A failed append may have left bytes behind the end. */
  #dirty = false
  #asking: Asking[] = []
  #closed = false
  /** After a compaction that failed: not again before the journal has this size. */
  #patience = 0

  constructor(options: { name: string; disk: Disk; seal: Seal; hook: Hook; kept: Kept<R>; segment: Segment }) {
    this.#name = options.name
    this.#disk = options.disk
    this.#seal = options.seal
    this.#hook = options.hook
    this.#kept = options.kept
    this.#segment = options.segment
    this.#segmentSeal = options.seal.of(sealName(options.name, options.segment.number))
  }

  /**
   * Resolves when the record is durable and applied. Throws `StoreError` if it could not be written: then it is not applied, and the file is cut back
   * to where it was. Only a crash before the cut can bring it back, as a whole, at the next opening.
   */
  async append(record: R): Promise<void> {
    if (this.#closed) throw new StoreError('closed', 'the store is closed')
    const text = JSON.stringify(record)
    await new Promise<void>((resolve, reject) => {
      const durable = (): void => {
        this.#kept.apply(record)
        resolve()
      }
      this.#queue.push({ text, durable, failed: reject })
      this.#running ??= this.#flush()
    })
  }

  /**
   * Replaces all that was there by a snapshot, while appends go on. Resolves when nothing else is left in the folder, durably. Throws
   * `StoreError` if that failed: nothing is lost, the journal is only longer.
   */
  async compact(): Promise<void> {
    if (this.#closed) throw new StoreError('closed', 'the store is closed')
    await new Promise<void>((done, failed) => {
      this.#asking.push({ done, failed })
      this.#running ??= this.#flush()
    })
  }

  /** Resolves when everything appended is settled. */
  async idle(): Promise<void> {
    while (this.#running) await this.#running
  }

  /** From now on every append throws. */
  async close(): Promise<void> {
    this.#closed = true
    await this.idle()
    await this.#compacting
    await this.#segment.file.close()
  }

  async #flush(): Promise<void> {
    // One turn of the loop, so that what is put together is synced together.
    await Promise.resolve()
    do {
      if (this.#asking.length || this.#isWorthwhile()) await this.#rotate()
      await this.#settle(this.#queue.splice(0))
      // Who asks while one is under way waits for the next: it began too early to hold what they mean.
    } while (this.#queue.length || (this.#asking.length && !this.#compacting))
    // In the same breath as the last look at the queue: whoever appends next starts anew.
    this.#running = undefined
  }

  async #settle(batch: Waiting[]): Promise<void> {
    if (batch.length === 0) return
    try {
      await this.#write(batch.map(({ text }) => text))
    } catch (error) {
      const failure = asStoreError(error, `write to the ${this.#name} journal`)
      await this.#cut().catch(() => undefined)
      for (const { failed } of batch) failed(failure)
      return
    }
    for (const { durable } of batch) durable()
  }

  async #write(texts: string[]): Promise<void> {
    await this.#cut()
    const { file, end } = this.#segment
    const bytes = frames(this.#segmentSeal, this.#seal.keyId, end, texts)
    this.#dirty = true
    await this.#hook(`${this.#name}:start`)
    await file.write(bytes, end)
    await this.#hook(`${this.#name}:written`)
    await file.sync()
    await this.#hook(`${this.#name}:durable`)
    this.#dirty = false
    this.#segment.end += bytes.length
    this.#segment.bytes += bytes.length
  }

  /** Takes away what a failed append may have left, so that no half record stands before the next. */
  async #cut(): Promise<void> {
    if (!this.#dirty) return
    await this.#segment.file.truncate(this.#segment.end)
    this.#dirty = false
  }

  #isWorthwhile(): boolean {
    const { bytes } = this.#segment
    return !this.#compacting && bytes > SMALL && bytes > this.#patience && this.#kept.worth() < bytes / 2
  }

  /** Goes on in a new segment; the snapshot is taken at this moment, when state and files say the same. */
  async #rotate(): Promise<void> {
    if (this.#compacting) return
    const asking = this.#asking.splice(0)
    const old = this.#segment
    const number = old.number + 1
    let file: DiskFile | undefined
    try {
      await this.#cut()
      file = await this.#disk.create(segmentPath(this.#name, number))
      await this.#disk.syncFolder(this.#name)
      await this.#hook(`${this.#name}:rotated`)
    } catch (error) {
      await file?.close().catch(() => undefined)
      this.#patience = old.bytes * 1.5
      this.#answer(asking, error)
      return
    }
    this.#segment = { number, file, end: 0, bytes: old.bytes }
    this.#segmentSeal = this.#seal.of(sealName(this.#name, number))
    this.#compacting = this.#replace(old, [...this.#kept.snapshot()]).then((error) => {
      this.#compacting = undefined
      this.#answer(asking, error)
      if (this.#closed) this.#answer(this.#asking.splice(0), new StoreError('closed', 'the store is closed'))
      else if (this.#asking.length) this.#running ??= this.#flush()
    })
  }

  #answer(asking: Asking[], error: unknown): void {
    const failure = error === undefined ? undefined : asStoreError(error, `write the ${this.#name} journal anew`)
    for (const { done, failed } of asking) {
      if (failure) failed(failure)
      else done()
    }
  }

  /** Resolves with what went wrong, if anything did. */
  async #replace(old: Segment, records: R[]): Promise<unknown> {
    try {
      await old.file.close()
      let length = 0
      await replaceFile(
        this.#disk,
        segmentPath(this.#name, old.number),
        this.#parts(old.number, records, (n) => (length = n)),
      )
      await this.#hook(`${this.#name}:snapshot`)
      await this.#disk.syncFolder(this.#name)
      this.#segment.bytes = this.#segment.end + length
      await removeBefore(this.#disk, this.#name, old.number)
      await this.#hook(`${this.#name}:compacted`)
      return undefined
    } catch (error) {
      this.#patience = this.#segment.bytes * 1.5
      return error ?? new Error('unknown')
    }
  }

  async *#parts(number: number, records: R[], written: (length: number) => void): AsyncGenerator<Buffer> {
    const seal = this.#seal.of(sealName(this.#name, number))
    let at = 0
    let part: Buffer[] = []
    let size = 0
    for (const text of texts(records)) {
      const bytes = frames(seal, this.#seal.keyId, at, [text])
      part.push(bytes)
      at += bytes.length
      size += bytes.length
      if (size < PART) continue
      yield Buffer.concat(part)
      await Promise.resolve()
      part = []
      size = 0
    }
    yield Buffer.concat(part)
    written(at)
  }
}

function* texts(records: unknown[]): Generator<string> {
  yield RESET
  for (const record of records) yield JSON.stringify(record)
}

/** Segments that a later one stands for, and drafts of them that could not be taken away. */
export async function removeBefore(disk: Disk, name: string, number: number): Promise<void> {
  const first = segmentPath('', number).slice(1)
  const outlived = disk.list(name).filter((file) => /\.journal(\.tmp)?$/.test(file) && file < first)
  for (const file of outlived) await disk.remove(`${name}/${file}`)
  if (outlived.length) await disk.syncFolder(name)
}
