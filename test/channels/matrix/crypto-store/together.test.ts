import { expect } from 'chai'
import type { CryptoStore } from '../../../../src/channels/matrix/crypto-store/open-crypto-store.ts'
import { Folder } from './folder.ts'
import { answer, contentOf, open, write } from './indexed-db.ts'
import type { Db } from './indexed-db.ts'

const plain = (db: Db): void => void db.createObjectStore('plain')

describe('transactions of the crypto store that belong together', () => {
  let folder: Folder
  let store: CryptoStore
  let db: Db
  const appended: string[] = []
  /** What the disk says from now on, before it has written anything. */
  let trouble: string | undefined

  beforeEach(async () => {
    folder = new Folder()
    trouble = undefined
    const hook = (point: string): void => {
      if (point === 'append:start' && trouble !== undefined)
        throw Object.assign(new Error('trouble'), { code: trouble })
      if (point === 'append:durable' || point.startsWith('rewrite')) appended.push(point)
    }
    store = await folder.open({ hook, small: 1000 })
    db = await open(store, 'db', 1, plain)
    await store.idle()
    appended.length = 0
  })
  afterEach(() => folder.remove())

  const put = (value: unknown, key: number): Promise<void> => write(db, 'plain', (s) => void s.put(value, key))
  const valuesIn = async (path: string): Promise<unknown> => {
    const left = new Folder()
    try {
      const copy = await left.open({ folder: path })
      const { stores } = (await contentOf(copy, 'db')) as { stores: { values: unknown[] }[] }
      copy.close()
      return stores[0]?.values
    } finally {
      left.remove()
    }
  }

  it('are on the disk as a whole, and not before the end', async () => {
    let amid = ''
    await store.together(async () => {
      await put('one', 1)
      await put('two', 2)
      amid = folder.copy()
      expect(await answer(db.transaction('plain').objectStore('plain').getAll())).to.deep.equal(['one', 'two'])
    })
    expect(appended).to.deep.equal(['append:durable'])
    expect(await valuesIn(amid)).to.deep.equal([])
    expect(await valuesIn(folder.copy())).to.deep.equal(['one', 'two'])
    await put('three', 3)
    expect(appended).to.have.length(2)
  })

  it('are waited for by whoever wants to tell others', async () => {
    await store.durable()
    let isDurable = false
    const told = { done: Promise.resolve() }
    await store.together(async () => {
      await put('one', 1)
      told.done = store.durable().then(() => void (isDurable = true))
      // Another work, which begins before the end of this one, belongs to it.
      void store.together(() => put('two', 2))
      await put('three', 3)
      expect(isDurable).to.equal(false)
    })
    await told.done
    expect(await valuesIn(folder.copy())).to.deep.equal(['one', 'two', 'three'])
  })

  it('do not hold back a value, nor let a snapshot of half of them be taken', async () => {
    let amid = ''
    await store.together(async () => {
      await put('one', 1)
      for (let n = 0; n < 20; n++) store.set({ token: `s${n}`.padEnd(500) })
      amid = folder.copy()
      await put('two', 2)
    })
    expect(appended.slice(0, 20)).to.deep.equal(Array(20).fill('append:durable'))
    await store.idle()
    expect(appended).to.include('rewrite:done')
    expect(await valuesIn(amid)).to.deep.equal([])
    const after = await folder.open()
    expect(after.get('token')).to.match(/^s19 /)
    expect(await contentOf(after, 'db'))
      .to.have.nested.property('stores[0].values')
      .deep.equal(['one', 'two'])
  })

  it('are kept although the work failed, as memory has them', async () => {
    const work = store.together(async () => {
      await put('one', 1)
      throw new Error('no luck')
    })
    expect(String(await work.catch((error: unknown) => error))).to.include('no luck')
    expect(await valuesIn(folder.copy())).to.deep.equal(['one'])
  })

  it('are not called durable when the disk fails, and begin no more until it is mended', async () => {
    const work = store.together(async () => {
      await put('one', 1)
      trouble = 'EIO'
      await put('two', 2)
    })
    expect(String(await work.catch((error: unknown) => error))).to.include('EIO')
    expect(folder.failures).to.deep.equal(['EIO'])
    let hasBegun = false
    const another = store.together(() => Promise.resolve((hasBegun = true)))
    expect(String(await another.catch((error: unknown) => error))).to.include('EIO')
    expect(hasBegun).to.equal(false)
    expect(await valuesIn(folder.copy())).to.deep.equal([])
    trouble = undefined
    expect(await store.mend()).to.equal(true)
    expect(await valuesIn(folder.copy())).to.deep.equal(['one', 'two'])
    await store.together(() => put('three', 3))
    expect(await valuesIn(folder.copy())).to.deep.equal(['one', 'two', 'three'])
  })

  it('do not take what cannot be written down: that transaction is aborted', async () => {
    const key = await crypto.subtle.generateKey({ name: 'HMAC', hash: 'SHA-256' }, true, ['sign'])
    await store.together(async () => {
      await put('one', 1)
      const refused = await put(key, 2).catch((error: unknown) => error)
      expect(String(refused)).to.include('DataCloneError')
    })
    expect(await valuesIn(folder.copy())).to.deep.equal(['one'])
  })
})
