import { expect } from 'chai'
import { makeSeal } from '../../../src/crypto/seal.ts'
import { REMEMBERED } from '../../../src/ports/inbox.ts'
import { mongoInbox } from '../../../src/stores/mongodb/inbox.ts'
import type { InboxRow } from '../../../src/stores/mongodb/inbox.ts'
import { Rows } from '../../../src/stores/mongodb/rows.ts'
import { createWire } from '../../../src/stores/mongodb/wire.ts'
import { FakeCollection } from '../../support/fake-collection.ts'
import { testKey } from '../../support/lowdb-harness.ts'

const NOW = 1_700_000_000_000

describe('the inbox in a database', () => {
  it('forgets all ids that nobody asks about any more, however many came since the last tidying, and no others', async () => {
    const kept = new FakeCollection<InboxRow>()
    const rows = new Rows(
      kept.collection,
      createWire(() => undefined),
    )
    const inbox = mongoInbox({ rows, setAside: () => Promise.resolve(''), seal: makeSeal(testKey), now: () => NOW })
    const put = (name: string, receivedAt: number, done: boolean): void =>
      void kept.rows.set(name, { _id: name, order: 0, receivedAt, done, failures: 0 })
    for (let n = 0; n < 2_500; n++) put(`old ${String(n)}`, NOW - REMEMBERED - 1 - n, true)
    put('waiting', NOW - REMEMBERED - 1, false)
    put('young', NOW - REMEMBERED + 1, true)
    await inbox.forget()
    expect([...kept.rows.keys()]).to.deep.equal(['waiting', 'young'])
  })
})
