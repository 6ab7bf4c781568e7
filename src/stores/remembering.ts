import { Conflict, isAway, StoreError } from '../ports/store.ts'
import type { Document, Documents } from '../ports/store.ts'
import { DueIndex } from './due-index.ts'

/** Nobody but who is in office erases anything: the database is not the one that was opened, and that is about to be noticed. */
const vanished = (id: string): StoreError =>
  new StoreError(
    'mongodb-vanished',
    `document ${id} is not in the database any more, and this kernel has not erased it`,
  )

/**
 * For one time in office: while the database, or the disk, cannot be asked, what is known of those who are out must do: their deadlines pass all the
 * same. Kept are the documents that want attention some time, as they were last read or saved here (10,000 open sessions are some 50 MB).
 */
export function remembering(documents: Documents): Documents {
  const known = new Map<string, { version: number; text: string }>()
  const due = new DueIndex()

  /** `text`: the document. */
  const remember = ({ id, kind, version, wakeAt }: Omit<Document, 'body'>, text: () => string): void => {
    if ((known.get(id)?.version ?? 0) > version) return
    due.set(id, wakeAt)
    if (wakeAt === undefined && kind === 'member') known.delete(id)
    else known.set(id, { version, text: text() })
  }

  const forget = (id: string): void => {
    due.set(id, undefined)
    known.delete(id)
  }

  const saw = (document: Document): void => remember(document, () => JSON.stringify(document))

  const find = async (id: string): Promise<Document | undefined> => {
    const document = await documents.read(id)
    if (document) saw(document)
    return document
  }

  return {
    read: async (id) => {
      try {
        const document = await find(id)
        if (!document && known.has(id)) throw vanished(id)
        return document
      } catch (error) {
        const text = isAway(error) ? known.get(id)?.text : undefined
        if (text === undefined) throw error
        return JSON.parse(text) as Document
      }
    },
    write: async (document) => {
      // As it is now: what the caller does to the body afterwards is not our business.
      const { body: _body, ...heading } = document
      const text = JSON.stringify(document)
      try {
        await documents.write(document)
      } catch (error) {
        // What conflicts with a record that is gone would do so for ever.
        if (error instanceof Conflict && known.has(document.id) && !(await find(document.id)))
          throw vanished(document.id)
        throw error
      }
      remember(heading, () => text)
    },
    erase: async (id, version) => {
      await documents.erase(id, version)
      forget(id)
    },
    due: async (until, limit) => {
      const remembered = due
        .until(until, limit)
        .map(({ id, wakeAt }) => ({ id, version: known.get(id)?.version ?? 0, wakeAt }))
      try {
        const found = await documents.due(until, limit)
        const listed = new Set(found.map(({ id }) => id))
        const unlisted = remembered.filter(({ id }) => !listed.has(id))
        // What is there and not listed was only remembered wrongly.
        const there = await Promise.all(unlisted.map(({ id }) => find(id)))
        const missing = unlisted.filter((_, i) => !there[i])
        return missing.length === 0 ? found : [...found, ...missing].sort((a, b) => a.wakeAt - b.wakeAt)
      } catch (error) {
        if (!isAway(error)) throw error
        return remembered
      }
    },
    async *all(kind) {
      for await (const document of documents.all(kind)) {
        saw(document)
        yield document
      }
    },
  }
}
