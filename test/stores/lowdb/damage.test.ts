import { expect } from 'chai'
import { createSecretKey, randomBytes } from 'node:crypto'
import type { Store } from '../../../src/ports/store.ts'
import { openStoreOn } from '../../../src/stores/lowdb/open-store.ts'
import type { StoreOptions } from '../../../src/stores/lowdb/open-store.ts'
import { aDocument, anItem, failureOf } from '../../contract/store.ts'
import { ForgetfulDisk } from '../../support/forgetful-disk.ts'
import { testKey } from '../../support/lowdb-harness.ts'

const now = (): number => 1_700_000_000_000
const openOn = async (disk: ForgetfulDisk, more: Partial<StoreOptions> = {}): Promise<Store> =>
  openStoreOn(disk, { key: testKey, now, ...more })

/** A folder with two documents and some messages, closed. */
async function filled(): Promise<ForgetfulDisk> {
  const disk = new ForgetfulDisk()
  const store = await openOn(disk)
  await store.documents.write(aDocument('m1', 1, { wakeAt: 5 }))
  await store.documents.write(aDocument('m2', 1))
  for (const id of ['sms:1', 'sms:2', 'sms:3']) await store.inbox.put(anItem(id))
  await store.close()
  return disk
}

const file = (disk: ForgetfulDisk, path: string): Buffer => {
  const bytes = disk.files().get(path)
  if (!bytes) throw new Error(`no ${path}`)
  return bytes
}
const flipped = (bytes: Buffer, bit: number): Buffer => {
  const copy = Buffer.from(bytes)
  copy[bit >> 3]! ^= 1 << (bit & 7)
  return copy
}

describe('a damaged document', () => {
  it('is never shown as anything else, whichever bit was flipped; the rest is there', async () => {
    const template = await filled()
    const whole = file(template, 'documents/m1.json')
    let harmless = 0
    for (let bit = 0; bit < whole.length * 8; bit++) {
      const disk = template.after('unsynced')
      disk.overwrite('documents/m1.json', flipped(whole, bit))
      const store = await openOn(disk)
      expect(await store.documents.read('m2'), `bit ${bit}`).to.deep.equal(aDocument('m2', 1))
      if (store.damage.length === 0) {
        harmless++
        expect(await store.documents.read('m1'), `bit ${bit}`).to.deep.equal(aDocument('m1', 1, { wakeAt: 5 }))
        continue
      }
      expect(store.damage.map(({ id }) => id)).to.deep.equal(['m1'])
      const { setAside, what } = store.damage[0]!
      expect(file(disk, setAside).equals(flipped(whole, bit)), `bit ${bit} ${what}`).to.equal(true)
      expect(await store.documents.due(Infinity, 10)).to.deep.equal([])
    }
    // The name of the key is not protected (the tag shows that it is the right key all the same), nor the spare bits of the last base64 digit.
    expect(harmless).to.be.lessThan(16 * 8 + 16)
  })

  it('is set aside wherever it was torn, and can then be made anew', async () => {
    const template = await filled()
    const whole = file(template, 'documents/m1.json')
    for (let length = 0; length < whole.length; length++) {
      const disk = template.after('unsynced')
      disk.overwrite('documents/m1.json', whole.subarray(0, length))
      const store = await openOn(disk)
      expect(store.damage).to.deep.equal([
        { id: 'm1', what: 'torn', setAside: 'documents/m1.json.damaged-20231114T221320.000Z' },
      ])
      expect(file(disk, store.damage[0]!.setAside).length).to.equal(length)
      expect(await store.documents.read('m1')).to.equal(undefined)
      await store.documents.write(aDocument('m1', 1, { body: 'new' }))
      await store.close()
      expect((await openOn(disk)).damage).to.deep.equal([])
    }
  })

  it('is told apart from another document under its name', async () => {
    const disk = await filled()
    disk.overwrite('documents/m1.json', file(disk, 'documents/m2.json'))
    expect((await openOn(disk)).damage).to.deep.include({
      id: 'm1',
      what: 'undecryptable',
      setAside: 'documents/m1.json.damaged-20231114T221320.000Z',
    })
  })

  it('does not hide the others if it is damaged while we run', async () => {
    const disk = await filled()
    const store = await openOn(disk)
    disk.overwrite('documents/m1.json', randomBytes(100))
    expect(await failureOf(store.documents.read('m1'))).to.deep.equal(['StoreError', 'damaged'])
    const all = []
    for await (const { id } of store.documents.all('member')) all.push(id)
    expect(all).to.deep.equal(['m2'])
  })

  it('of a newer schema is left where it is, reported, and not written over', async () => {
    const disk = new ForgetfulDisk()
    const newer = await openOn(disk)
    await newer.documents.write(aDocument('m1', 1, { schema: 2, wakeAt: 1 }))
    await newer.documents.write(aDocument('group', 1, { kind: 'group', schema: 2 }))
    await newer.close()
    const before = file(disk, 'documents/m1.json')
    const store = await openOn(disk, { schemas: { member: 1, group: 2 } })
    expect(store.damage).to.deep.equal([{ id: 'm1', what: 'newer-schema', setAside: 'documents/m1.json' }])
    for (const call of [
      store.documents.read('m1'),
      store.documents.write(aDocument('m1', 1)),
      store.documents.erase('m1', 1),
    ]) {
      expect(await failureOf(call)).to.deep.equal(['StoreError', 'newer-schema'])
    }
    expect(await store.documents.due(10, 10)).to.deep.equal([])
    expect((await store.documents.read('group'))?.schema).to.equal(2)
    expect(file(disk, 'documents/m1.json').equals(before)).to.equal(true)
  })

  it('leaves no draft behind', async () => {
    const disk = await filled()
    disk.overwrite('documents/m1.json.tmp', randomBytes(50))
    disk.overwrite('inbox/00000001.journal.tmp', randomBytes(50))
    expect((await openOn(disk)).damage).to.deep.equal([])
    expect([...disk.files().keys()].filter((path) => path.endsWith('.tmp'))).to.deep.equal([])
  })
})

describe('a damaged inbox', () => {
  const path = 'inbox/00000001.journal'

  it('keeps the rest wherever its last record was torn, says so once, and goes on', async () => {
    const template = await filled()
    const whole = file(template, path)
    const last = whole.lastIndexOf('IMOK')
    for (let length = last; length < whole.length; length++) {
      for (const rubbish of [Buffer.alloc(0), Buffer.alloc(whole.length - length), Buffer.alloc(5, 0x49)]) {
        const disk = template.after('unsynced')
        const torn = Buffer.concat([whole.subarray(0, length), rubbish])
        // By chance what was put there is what had been there.
        if (torn.subarray(0, whole.length).equals(whole)) continue
        disk.overwrite(path, torn)
        const store = await openOn(disk)
        const isTorn = torn.length > last
        expect(
          store.damage.map(({ id, what }) => [id, what]),
          `length ${length}`,
        ).to.deep.equal(isTorn ? [['inbox', 'torn']] : [])
        if (isTorn) expect(file(disk, store.damage[0]!.setAside).equals(torn.subarray(last))).to.equal(true)
        expect((await store.inbox.pending()).map(({ id }) => id)).to.deep.equal(['sms:1', 'sms:2'])
        expect(await store.inbox.put(anItem('sms:3'))).to.equal('stored')
        expect(await store.inbox.put(anItem('sms:4'))).to.equal('stored')
        await store.close()
        const again = await openOn(disk)
        expect(again.damage).to.deep.equal([])
        expect((await again.inbox.pending()).map(({ id }) => id)).to.deep.equal(['sms:1', 'sms:2', 'sms:3', 'sms:4'])
      }
    }
  })

  it('loses the record in which a bit was flipped and no other, and never shows a changed one', async () => {
    const template = await filled()
    const whole = file(template, path)
    for (let bit = 0; bit < whole.length * 8; bit += 3) {
      const disk = template.after('unsynced')
      disk.overwrite(path, flipped(whole, bit))
      const store = await openOn(disk)
      const pending = await store.inbox.pending()
      expect(pending, `bit ${bit}`).to.have.length(2)
      for (const item of pending) expect(item).to.deep.equal(anItem(item.id))
      expect(store.damage, `bit ${bit}`).to.have.length(1)
      expect(file(disk, store.damage[0]!.setAside).length).to.be.greaterThan(0)
      await store.close()
      const again = await openOn(disk)
      expect(again.damage, 'reported once').to.deep.equal([])
      expect(await again.inbox.pending()).to.deep.equal(pending)
    }
  })

  it('does not take a record twice or from another place', async () => {
    const disk = await filled()
    const whole = file(disk, path)
    const second = whole.indexOf('IMOK', 4)
    disk.overwrite(path, Buffer.concat([whole, whole.subarray(0, second)]))
    const store = await openOn(disk)
    expect((await store.inbox.pending()).map(({ id }) => id)).to.deep.equal(['sms:1', 'sms:2', 'sms:3'])
    expect(store.damage).to.have.length(1)
  })
})

describe('the wrong key', () => {
  const wrong = createSecretKey(randomBytes(32))
  const contents = (disk: ForgetfulDisk): Map<string, string> =>
    new Map([...disk.files()].map(([path, bytes]) => [path, bytes.toString('hex')]))

  it('is refused by name before anything is touched', async () => {
    const disk = await filled()
    const before = contents(disk)
    const opening = openOn(disk, { key: wrong })
    expect(await failureOf(opening)).to.deep.equal(['StoreError', 'wrong-key'])
    expect(await opening.catch((error: unknown) => (error as Error).message)).to.match(
      /sealed with another key \([0-9a-f]{16}\) .* nothing was changed/,
    )
    expect(contents(disk)).to.deep.equal(before)
    expect((await openOn(disk)).damage).to.deep.equal([])
  })

  it('is noticed by the documents if the store no longer says', async () => {
    for (const rest of [undefined, Buffer.from('{"torn')]) {
      const disk = await filled()
      if (rest) disk.overwrite('store.json', rest)
      else await disk.remove('store.json')
      const before = contents(disk)
      expect(await failureOf(openOn(disk, { key: wrong }))).to.deep.equal(['StoreError', 'wrong-key'])
      expect(contents(disk)).to.deep.equal(before)
      const store = await openOn(disk)
      expect(store.epoch, 'higher than any before').to.equal(1_700_000_000)
      expect(await store.documents.read('m2')).to.deep.equal(aDocument('m2', 1))
    }
  })

  it('for one document leaves that where it is', async () => {
    const other = new ForgetfulDisk()
    const foreign = await openOn(other, { key: wrong })
    await foreign.documents.write(aDocument('m1', 1))
    const disk = await filled()
    disk.overwrite('documents/m1.json', file(other, 'documents/m1.json'))
    const store = await openOn(disk)
    expect(store.damage).to.deep.equal([{ id: 'm1', what: 'undecryptable', setAside: 'documents/m1.json' }])
    expect(await failureOf(store.documents.write(aDocument('m1', 1)))).to.deep.equal(['StoreError', 'undecryptable'])
    await store.close()
    const both = await openOn(disk, { olderKeys: [wrong] })
    expect(both.damage).to.deep.equal([])
    expect(await both.documents.read('m1')).to.deep.equal(aDocument('m1', 1))
  })

  it('becomes the right one by rotation: older keys are read, what is saved again lies under the new one', async () => {
    const disk = await filled()
    const rotated = await openOn(disk, { key: wrong, olderKeys: [testKey] })
    expect(await rotated.inbox.pending()).to.have.length(3)
    await rotated.documents.write(aDocument('m1', 2))
    await rotated.documents.write(aDocument('m2', 2))
    await rotated.inbox.put(anItem('sms:4'))
    await rotated.close()
    expect(await failureOf(openOn(disk))).to.deep.equal(['StoreError', 'wrong-key'])
    const later = await openOn(disk, { key: wrong, olderKeys: [testKey] })
    expect(await later.inbox.pending()).to.have.length(4)
    expect(await later.documents.read('m1')).to.deep.equal(aDocument('m1', 2))
  })
})
