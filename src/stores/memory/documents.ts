import { Conflict } from '../../ports/store.ts'
import type { Document, Documents } from '../../ports/store.ts'
import type { Commit } from './index.ts'
import type { Medium } from './medium.ts'

export function memoryDocuments(medium: Medium, commit: Commit, alive: () => void): Documents {
  const parse = (text: string): Document => JSON.parse(text) as Document
  const read = (id: string): Document | undefined => {
    const text = medium.documents.get(id)
    return text === undefined ? undefined : parse(text)
  }
  /** What the loop asks for every second: parsed once for each save, or stories of hours would take minutes. */
  const known = new Map<string, { text: string; version: number; wakeAt?: number }>()
  const glance = (id: string, text: string): { version: number; wakeAt?: number } => {
    const before = known.get(id)
    if (before?.text === text) return before
    const { version, wakeAt } = parse(text)
    const now = { text, version, ...(wakeAt !== undefined && { wakeAt }) }
    known.set(id, now)
    return now
  }
  const expect = (id: string, version: number): void => {
    if ((read(id)?.version ?? 0) !== version) throw new Conflict(id)
  }
  return {
    async read(id) {
      alive()
      return Promise.resolve(read(id))
    },
    async write(document) {
      const { id, version, wakeAt } = document
      if (!id || version < 1 || (wakeAt !== undefined && !Number.isFinite(wakeAt)))
        throw new RangeError(`not a document: ${id}`)
      const text = JSON.stringify({ ...document, body: document.body ?? null })
      await commit('save', () => {
        expect(id, version - 1)
        medium.documents.set(id, text)
      })
    },
    async erase(id, version) {
      await commit('erase', () => {
        expect(id, version)
        medium.documents.delete(id)
      })
    },
    async due(until, limit) {
      alive()
      const due = [...medium.documents].flatMap(([id, text]) => {
        const { version, wakeAt } = glance(id, text)
        return wakeAt !== undefined && wakeAt <= until ? { id, version, wakeAt } : []
      })
      due.sort((a, b) => a.wakeAt - b.wakeAt || (a.id < b.id ? -1 : 1))
      return Promise.resolve(due.slice(0, limit))
    },
    async *all(kind) {
      for (const id of [...medium.documents.keys()]) {
        alive()
        const document = await Promise.resolve(read(id))
        if (document?.kind === kind) yield document
      }
    },
  }
}
