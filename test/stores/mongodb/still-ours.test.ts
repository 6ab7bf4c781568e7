import { expect } from 'chai'
import { StoreError } from '../../../src/ports/store.ts'
import type { MetaRow } from '../../../src/stores/mongodb/database.ts'
import { createStillOurs } from '../../../src/stores/mongodb/still-ours.ts'
import { FakeCollection } from '../../support/fake-collection.ts'

describe('whether a database is the one that was opened', () => {
  let meta: FakeCollection<MetaRow>
  const ours: MetaRow = { _id: 'store', format: 1, keyId: 'k', nonce: 'of whoever made it' }
  const opened = (): ReturnType<typeof createStillOurs> => createStillOurs(meta.opened(), ours)
  beforeEach(() => {
    meta = new FakeCollection<MetaRow>()
    meta.rows.set('store', ours)
  })
  const codeOf = (work: Promise<unknown>): Promise<unknown> =>
    work.then(
      (value) => value,
      (error: unknown) => (error instanceof StoreError ? error.code : error),
    )

  for (const [what, change] of [
    ['emptied', () => meta.rows.clear()],
    ['begun anew, with the same key', () => meta.rows.set('store', { ...ours, nonce: 'another' })],
  ] as const)
    it(`it is not when it is ${what}: nothing is asked of it until it is ours again`, async () => {
      const it_ = opened()
      const calls = it_.guarded({ call: (_, work) => work(1) })
      const asked = (): Promise<unknown> => codeOf(calls.call('find', () => Promise.resolve('nobody is out')))
      await it_.check('changed')
      change()
      await it_.check('as-left')
      expect(await asked(), 'nothing seemed amiss').to.equal('nobody is out')
      expect(await codeOf(it_.check('changed'))).to.equal('mongodb-not-ours')
      expect(await asked()).to.equal('mongodb-not-ours')
      expect(await codeOf(it_.check('as-left')), 'it is looked at until it is ours').to.equal('mongodb-not-ours')
      meta.rows.set('store', ours)
      await it_.check('as-left')
      expect(await asked()).to.equal('nobody is out')
    })

  it('it is not when it is of an earlier time; if only for a moment, it is again as soon as it is not', async () => {
    const it_ = opened()
    expect(await codeOf(it_.check('older'))).to.equal('mongodb-not-ours')
    expect(await codeOf(it_.check('changed'))).to.equal(undefined)
  })

  it('an older copy stays one, whoever begins a term in it, until it is as it was left', async () => {
    const it_ = createStillOurs(meta.opened(), ours, 10)
    await codeOf(it_.check('older'))
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(await codeOf(it_.check('older'))).to.equal('mongodb-not-ours')
    expect(await codeOf(it_.check('changed')), 'a higher epoch').to.equal('mongodb-not-ours')
    expect(await codeOf(it_.check('as-left'))).to.equal(undefined)
  })

  it('nobody knows while it cannot be asked: then it stays what it was', async () => {
    const it_ = opened()
    meta.isAway = true
    expect(await codeOf(it_.check('changed'))).to.equal('mongodb-unreachable')
    expect(await codeOf(it_.guarded({ call: (_, work) => work(1) }).call('find', () => Promise.resolve(1)))).to.equal(1)
  })
})
