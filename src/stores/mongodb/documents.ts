import { Undecryptable } from '../../crypto/seal.ts'
import type { Seal } from '../../crypto/seal.ts'
import { Conflict, StoreError } from '../../ports/store.ts'
import type { Damage, Document, Documents } from '../../ports/store.ts'
import { asRecord, refuseNonsense, sealDocument, unsealDocument } from '../sealed-document.ts'
import type { Schemas, StoredDocument } from '../sealed-document.ts'
import type { Row, Rows } from './rows.ts'
import type { SetAside } from './set-aside.ts'

export type DocumentRow = StoredDocument & Row & { _id: string }

export interface MongoDocuments extends Documents {
  /** Opens every document once, so that a damaged one is found now and not at its deadline; what is damaged is set aside. */
  inspect: () => Promise<Damage[]>
  /** All of them. Throws `StoreError` at one that cannot be read. */
  every: () => AsyncIterable<Document>
  /** Puts one that has its version already. */
  put: (document: Document) => Promise<void>
}

export function mongoDocuments(options: {
  rows: Rows<DocumentRow>
  setAside: SetAside
  seal: Seal
  schemas: Schemas
}): MongoDocuments {
  const { rows, setAside, seal, schemas } = options

  const trouble = (row: DocumentRow): Damage['what'] | 'unknown-key' | Document => {
    const record = asRecord(row)
    if (record === undefined) return 'torn'
    if (record === 'newer' || record.schema > (schemas[record.kind] ?? Infinity)) return 'newer-schema'
    try {
      const { heading, text } = unsealDocument(seal, row._id, record)
      return { ...heading, body: JSON.parse(text) as unknown }
    } catch (error) {
      if (!(error instanceof Undecryptable)) throw error
      return seal.knows(record.keyId) ? 'undecryptable' : 'unknown-key'
    }
  }

  const opened = (row: DocumentRow): Document => {
    const found = trouble(row)
    if (typeof found === 'object') return found
    const why = { torn: 'damaged', undecryptable: 'damaged', 'unknown-key': 'undecryptable', 'newer-schema': found }[
      found
    ]
    throw new StoreError(
      why,
      `document ${row._id} is in the database but cannot be read (${found}); it is left untouched`,
    )
  }

  const sealed = ({ body, ...heading }: Document): StoredDocument => {
    refuseNonsense(heading)
    return sealDocument(seal, heading, JSON.stringify(body ?? null))
  }

  const insert = async (id: string, record: StoredDocument): Promise<void> => {
    if (await rows.insert({ _id: id, ...record })) throw new Conflict(id)
  }

  return {
    read: async (id) => {
      const row = await rows.find(id)
      return row && opened(row)
    },
    write: async (document) => {
      const record = sealed(document)
      const { id, version, wakeAt } = document
      if (version === 1) return insert(id, record)
      const isSaved = await rows.change(id, { version: version - 1 }, record, wakeAt === undefined ? ['wakeAt'] : [])
      if (!isSaved) throw new Conflict(id)
    },
    erase: async (id, version) => {
      if (!(await rows.remove(id, { version }))) throw new Conflict(id)
    },
    due: async (until, limit) => {
      const found = await rows.list(
        { wakeAt: { $lte: until } },
        { sort: { wakeAt: 1, _id: 1 }, limit, fields: ['version', 'wakeAt'] },
      )
      return found.flatMap(({ _id, version, wakeAt }) => (wakeAt === undefined ? [] : { id: _id, version, wakeAt }))
    },
    async *all(kind) {
      for await (const row of rows.walk({ kind })) {
        const found = trouble(row)
        // One that is damaged must not hide the others; whoever wants it by name is told.
        if (typeof found === 'object') yield found
      }
    },
    put: async (document) => insert(document.id, sealed(document)),
    async *every() {
      for await (const row of rows.walk({})) yield opened(row)
    },
    inspect: async () => {
      const damage: Damage[] = []
      for await (const listed of rows.walk({})) {
        const row = await rows.ifStill(listed, (it) => typeof trouble(it) !== 'object')
        const found = row && trouble(row)
        if (!row || !found || typeof found === 'object') continue
        const isOurs = found === 'torn' || found === 'undecryptable'
        // A key that was never ours may still be somebody's: such a record is not damaged, and not ours to move.
        const what = found === 'unknown-key' ? 'undecryptable' : found
        damage.push({ id: row._id, what, setAside: isOurs ? await setAside(rows, row) : `documents/${row._id}` })
      }
      return damage
    },
  }
}
