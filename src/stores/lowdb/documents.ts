import { Low } from 'lowdb'
import { Undecryptable } from '../../crypto/seal.ts'
import type { Seal } from '../../crypto/seal.ts'
import { Conflict, StoreError } from '../../ports/store.ts'
import type { Document, Documents } from '../../ports/store.ts'
import { refuseNonsense, sealDocument, unsealDocument } from '../sealed-document.ts'
import type { Heading, StoredDocument } from '../sealed-document.ts'
import { makeGate, makeTurns } from '../turns.ts'
import type { Turns } from '../turns.ts'
import { asStoreError } from './disk.ts'
import type { Disk, Hook } from './disk.ts'
import { DueIndex } from '../due-index.ts'
import type { Loaded } from './load-documents.ts'
import { Recent } from './recent.ts'
import { Doubtful, FOLDER, documentFile, fileOf } from './stored-document.ts'
import { shareSync } from './share-sync.ts'

/** Bodies kept in memory as text. 2,000 of 5 kB are 10 MB. */
const RECENT = 2_000
/** Files written at once: enough to share folder syncs, few enough for a limit of 256 open files. */
const WRITING = 64
/** Documents read ahead while all are walked through. */
const AHEAD = 16

export interface DocumentsOptions {
  disk: Disk
  seal: Seal
  hook: Hook
  loaded: Loaded
}

/** One lowdb database per document, and in memory an index of versions and wake-ups. */
export class LowdbDocuments implements Documents {
  readonly #disk: Disk
  readonly #seal: Seal
  readonly #hook: Hook
  readonly #headings: Map<string, Heading>
  readonly #blocked: Loaded['blocked']
  readonly #due: DueIndex
  readonly #recent = new Recent(RECENT)
  readonly #turns: Turns = makeTurns()
  readonly #gate = makeGate(WRITING)
  #closed = false
  readonly #settle: () => Promise<void>
  /** What was changed but may not be durable, and how to make sure: nobody is shown it before. */
  readonly #doubtful = new Map<string, () => Promise<void>>()

  constructor({ disk, seal, hook, loaded }: DocumentsOptions) {
    this.#disk = disk
    this.#seal = seal
    this.#hook = hook
    this.#headings = loaded.headings
    this.#blocked = loaded.blocked
    this.#due = new DueIndex(
      [...loaded.headings.values()].flatMap(({ id, wakeAt }) => (wakeAt === undefined ? [] : { id, wakeAt })),
    )
    this.#settle = shareSync(() => disk.syncFolder(FOLDER))
  }

  async read(id: string): Promise<Document | undefined> {
    this.#refuseClosed()
    return this.#read(id, true)
  }

  async write(document: Document): Promise<void> {
    this.#refuseClosed()
    const { body, ...heading } = document
    refuseNonsense(heading)
    // Taken now: what the caller does to the body afterwards is not our business.
    const text = JSON.stringify(body ?? null)
    await this.#turns.take(document.id, async () => {
      await this.#makeSure(document.id)
      this.#expect(document.id, document.version - 1)
      await this.#save(heading, text)
    })
  }

  async erase(id: string, version: number): Promise<void> {
    this.#refuseClosed()
    await this.#turns.take(id, async () => {
      await this.#makeSure(id)
      this.#expect(id, version)
      const path = this.#path(id)
      const remove = async (): Promise<void> => {
        await this.#disk.remove(path)
        await this.#settle()
      }
      try {
        await this.#hook('erase:start')
        await this.#disk.remove(path)
      } catch (error) {
        throw asStoreError(error, `erase document ${id}`)
      }
      this.#forget(id)
      try {
        await this.#hook('erase:removed')
        await this.#settle()
        await this.#hook('erase:durable')
      } catch (error) {
        this.#doubtful.set(id, remove)
        throw asStoreError(error, `erase document ${id} for good`)
      }
    })
  }

  async due(until: number, limit: number): Promise<{ id: string; version: number; wakeAt: number }[]> {
    const due = this.#due.until(until, limit)
    return Promise.resolve(due.map(({ id, wakeAt }) => ({ id, version: this.#headings.get(id)?.version ?? 0, wakeAt })))
  }

  async *all(kind: Document['kind']): AsyncIterable<Document> {
    const ids = [...this.#headings.values()].filter((heading) => heading.kind === kind).map(({ id }) => id)
    for (let start = 0; start < ids.length; start += AHEAD) {
      for (const document of await Promise.all(ids.slice(start, start + AHEAD).map((id) => this.#readable(id)))) {
        if (document) yield document
      }
    }
  }

  /** Resolves when nothing is being written any more. From now on every call throws. */
  async close(): Promise<void> {
    this.#closed = true
    await this.#turns.idle()
  }

  #refuseClosed(): void {
    if (this.#closed) throw new StoreError('closed', 'the store is closed')
  }

  async #read(id: string, isWanted: boolean): Promise<Document | undefined> {
    const known = this.#headings.get(id)
    const text = known && !this.#doubtful.has(id) && this.#recent.get(id, known.version)
    if (text) return { ...known, body: JSON.parse(text) as unknown }
    return this.#turns.take(id, () => this.#load(id, isWanted))
  }

  #path = (id: string): string => `${FOLDER}/${fileOf(id)}`

  #expect(id: string, version: number): void {
    this.#refuseBlocked(id)
    if ((this.#headings.get(id)?.version ?? 0) !== version) throw new Conflict(id)
  }

  #refuseBlocked(id: string): void {
    const why = this.#blocked.get(id)
    if (why)
      throw new StoreError(why, `document ${id} is on disk but not for this kernel (${why}); it is left untouched`)
  }

  async #save(heading: Heading, text: string): Promise<void> {
    const low = new Low<StoredDocument | null>(this.#file(heading.id), sealDocument(this.#seal, heading, text))
    try {
      await this.#gate(() => low.write())
    } catch (error) {
      if (!(error instanceof Doubtful)) throw asStoreError(error, `save document ${heading.id}`)
      this.#remember(heading, text)
      this.#doubtful.set(heading.id, () => this.#gate(() => low.write()))
      throw asStoreError(error.cause, `make the save of document ${heading.id} durable`)
    }
    this.#remember(heading, text)
  }

  /** A change of which we do not know whether it is durable is made again before anybody builds on it. */
  async #makeSure(id: string): Promise<void> {
    const again = this.#doubtful.get(id)
    if (!again) return
    try {
      await again()
    } catch (error) {
      throw asStoreError(error instanceof Doubtful ? error.cause : error, `make document ${id} durable`)
    }
    this.#doubtful.delete(id)
  }

  async #load(id: string, isWanted: boolean): Promise<Document | undefined> {
    await this.#makeSure(id)
    this.#refuseBlocked(id)
    const known = this.#headings.get(id)
    if (!known) return undefined
    try {
      const low = new Low<StoredDocument | null>(this.#file(id), null)
      await low.read()
      if (!low.data) throw new StoreError('damaged', `document ${id} has vanished from the disk`)
      const { heading, text } = unsealDocument(this.#seal, id, low.data)
      if (heading.version !== known.version)
        throw new StoreError('damaged', `document ${id} was changed by somebody else`)
      if (isWanted) this.#recent.set(id, known.version, text)
      return { ...heading, body: JSON.parse(text) as unknown }
    } catch (error) {
      if (error instanceof Undecryptable)
        throw new StoreError('damaged', `document ${id} cannot be decrypted`, { cause: error })
      throw asStoreError(error, `read document ${id}`)
    }
  }

  async #readable(id: string): Promise<Document | undefined> {
    try {
      // Not kept: whoever walks through all would drive out what is in use.
      return await this.#read(id, false)
    } catch (error) {
      // One that was damaged since the start must not hide the others; whoever wants it by name is told. A disk that cannot be read is
      // another matter: silence would look like a group without members.
      if (error instanceof StoreError && error.code === 'damaged') return undefined
      throw error
    }
  }

  #file(id: string): ReturnType<typeof documentFile> {
    return documentFile(this.#disk, this.#path(id), this.#settle, this.#hook)
  }

  #remember(heading: Heading, text: string): void {
    this.#headings.set(heading.id, heading)
    this.#due.set(heading.id, heading.wakeAt)
    this.#recent.set(heading.id, heading.version, text)
  }

  #forget(id: string): void {
    this.#headings.delete(id)
    this.#due.set(id, undefined)
    this.#recent.delete(id)
  }
}
