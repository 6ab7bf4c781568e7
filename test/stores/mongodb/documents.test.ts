import { expect } from 'chai'
import { makeSeal } from '../../../src/crypto/seal.ts'
import { mongoDocuments } from '../../../src/stores/mongodb/documents.ts'
import type { DocumentRow } from '../../../src/stores/mongodb/documents.ts'
import { aDocument } from '../../contract/store.ts'
import { FakeCollection } from '../../support/fake-collection.ts'
import { testKey } from '../../support/lowdb-harness.ts'

describe('the records in a database', () => {
  it('are damaged only if they are found so twice: the kernel before may be just changing one', async () => {
    const kept = new FakeCollection<DocumentRow>()
    const rows = kept.opened()
    const aside: string[] = []
    const documents = mongoDocuments({
      rows,
      setAside: (_, { _id }) => Promise.resolve((aside.push(String(_id)), '')),
      seal: makeSeal(testKey),
      schemas: {},
    })
    for (const id of ['m1', 'm2']) await documents.write(aDocument(id, 1))
    Object.assign(kept.rows.get('m2') ?? {}, { version: 7 })
    // Listed in the middle of a change: the heading is new already, what it heads is not.
    const list = kept.find.bind(kept)
    kept.find = (...asked) => ({
      toArray: async () => (await list(...asked).toArray()).map((row) => ({ ...row, version: row.version + 1 })),
    })
    expect((await documents.inspect()).map(({ id }) => id)).to.deep.equal(['m2'])
    expect(aside).to.deep.equal(['m2'])
  })
})
