import { expect } from 'chai'
import type { Store } from '../../../src/ports/store.ts'
import { openLowdbStore } from '../../../src/stores/lowdb/index.ts'
import { openStoreOn } from '../../../src/stores/lowdb/open-store.ts'
import { witness } from '../../contract/store-witness.ts'
import { aDocument, aMessage, anItem, failureOf } from '../../contract/store.ts'
import { ForgetfulDisk } from '../../support/forgetful-disk.ts'
import { testKey } from '../../support/lowdb-harness.ts'
import type { SmallDisk } from '../../support/small-disk.ts'
import { mountSmallDisk } from '../../support/small-disk.ts'

const now = (): number => 1_700_000_000_000
const phone = { channel: 'sms', address: '+447700900001' } as const

/** Every kind of write, each with the code it failed with. */
const writeAll = async (store: Store, n: number): Promise<unknown[]> => {
  const calls = [
    store.documents.write(aDocument(`m${n}`, 1)),
    store.inbox.put(anItem(`sms:${n}`)),
    store.addresses.assign({ channel: 'sms', address: `+4477009000${n}` }, `m${n}`),
    store.sent.append(`e${n}`, aMessage('hello')),
  ]
  return Promise.all(calls.map(failureOf))
}
const all = (outcome: unknown): unknown[] => [outcome, outcome, outcome, outcome]

describe('the lowdb store on a disk in trouble', function () {
  this.timeout(60_000)

  for (const [code, times] of [
    ['EIO', 1],
    ['ENOSPC', 3],
    ['EROFS', 8],
  ] as const) {
    it(`promises nothing it cannot keep when any ${times} operations in a row fail with ${code}, and goes on by itself`, async () => {
      for (let step = 0; ; step++) {
        const disk = new ForgetfulDisk()
        const store = await openStoreOn(disk, { key: testKey, now })
        const seen = witness()
        let operation = 0
        disk.trouble = () => (operation++ >= step && operation <= step + times ? code : undefined)
        await seen.live(store)
        const failed = operation > step
        disk.trouble = () => undefined
        // What it says now must hold after a power cut.
        await seen.check(store).catch((error: unknown) => {
          throw new Error(`step ${step}: ${(error as Error).message}`, { cause: error })
        })
        const again = await openStoreOn(disk.after('unsynced'), { key: testKey, now })
        await seen.check(again).catch((error: unknown) => {
          throw new Error(`step ${step}, after a power cut: ${(error as Error).message}`, { cause: error })
        })
        expect(await writeAll(store, 9)).to.deep.equal(all('nothing'))
        if (!failed) break
      }
    })
  }

  it('shows nobody a save of which it does not know whether it lasts', async () => {
    const disk = new ForgetfulDisk()
    const store = await openStoreOn(disk, { key: testKey, now })
    disk.trouble = (operation) => (operation === 'syncFolder' ? 'EIO' : undefined)
    expect(await failureOf(store.documents.write(aDocument('m1', 1)))).to.deep.equal(['StoreError', 'EIO'])
    expect(await failureOf(store.documents.read('m1'))).to.deep.equal(['StoreError', 'EIO'])
    expect(await failureOf(store.documents.write(aDocument('m1', 2)))).to.deep.equal(['StoreError', 'EIO'])
    disk.trouble = () => undefined
    expect(await store.documents.read('m1')).to.deep.equal(aDocument('m1', 1))
    const again = await openStoreOn(disk.after('unsynced'), { key: testKey, now })
    expect(await again.documents.read('m1')).to.deep.equal(aDocument('m1', 1))
  })

  it('makes sure of an erasure of which it does not know whether it lasts', async () => {
    const disk = new ForgetfulDisk()
    const store = await openStoreOn(disk, { key: testKey, now })
    await store.documents.write(aDocument('m1', 1))
    disk.trouble = (operation) => (operation === 'syncFolder' ? 'EIO' : undefined)
    expect(await failureOf(store.documents.erase('m1', 1))).to.deep.equal(['StoreError', 'EIO'])
    expect(await failureOf(store.documents.read('m1'))).to.deep.equal(['StoreError', 'EIO'])
    disk.trouble = () => undefined
    expect(await store.documents.read('m1')).to.equal(undefined)
    const again = await openStoreOn(disk.after('unsynced'), { key: testKey, now })
    expect(await again.documents.read('m1')).to.equal(undefined)
  })

  it('writes nothing on a full disk, says ENOSPC, reads on, and writes again when there is room', async () => {
    const disk = new ForgetfulDisk()
    const store = await openStoreOn(disk, { key: testKey, now })
    expect(await writeAll(store, 1)).to.deep.equal(all('nothing'))
    const used = [...disk.files().values()].reduce((sum, bytes) => sum + bytes.length, 0)
    for (let room = 0; room < 200; room += 7) {
      disk.capacity = used + room
      for (const outcome of await writeAll(store, 2)) {
        if (outcome !== 'nothing') expect(outcome).to.deep.equal(['StoreError', 'ENOSPC'])
      }
      expect(await store.documents.read('m1')).to.deep.equal(aDocument('m1', 1))
    }
    disk.capacity = Infinity
    await writeAll(store, 2)
    expect(await writeAll(store, 3)).to.deep.equal(all('nothing'))
    const again = await openStoreOn(disk.after('unsynced'), { key: testKey, now })
    expect(again.damage).to.deep.equal([])
    for (const n of [1, 2, 3]) expect((await again.documents.read(`m${n}`))?.version).to.equal(1)
    expect((await again.inbox.pending()).map(({ id }) => id)).to.deep.equal(['sms:1', 'sms:2', 'sms:3'])
  })

  it('opens on a full disk what was there, to be read, and writes when there is room', async () => {
    const disk = new ForgetfulDisk()
    const before = await openStoreOn(disk, { key: testKey, now })
    expect(await writeAll(before, 1)).to.deep.equal(all('nothing'))
    await before.close()
    disk.capacity = [...disk.files().values()].reduce((sum, bytes) => sum + bytes.length, 0)
    const store = await openStoreOn(disk, { key: testKey, now })
    expect(await store.documents.read('m1')).to.deep.equal(aDocument('m1', 1))
    expect((await store.inbox.pending()).map(({ id }) => id)).to.deep.equal(['sms:1'])
    expect(await writeAll(store, 2)).to.deep.equal(all(['StoreError', 'ENOSPC']))
    disk.capacity = Infinity
    expect(await writeAll(store, 3)).to.deep.equal(all('nothing'))
    const again = await openStoreOn(disk.after('unsynced'), { key: testKey, now })
    expect(again.damage).to.deep.equal([])
    expect([before.epoch, store.epoch, again.epoch]).to.deep.equal([1, 2, 3])
  })

  it('saves nothing in a term that is not on the disk: the next one would take it for its own', async () => {
    const disk = new ForgetfulDisk()
    await (await openStoreOn(disk, { key: testKey, now })).close()
    disk.trouble = (_, path) => (path.startsWith('store.json') ? 'ENOSPC' : undefined)
    const store = await openStoreOn(disk, { key: testKey, now })
    expect(await writeAll(store, 1)).to.deep.equal(all(['StoreError', 'ENOSPC']))
    expect(await failureOf(store.documents.erase('m0', 0))).to.deep.equal(['StoreError', 'ENOSPC'])
    disk.trouble = () => undefined
    expect(await writeAll(store, 1)).to.deep.equal(all('nothing'))
    expect((await openStoreOn(disk.after('unsynced'), { key: testKey, now })).epoch).to.equal(store.epoch + 1)
  })

  it('does not open a new folder on a full disk, nor what can be neither read nor written', async () => {
    const disk = new ForgetfulDisk()
    disk.capacity = 0
    expect(await failureOf(openStoreOn(disk, { key: testKey, now }))).to.deep.equal(['StoreError', 'ENOSPC'])
    disk.capacity = Infinity
    await (await openStoreOn(disk, { key: testKey, now })).close()
    disk.trouble = () => 'EIO'
    expect(await failureOf(openStoreOn(disk, { key: testKey, now }))).to.deep.equal(['StoreError', 'EIO'])
  })
})

describe('the lowdb store on a real full disk', function () {
  this.timeout(30_000)
  let disk: SmallDisk | undefined

  before(function () {
    disk = mountSmallDisk('256k')
    if (!disk) this.skip()
  })
  after(() => disk?.remove())

  it('refuses while it is full and while it is read-only, loses nothing, and goes on by itself', async () => {
    if (!disk) throw new Error('not mounted')
    const { folder } = disk
    let store = await openLowdbStore({ folder, key: testKey, now })
    expect(await writeAll(store, 1)).to.deep.equal(all('nothing'))
    disk.fill()
    const big = { ...anItem('sms:big'), heard: { type: 'message', from: phone, text: 'x'.repeat(10_000) } } as const
    expect(await failureOf(store.inbox.put(big))).to.deep.equal(['StoreError', 'ENOSPC'])
    expect(await failureOf(store.documents.write(aDocument('m2', 1, { body: 'x'.repeat(10_000) })))).to.deep.equal([
      'StoreError',
      'ENOSPC',
    ])
    expect(await failureOf(store.sent.append('big', aMessage('x'.repeat(10_000))))).to.deep.equal([
      'StoreError',
      'ENOSPC',
    ])
    expect(await store.documents.read('m1')).to.deep.equal(aDocument('m1', 1))
    await store.close()
    store = await openLowdbStore({ folder, key: testKey, now })
    expect(await store.documents.read('m1')).to.deep.equal(aDocument('m1', 1))
    expect(await failureOf(store.inbox.put(big))).to.deep.equal(['StoreError', 'ENOSPC'])
    disk.makeRoom()
    expect(await store.inbox.put(big)).to.equal('stored')
    expect(await writeAll(store, 2)).to.deep.equal(all('nothing'))
    await store.close()
    const again = await openLowdbStore({ folder, key: testKey, now })
    expect(again.damage).to.deep.equal([])
    expect((await again.inbox.pending()).map(({ id }) => id)).to.deep.equal(['sms:1', 'sms:big', 'sms:2'])
    await again.close()

    disk.remount('ro')
    expect(await failureOf(openLowdbStore({ folder, key: testKey, now }))).to.deep.equal(['StoreError', 'EROFS'])
    disk.remount('rw')
    await (await openLowdbStore({ folder, key: testKey, now })).close()
  })
})
