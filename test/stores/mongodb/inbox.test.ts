import { expect } from 'chai'
import { makeSeal } from '../../../src/crypto/seal.ts'
import { REMEMBERED } from '../../../src/ports/inbox.ts'
import { mongoInbox } from '../../../src/stores/mongodb/inbox.ts'
import type { InboxRow } from '../../../src/stores/mongodb/inbox.ts'
import type { SetAside } from '../../../src/stores/mongodb/set-aside.ts'
import { anItem } from '../../contract/store.ts'
import { FakeCollection } from '../../support/fake-collection.ts'
import { testKey } from '../../support/lowdb-harness.ts'

const NOW = 1_700_000_000_000

describe('the inbox in a database', () => {
  it('forgets all ids that nobody asks about any more, however many came since the last tidying, and no others', async () => {
    const kept = new FakeCollection<InboxRow>()
    const rows = kept.opened()
    const inbox = mongoInbox({ rows, setAside: () => Promise.resolve(''), seal: makeSeal(testKey), now: () => NOW })
    const put = (name: string, receivedAt: number, done: boolean): void =>
      void kept.rows.set(name, { _id: name, order: 0, receivedAt, done, failures: 0 })
    for (let n = 0; n < 2_500; n++) put(`old ${String(n)}`, NOW - REMEMBERED - 1 - n, true)
    put('waiting', NOW - REMEMBERED - 1, false)
    put('young', NOW - REMEMBERED + 1, true)
    await inbox.forget()
    expect([...kept.rows.keys()]).to.deep.equal(['waiting', 'young'])
  })

  it('takes nothing for damaged that the kernel before is just changing', async () => {
    const kept = new FakeCollection<InboxRow>()
    const rows = kept.opened()
    const aside: string[] = []
    const setAside: SetAside = (_, { _id }) => Promise.resolve((aside.push(String(_id)), ''))
    const inbox = mongoInbox({ rows, setAside, seal: makeSeal(testKey), now: () => NOW })
    for (const id of ['a', 'b']) await inbox.put(anItem(id))
    Object.assign(kept.rows.get('b') ?? {}, { sealed: 'nobody can read it' })
    // Listed in the middle of a change.
    const list = kept.find.bind(kept)
    kept.find = (...asked) => ({
      toArray: async () => (await list(...asked).toArray()).map(({ sealed: _sealed, ...row }) => row),
    })
    expect(await inbox.inspect()).to.have.length(1)
    expect(aside).to.deep.equal(['b'])
  })

  it('reads only what is not known, and what becomes unknown meanwhile stays in the list', async () => {
    const kept = new FakeCollection<InboxRow>()
    const rows = kept.opened()
    const inbox = mongoInbox({ rows, setAside: () => Promise.resolve(''), seal: makeSeal(testKey), now: () => NOW })
    const items = ['a', 'b', 'c'].map((id) => anItem(id))
    for (const item of items) await inbox.put(item)
    for (const id of ['a', 'c']) Object.assign(kept.rows.get(id) ?? {}, { sealed: 'nobody can read it' })
    const known = new Map(items.filter(({ id }) => id !== 'b').map((item) => [item.id, item]))
    const listed = inbox.pending((id) => {
      const item = known.get(id)
      known.delete(id)
      return item
    })
    expect(await listed).to.deep.equal(items)
  })
})
