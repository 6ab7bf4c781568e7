// A store that refuses to save some documents for a while, or saves them and tells nobody.
import type { Document, Store } from '../../src/ports/store.ts'
import { StoreError } from '../../src/ports/store.ts'

/** A store that refuses to save some documents for a while. */
export class LosingDisk {
  refuses: (id: string) => boolean = () => false
  /** It can be read neither. */
  hides: (id: string) => boolean = () => false
  /** Neither saved nor refused. */
  hangs: (id: string) => boolean = () => false
  /** Saved, and whoever saves is not told so. */
  losesAnswer: (id: string) => boolean = () => false
  /** What is read is what was there when this began. */
  isBehind: (id: string) => boolean = () => false
  /** Only the next answer is lost. */
  once = false
  private readonly before = new Map<string, Document>()

  /** What is done is saved without an answer; what can be read from then on is what was there before, because whoever has it is not reached. */
  async unanswered(whose: (id: string) => boolean, act: () => Promise<void>): Promise<void> {
    this.losesAnswer = this.isBehind = whose
    await act()
    this.losesAnswer = () => false
  }

  readonly wrap = (store: Store): Store => ({
    ...store,
    documents: {
      ...store.documents,
      read: async (id) => {
        if (this.hides(id)) throw new StoreError('EIO', 'the disk cannot be read')
        if (this.isBehind(id)) return structuredClone(this.before.get(id))
        return store.documents.read(id)
      },
      write: async (document) => {
        if (this.hangs(document.id)) await new Promise(() => undefined)
        if (this.refuses(document.id)) throw new StoreError('ENOSPC', 'the disk is full')
        if (!this.isBehind(document.id)) this.before.set(document.id, structuredClone(document))
        await store.documents.write(document)
        if (!this.losesAnswer(document.id)) return
        if (this.once) this.losesAnswer = () => false
        throw new StoreError('timeout', 'no answer')
      },
    },
  })
}
