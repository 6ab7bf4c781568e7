import { expect } from 'chai'
import type { Document, Documents } from '../../../src/ports/store.ts'
import { remembering } from '../../../src/stores/mongodb/remembering.ts'

const document = (id: string, version: number, wakeAt?: number): Document => ({
  id,
  kind: 'member',
  schema: 1,
  version,
  body: { id },
  ...(wakeAt !== undefined && { wakeAt }),
})

/** As far as it is needed: it answers, whatever was done to it. */
function database(): { rows: Map<string, Document>; documents: Documents } {
  const rows = new Map<string, Document>()
  const documents: Documents = {
    read: (id) => Promise.resolve(rows.get(id)),
    write: (it) => Promise.resolve(void rows.set(it.id, it)),
    erase: (id) => Promise.resolve(void rows.delete(id)),
    due: (until) =>
      Promise.resolve(
        [...rows.values()].flatMap(({ id, version, wakeAt }) =>
          wakeAt !== undefined && wakeAt <= until ? [{ id, version, wakeAt }] : [],
        ),
      ),
    all: async function* () {
      yield* rows.values()
    },
  }
  return { rows, documents }
}

describe('what is remembered of those who are out', () => {
  it('does when somebody has emptied the database, and not for what was erased on purpose', async () => {
    const { rows, documents } = database()
    const known = remembering(documents)
    await known.write(document('out', 1, 5))
    await known.write(document('home', 1))
    await known.write(document('erased', 1, 6))
    await known.erase('erased', 1)
    rows.clear()
    expect((await known.read('out'))?.version).to.equal(1)
    expect(await known.read('home')).to.equal(undefined)
    expect(await known.read('erased')).to.equal(undefined)
  })
})
