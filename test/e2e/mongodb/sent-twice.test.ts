// Two kernels that write the same message into the simulator's list: what the old one had on the way comes late.
import { expect } from 'chai'
import { makeSeal } from '../../../src/crypto/seal.ts'
import type { SimulatedMessage } from '../../../src/ports/store.ts'
import { Rows } from '../../../src/stores/mongodb/rows.ts'
import { mongoSentLog } from '../../../src/stores/mongodb/sent-log.ts'
import type { SentRow } from '../../../src/stores/mongodb/sent-log.ts'
import { createWire } from '../../../src/stores/mongodb/wire.ts'
import { aMessage } from '../../contract/store.ts'
import { testKey } from '../../support/lowdb-harness.ts'
import { newName, openAndTake } from './harness.ts'
import { useStandIn } from './use-stand-in.ts'

describe("The simulator's list in the database", () => {
  const { server, client } = useStandIn()

  it('has a message once, though two kernels write it under different numbers', async () => {
    const name = newName()
    const after = await openAndTake(server().url(name))
    const collection = client().db(name).collection<SentRow>('sent')
    const rows = new Rows(
      collection,
      createWire(() => undefined),
    )
    const before = mongoSentLog<SimulatedMessage>({ rows, seal: makeSeal(testKey) })
    const all = Array.from({ length: 20 }, (_, n) => String(n))
    // Both begin with number 1.
    await Promise.all([
      ...all.map((id) => before.append(id, aMessage(id))),
      ...all.toReversed().map((id) => after.sent.append(id, aMessage(id))),
    ])
    const kept = await collection.find().toArray()
    await after.close()
    expect(kept.map(({ effectId }) => effectId).sort()).to.deep.equal([...all].sort())
  })

  it('opens though an earlier imok has written one twice', async () => {
    const name = newName()
    const store = await openAndTake(server().url(name))
    await store.sent.append('a', aMessage('a'))
    await store.close()
    const sent = client().db(name).collection<SentRow>('sent')
    const rows = await sent.find().toArray()
    await sent.drop()
    await sent.insertMany(rows.flatMap((row) => [row, { ...row, _id: 2 }]))
    const again = await openAndTake(server().url(name))
    expect(await again.sent.append('b', aMessage('b'))).to.equal(3)
    await again.close()
  })
})
