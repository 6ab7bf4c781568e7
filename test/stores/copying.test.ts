import { expect } from 'chai'
import { lowdbSource, lowdbTarget } from '../../src/stores/lowdb/copying.ts'
import { readOutList, writeOutList } from '../../src/stores/out-list.ts'
import { mongoSource, mongoTarget } from '../../src/stores/mongodb/copying.ts'
import type { Source, StoreRecord, Target } from '../../src/stores/store-record.ts'
import { failureOf } from '../contract/store.ts'
import { copied, openOn, placeOn } from '../support/copying.ts'
import { DyingDisk } from '../support/dying-disk.ts'
import { FakeDatabase } from '../support/fake-database.ts'
import { ForgetfulDisk } from '../support/forgetful-disk.ts'
import { testKey } from '../support/lowdb-harness.ts'
import { seededRandom } from '../support/seeded-random.ts'
import { contentOf, fillStore } from '../support/store-content.ts'

const times = { lease: 40, beat: 10, margin: 10, look: 2, comeBack: 10 }
const options = { key: testKey, times }
const unfinished = ['StoreError', 'unfinished-copy']

const fromFolder = (disk: ForgetfulDisk): Promise<Source> => lowdbSource(placeOn(disk), options)
const toFolder = (disk: ForgetfulDisk | DyingDisk): Target => lowdbTarget(placeOn(disk), options)
const fromDatabase = (database: FakeDatabase): Promise<Source> => mongoSource(database.link(), options)
const toDatabase = (database: FakeDatabase): Promise<Target> => mongoTarget(database.link(), options)

async function filled(members: number, seed: number): Promise<ForgetfulDisk> {
  const disk = new ForgetfulDisk()
  await disk.makeFolder('.')
  const store = await openOn(disk)
  await fillStore(store, members, seededRandom(seed))
  await store.close()
  return disk
}

async function look(disk: ForgetfulDisk, members: number): Promise<unknown> {
  const store = await openOn(disk)
  try {
    return await contentOf(store, members)
  } finally {
    await store.close()
  }
}

describe('A store that is copied', function () {
  this.timeout(60_000)
  const seed = Date.now() % 1_000_000

  it(`there and back leaves identical documents, and all else (seed ${String(seed)})`, async () => {
    const [here, there, back] = [await filled(60, seed), new FakeDatabase(), new ForgetfulDisk()]
    const before = here.files()
    expect(await copied(fromFolder(here), toDatabase(there))).to.deep.equal([])
    const between = there.content()
    expect(await copied(fromDatabase(there), toFolder(back))).to.deep.equal([])
    expect(here.files(), 'the folder is as it was').to.deep.equal(before)
    expect(there.content(), 'the database is as it was').to.deep.equal(between)
    expect(JSON.stringify(between), 'nothing is to be read there').not.to.match(/4477009|Member|text \d/)
    expect(await look(back, 60)).to.deep.equal(await look(here, 60))
  })

  it('keeps the ids of what came long ago, where a busy inbox would have forgotten them', async () => {
    const there = new FakeDatabase()
    await copied(fromFolder(await filled(2, seed)), toDatabase(there))
    // Enough of them that the journal of the folder is written anew while it is filled.
    const receipts = Array.from({ length: 12_000 }, (_, n) => `sms-receipt:SM${String(n).padStart(32, '0')}:delivered`)
    for (const _id of receipts)
      there.of('inbox').rows.set(_id, { _id, order: 0, receivedAt: 1, done: true, failures: 0 } as never)
    expect(await copied(fromDatabase(there), toFolder(new ForgetfulDisk()))).to.deep.equal([])
  })

  it('takes away the list of who was out, which is not of its records', async () => {
    const [there, back] = [new FakeDatabase(), new ForgetfulDisk()]
    await copied(fromFolder(await filled(2, seed)), toDatabase(there))
    await writeOutList(back, { at: 1, due: [2] })
    await copied(fromDatabase(there), toFolder(back))
    expect(await readOutList(back)).to.equal(undefined)
  })

  it('is followed by a term of office higher than any before it', async () => {
    const [here, there, back] = [await filled(2, seed), new FakeDatabase(), new ForgetfulDisk()]
    for (let i = 0; i < 5; i++) await (await openOn(here)).close()
    const last = await openOn(here)
    await last.close()
    await copied(fromFolder(here), toDatabase(there))
    const [office] = there.of('meta').rows.get('office')
      ? [there.of('meta').rows.get('office') as { epoch?: number }]
      : []
    expect(office?.epoch).to.be.within(last.epoch, last.epoch + 1)
    await copied(fromDatabase(there), toFolder(back))
    const next = await openOn(back)
    expect(next.epoch).to.be.within(last.epoch + 1, last.epoch + 3)
    await next.close()
  })

  it('interrupted at any step of the disk, or cut off from power there, is refused by a kernel and can be copied again', async () => {
    const random = seededRandom(seed)
    const there = new FakeDatabase()
    await copied(fromFolder(await filled(3, seed)), toDatabase(there))
    const copy = (disk: ForgetfulDisk | DyingDisk): Promise<string[]> => copied(fromDatabase(there), toFolder(disk))
    const undisturbed = new ForgetfulDisk()
    await copy(undisturbed)
    const whole = await look(undisturbed, 3)
    let steps = 0
    for (let isWhole = false; !isWhole;) {
      const disk = new ForgetfulDisk()
      const dying = new DyingDisk(disk)
      dying.left = ++steps
      isWhole = await copy(dying).then(
        () => true,
        () => false,
      )
      await dying.letGo()
      const left = disk.after(steps % 2 === 0 ? 'nothing' : 'some', random)
      const mark = markOf(left)
      if (mark === 'unfinished')
        expect(await failureOf(openOn(left)), `step ${String(steps)}`).to.deep.equal(unfinished)
      if (mark !== 'whole') expect(await copy(left), `step ${String(steps)}`).to.deep.equal([])
      expect(await look(left, 3), `step ${String(steps)}`).to.deep.equal(whole)
    }
    expect(steps).to.be.greaterThan(50)
  })

  it('interrupted at any write to the database is refused by a kernel and can be copied again', async () => {
    const here = await filled(3, seed)
    const whole = new FakeDatabase()
    await copied(fromFolder(here), toDatabase(whole))
    const back = new ForgetfulDisk()
    let writes = 0
    for (; ; writes++) {
      const there = new FakeDatabase()
      const dying = mongoTarget(there.link({ writes }), options)
      const isWhole = await copied(fromFolder(here), dying).then(
        () => true,
        () => false,
      )
      if (isWhole) break
      if (writes > 0) expect(await failureOf(fromDatabase(there)), `write ${String(writes)}`).to.deep.equal(unfinished)
      expect(await copied(fromFolder(here), toDatabase(there))).to.deep.equal([])
      expect(sizes(there), `write ${String(writes)}`).to.deep.equal(sizes(whole))
      if (writes === 9) await copied(fromDatabase(there), toFolder(back))
    }
    expect(writes).to.be.greaterThan(15)
    expect(await look(back, 3)).to.deep.equal(await look(here, 3))
  })

  describe('is compared: a kernel refuses it if', () => {
    const spoiled = (target: Target, spoil: (record: StoreRecord) => StoreRecord | undefined): Target => ({
      ...target,
      write: async (record) => {
        const written = spoil(record)
        if (written) await target.write(written)
      },
    })
    const cases: [string, (record: StoreRecord) => StoreRecord | undefined, string | RegExp][] = [
      [
        'a document is missing',
        (it) => (it.is === 'document' && it.document.id === 'm3' ? undefined : it),
        'document m3',
      ],
      [
        'a body is another',
        (it) =>
          it.is === 'document' && it.document.id === 'm3' ? { ...it, document: { ...it.document, body: {} } } : it,
        'document m3',
      ],
      [
        'a version is another',
        (it) =>
          it.is === 'document' && it.document.kind === 'group'
            ? { ...it, document: { ...it.document, version: 9 } }
            : it,
        'document group',
      ],
      [
        'an address leads to another',
        (it) => (it.is === 'address' && it.member === 'm2' ? { ...it, member: 'm0' } : it),
        /of member m2/,
      ],
      [
        'a text that waits is missing',
        (it) => (it.is === 'waiting' && it.place === 1 ? undefined : it),
        /waits in the inbox/,
      ],
      [
        'what is done is forgotten',
        (it) => (it.is === 'done' && it.id === 'sms:SM2' ? undefined : it),
        /is done in the inbox as sms:SM2/,
      ],
      [
        "the simulator's list has another number",
        (it) => (it.is === 'sent' && it.n === 2 ? { ...it, n: 9 } : it),
        /message 2/,
      ],
    ]
    for (const [what, spoil, said] of cases)
      it(what, async () => {
        const [here, back] = [await filled(6, 1), new ForgetfulDisk()]
        const different = await copied(fromFolder(here), spoiled(toFolder(back), spoil))
        expect(different.join(', ')).to.match(new RegExp(said))
        expect(different.join(', ')).not.to.include('4477009')
        expect(await failureOf(openOn(back))).to.deep.equal(unfinished)
      })
  })
})

/** What a kernel sees of the copy. */
function markOf(disk: ForgetfulDisk): 'none' | 'unfinished' | 'whole' {
  const file = disk.files().get('store.json')?.toString()
  return file === undefined ? 'none' : file.includes('unfinished') ? 'unfinished' : 'whole'
}

const sizes = (database: FakeDatabase): Record<string, number> =>
  Object.fromEntries(Object.entries(database.content()).map(([name, rows]) => [name, rows.length]))
