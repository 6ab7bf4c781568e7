import { expect } from 'chai'
import { makeSeal } from '../../../src/crypto/seal.ts'
import { mongoSentLog } from '../../../src/stores/mongodb/sent-log.ts'
import type { MongoSentLog, SentRow } from '../../../src/stores/mongodb/sent-log.ts'
import { FakeCollection } from '../../support/fake-collection.ts'
import { testKey } from '../../support/lowdb-harness.ts'

interface Entry {
  text: string
}

describe("the simulator's list in a database", () => {
  let kept: FakeCollection<SentRow>
  beforeEach(() => {
    kept = new FakeCollection()
    kept.unique = 'effectId'
  })

  const open = async (): Promise<MongoSentLog<Entry>> => {
    const log = mongoSentLog<Entry>({ rows: kept.opened(), seal: makeSeal(testKey) })
    await log.begin()
    return log
  }

  it('has a message once, though the kernel of before had it on the way, under a later number', async () => {
    const [before, after] = [await open(), await open()]
    for (const id of ['a', 'b', 'c']) await after.append(id, { text: id })
    // Its numbers begin where it began; the first three go to others.
    expect(await before.append('x', { text: 'x' })).to.equal(4)
    expect(await before.append('c', { text: 'c' })).to.equal(3)
    expect(await after.append('x', { text: 'x' })).to.equal(4)
    expect(await after.append('d', { text: 'd' })).to.equal(5)
    expect((await after.list(0)).map(({ n, text }) => [n, text])).to.deep.equal([
      [1, 'a'],
      [2, 'b'],
      [3, 'c'],
      [4, 'x'],
      [5, 'd'],
    ])
  })

  it('has no gap where a number was meant for a message that was there already', async () => {
    const after = await open()
    await after.append('a', { text: 'a' })
    // Comes from the kernel of before, which had two others on the way that never came.
    await after.put(4, 'x', { text: 'x' })
    expect(await after.append('x', { text: 'x' })).to.equal(4)
    for (const id of ['b', 'c', 'd']) await after.append(id, { text: id })
    expect((await after.list(0)).map(({ text }) => text)).to.deep.equal(['a', 'b', 'c', 'x', 'd'])
  })
})
