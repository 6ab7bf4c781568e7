import { expect } from 'chai'
import type { Store } from '../../../src/ports/store.ts'
import { openStoreOn } from '../../../src/stores/lowdb/open-store.ts'
import type { StoreOptions } from '../../../src/stores/lowdb/open-store.ts'
import { aDocument, anItem, failureOf } from '../../contract/store.ts'
import { ForgetfulDisk } from '../../support/forgetful-disk.ts'
import { readable, testKey } from '../../support/lowdb-harness.ts'

const DAY = 86_400_000
const start = 1_700_000_000_000
const all = { done: start + 1, setAside: 0 }
const openOn = async (disk: ForgetfulDisk, more: Partial<StoreOptions> = {}): Promise<Store> =>
  openStoreOn(disk, { key: testKey, now: () => start, ...more })
const inboxBytes = (disk: ForgetfulDisk): Buffer =>
  Buffer.concat([...disk.files()].filter(([path]) => path.startsWith('inbox/')).map(([, bytes]) => bytes))

/** Stops at a named point, and goes on when told to. */
function stopAt(point: string): { hook: (at: string) => Promise<void>; reached: Promise<void>; goOn: () => void } {
  let arrive: () => void
  let goOn: () => void
  const reached = new Promise<void>((resolve) => (arrive = resolve))
  const wait = new Promise<void>((resolve) => (goOn = resolve))
  const hook = async (at: string): Promise<void> => {
    if (at !== point) return
    arrive()
    await wait
  }
  return { hook, reached, goOn: () => goOn() }
}

describe('tidying the data folder', () => {
  it('leaves no 16 bytes of the sealed record of a text that is done, in any file', async () => {
    const disk = new ForgetfulDisk()
    const store = await openOn(disk)
    await store.inbox.put(anItem('sms:before'))
    const from = inboxBytes(disk).length
    await store.inbox.put(anItem('sms:secret'))
    const record = inboxBytes(disk).subarray(from)
    for (const id of ['sms:secret', 'sms:before']) await store.inbox.done(id)
    await store.tidy(all)
    expect(record.length).to.be.greaterThan(100)
    for (const [path, bytes] of disk.files())
      for (let at = 0; at + 16 <= record.length; at++)
        expect(bytes.includes(record.subarray(at, at + 16)), `${path} at ${at}`).to.equal(false)
    await store.close()
  })

  it('writes nothing while nothing that is done is old enough', async () => {
    const disk = new ForgetfulDisk()
    const store = await openOn(disk)
    for (const [id, receivedAt] of [
      ['sms:waiting', start - DAY],
      ['sms:new', start],
    ] as const)
      await store.inbox.put(anItem(id, { receivedAt }))
    await store.inbox.done('sms:new')
    const before = inboxBytes(disk)
    await store.tidy({ done: start, setAside: 0 })
    expect(inboxBytes(disk)).to.deep.equal(before)
    await store.tidy(all)
    expect(readable(disk.files())).not.to.include('text of sms:new')
    const after = inboxBytes(disk)
    await store.tidy(all)
    expect(inboxBytes(disk), 'a second time').to.deep.equal(after)
    await store.close()
  })

  it('holds up no put; what is done behind its back is erased when somebody asks again', async () => {
    const disk = new ForgetfulDisk()
    const stop = stopAt('inbox:snapshot')
    const store = await openOn(disk, { hook: stop.hook })
    for (const id of ['sms:secret', 'sms:late']) await store.inbox.put(anItem(id))
    await store.inbox.done('sms:secret')
    const first = store.tidy(all)
    await stop.reached
    expect(await store.inbox.put(anItem('sms:meanwhile'))).to.equal('stored')
    // It waits in the snapshot that is being written, and is done before that is over.
    await store.inbox.done('sms:late')
    const second = store.tidy(all)
    stop.goOn()
    await Promise.all([first, second])
    expect(readable(disk.files())).not.to.match(/text of sms:(secret|late)/)
    expect((await store.inbox.pending()).map(({ id }) => id)).to.deep.equal(['sms:meanwhile'])
    await store.close()
    const again = await openOn(disk.after('unsynced'))
    expect((await again.inbox.pending()).map(({ id }) => id)).to.deep.equal(['sms:meanwhile'])
  })

  it('that fails says so, loses nothing, and is made good by the next', async () => {
    for (const failing of ['create', 'write', 'sync', 'rename', 'remove', 'syncFolder']) {
      const disk = new ForgetfulDisk()
      const store = await openOn(disk)
      for (const id of ['sms:secret', 'sms:waiting']) await store.inbox.put(anItem(id))
      await store.inbox.done('sms:secret')
      // Twice, so that there is something from earlier to remove: segments, and a draft that could not be taken away.
      disk.trouble = (operation, path) =>
        /^re(name|move)$/.test(operation) && path.startsWith('inbox/') ? 'EIO' : undefined
      expect(await failureOf(store.tidy(all))).to.deep.equal(['StoreError', 'EIO'])
      disk.trouble = (operation, path) => (operation === failing && path.startsWith('inbox') ? 'ENOSPC' : undefined)
      expect(await failureOf(store.tidy(all)), failing).to.deep.equal(['StoreError', 'ENOSPC'])
      disk.trouble = () => undefined
      expect(await store.inbox.put(anItem('sms:after'))).to.equal('stored')
      await store.tidy(all)
      expect(readable(disk.files()), failing).not.to.include('text of sms:secret')
      expect(disk.list('inbox').filter((name) => name.endsWith('.tmp'))).to.deep.equal([])
      await store.close()
      const survivor = disk.after('unsynced')
      expect(readable(survivor.files()), `${failing}, after a power cut`).not.to.include('text of sms:secret')
      const again = await openOn(survivor)
      expect((await again.inbox.pending()).map(({ id }) => id)).to.deep.equal(['sms:waiting', 'sms:after'])
    }
  })

  it('is over before the store is closed', async () => {
    const disk = new ForgetfulDisk()
    const stop = stopAt('inbox:snapshot')
    const store = await openOn(disk, { hook: stop.hook })
    await store.inbox.put(anItem('sms:secret'))
    await store.inbox.done('sms:secret')
    const first = store.tidy(all)
    await stop.reached
    await store.inbox.put(anItem('sms:late'))
    await store.inbox.done('sms:late')
    const second = failureOf(store.tidy(all))
    const closing = store.close()
    stop.goOn()
    await Promise.all([first, closing])
    expect(await second).to.deep.equal(['StoreError', 'closed'])
    expect((await (await openOn(disk)).inbox.pending()).map(({ id }) => id)).to.deep.equal([])
  })

  it('removes what was set aside when it is old enough, for good, and nothing else', async () => {
    const disk = new ForgetfulDisk()
    const store = await openOn(disk)
    for (const id of ['m1', 'm2']) await store.documents.write(aDocument(id, 1))
    for (const id of ['sms:1', 'sms:2']) await store.inbox.put(anItem(id))
    await store.close()
    const spoil = (path: string, cut: number): void => disk.overwrite(path, disk.readNow(path)!.subarray(0, -cut))
    spoil('documents/m1.json', 20)
    spoil('inbox/00000001.journal', 5)
    spoil('store.json', 10)
    const again = await openOn(disk)
    const aside = again.damage.map(({ setAside }) => setAside)
    expect(aside).to.have.length(3)
    const there = (): string[] => aside.filter((path) => disk.files().has(path))
    const others = [...disk.files().keys()].filter((path) => !aside.includes(path))
    await again.tidy({ done: 0, setAside: start })
    expect(there()).to.deep.equal(aside)
    await again.tidy({ done: 0, setAside: start + 1 })
    expect(there()).to.deep.equal([])
    expect([...disk.files().keys()]).to.deep.equal(others)
    await again.close()
    const survivor = disk.after('unsynced')
    expect(aside.filter((path) => survivor.files().has(path))).to.deep.equal([])
    const last = await openOn(survivor)
    expect(await last.documents.read('m2')).to.deep.equal(aDocument('m2', 1))
    expect((await last.inbox.pending()).map(({ id }) => id)).to.deep.equal(['sms:1'])
  })
})
