import { expect } from 'chai'
import type { Document, Documents } from '../../src/ports/store.ts'
import { Conflict } from '../../src/ports/store.ts'
import { remembering } from '../../src/stores/remembering.ts'

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
    write: (it) => {
      if ((rows.get(it.id)?.version ?? 0) !== it.version - 1) return Promise.reject(new Conflict(it.id))
      return Promise.resolve(void rows.set(it.id, it))
    },
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

  it('is due when somebody has emptied the database, and cannot be saved: then it is said unsaved', async () => {
    const { rows, documents } = database()
    const known = remembering(documents)
    await known.write(document('first', 1, 5))
    await known.write(document('second', 1, 6))
    rows.delete('first')
    expect((await known.due(9, 10)).map(({ id }) => id)).to.deep.equal(['first', 'second'])
    const failure = (it: Document): Promise<unknown> => known.write(it).catch((error: unknown) => error)
    expect(await failure(document('first', 2))).to.have.property('code', 'mongodb-vanished')
    rows.set('second', document('second', 7))
    expect(await failure(document('second', 2)), 'somebody else has saved it').to.be.instanceOf(Conflict)
  })

  it('believes the database of what is there', async () => {
    const { rows, documents } = database()
    const known = remembering(documents)
    await known.write(document('home by now', 1, 5))
    rows.set('home by now', document('home by now', 2))
    expect(await known.due(9, 10)).to.deep.equal([])
    rows.clear()
    expect(await known.due(9, 10), 'and remembers that').to.deep.equal([])
  })
})
