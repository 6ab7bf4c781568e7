import { expect } from 'chai'
import { StoreError } from '../../../src/ports/store.ts'
import type { Row } from '../../../src/stores/mongodb/rows.ts'
import { Rows } from '../../../src/stores/mongodb/rows.ts'
import { createWire } from '../../../src/stores/mongodb/wire.ts'
import { FakeCollection } from '../../support/fake-collection.ts'

interface Word extends Row {
  _id: string
  said: string
  version: number
}

describe('a write whose answer is lost', () => {
  let fake: FakeCollection<Word>
  let rows: Rows<Word>
  beforeEach(() => {
    fake = new FakeCollection()
    rows = fake.opened()
  })

  it('is made again, and known as ours: an insertion is in', async () => {
    fake.lost = 1
    expect(await rows.insert({ _id: 'a', said: 'once', version: 1 })).to.equal(undefined)
    expect(fake.writes).to.equal(2)
    const there = await rows.insert({ _id: 'a', said: 'twice', version: 1 })
    expect(there, 'somebody else has it').to.include({ said: 'once' })
  })

  it('a change is made once, and said to be made', async () => {
    await rows.insert({ _id: 'a', said: 'once', version: 1 })
    fake.lost = 1
    expect(await rows.change('a', { version: 1 }, { version: 2, said: 'changed' })).to.equal(true)
    expect(fake.rows.get('a')).to.include({ version: 2, said: 'changed' })
    expect(await rows.change('a', { version: 1 }, { version: 2, said: 'by another' })).to.equal(false)
    expect(fake.rows.get('a')).to.include({ said: 'changed' })
  })

  it('a removal is a removal', async () => {
    await rows.insert({ _id: 'a', said: 'once', version: 1 })
    fake.lost = 1
    expect(await rows.remove('a', { version: 1 })).to.equal(true)
    expect(await rows.remove('a', { version: 1 })).to.equal(false)
  })

  it('to a server that is not there is a trouble that says what to look at', async () => {
    fake.isAway = true
    const error = await rows.insert({ _id: 'a', said: 'once', version: 1 }).catch((it: unknown) => it)
    expect(error).to.be.instanceOf(StoreError)
    expect((error as StoreError).code).to.equal('mongodb-unreachable')
  })
})

describe('a database that answers late', () => {
  it('is there again with its first answer, though nobody waited for it', async () => {
    const wire = createWire(() => undefined)
    const away = new FakeCollection<Word>()
    away.isAway = true
    await new Rows(away.collection, wire).find('a').catch(() => undefined)
    const slow = <T>(answer: T, ms: number): Promise<T> =>
      new Promise((resolve) => setTimeout(() => resolve(answer), ms))
    const first = await wire
      .call('find', () => slow('late', 1_700))
      .catch((error: unknown) => (error as StoreError).code)
    expect(first, 'while it is away nobody waits long').to.equal('timeout')
    await slow(undefined, 400)
    expect(await wire.call('find', () => slow('in time', 1_700))).to.equal('in time')
  })
})
