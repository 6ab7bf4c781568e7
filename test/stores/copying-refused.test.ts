// What is not copied, and not copied over: the operator is told in one sentence what to do, and nothing has changed.
import { createSecretKey, randomBytes } from 'node:crypto'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { makeSeal } from '../../src/crypto/seal.ts'
import { StoreError } from '../../src/ports/store.ts'
import { folderPlace, lowdbSource, lowdbTarget } from '../../src/stores/lowdb/copying.ts'
import { ensurePair, findBox, openLockedInbox } from '../../src/stores/locked-inbox.ts'
import { openLowdbStore } from '../../src/stores/lowdb/index.ts'
import { mongoSource, mongoTarget } from '../../src/stores/mongodb/copying.ts'
import { claim, identify } from '../../src/stores/mongodb/database.ts'
import type { MetaRow } from '../../src/stores/mongodb/database.ts'
import type { StandbyRow } from '../../src/stores/mongodb/standbys.ts'
import { mongoOffice } from '../../src/stores/mongodb/office.ts'
import type { OfficeRow } from '../../src/stores/mongodb/office.ts'
import type { Row } from '../../src/stores/mongodb/rows.ts'
import { Rows } from '../../src/stores/mongodb/rows.ts'
import { createWire } from '../../src/stores/mongodb/wire.ts'
import { aDocument, anItem } from '../contract/store.ts'
import { copied, openOn, placeOn } from '../support/copying.ts'
import { FakeDatabase } from '../support/fake-database.ts'
import { ForgetfulDisk } from '../support/forgetful-disk.ts'
import { testKey } from '../support/lowdb-harness.ts'

const times = { lease: 60, beat: 15, margin: 10, look: 5, comeBack: 10 }
const options = { key: testKey, times }
const otherKey = createSecretKey(randomBytes(32))

/** Refused with this code, in a sentence that says this. */
async function refused(call: () => unknown, code: string, said: RegExp): Promise<void> {
  const error = await Promise.resolve()
    .then(call)
    .then(
      () => undefined,
      (it: unknown) => it,
    )
  expect(error, 'it was not refused').to.be.instanceOf(StoreError)
  expect((error as StoreError).code).to.equal(code)
  expect((error as StoreError).message).to.match(said)
}

async function folder(): Promise<ForgetfulDisk> {
  const disk = new ForgetfulDisk()
  const store = await openOn(disk)
  for (const id of ['m1', 'm2']) await store.documents.write(aDocument(id, 1))
  await store.inbox.put(anItem('sms:1'))
  await store.close()
  return disk
}

async function database(): Promise<FakeDatabase> {
  const there = new FakeDatabase()
  await copied(lowdbSource(placeOn(await folder()), options), mongoTarget(there.link(), options))
  return there
}

const wire = createWire(() => undefined)
const rowsOf = <R extends Row>(there: FakeDatabase, name: string): Rows<R> =>
  new Rows<R>(there.of(name).collection as never, wire)

describe('A copy is refused', () => {
  describe('from a data folder', () => {
    it('that is not there, or empty', async () => {
      await refused(
        () => lowdbSource(folderPlace('/nowhere/imok'), options),
        'nothing-to-copy',
        /^\/nowhere\/imok holds no records; look whether IMOK_DATA_DIR is right$/,
      )
      await refused(() => lowdbSource(placeOn(new ForgetfulDisk()), options), 'nothing-to-copy', /holds no records/)
    })

    it('in which a kernel is at work, and none can begin while it is copied', async () => {
      const path = await mkdtemp(join(tmpdir(), 'imok-copy-'))
      const kernel = await openLowdbStore({ folder: path, key: testKey })
      await refused(() => lowdbSource(folderPlace(path), options), 'locked', /another imok is using .*: stop it/)
      await kernel.close()
      const source = await lowdbSource(folderPlace(path), options)
      await refused(() => openLowdbStore({ folder: path, key: testKey }), 'locked', /another imok is using/)
      await source.close()
      expect(await readdir(path)).not.to.include('lock')
      await rm(path, { recursive: true })
    })

    it('with another key, by a newer imok, or not copied to its end itself', async () => {
      const disk = await folder()
      const key = { key: otherKey }
      await refused(
        () => lowdbSource(placeOn(disk), key),
        'wrong-key',
        /the folder: .*give the key of this data folder/,
      )
      const { keyId } = makeSeal(testKey)
      disk.overwrite('store.json', Buffer.from(JSON.stringify({ format: 1, keyId, epoch: 0, unfinished: true })))
      await refused(() => lowdbSource(placeOn(disk), options), 'unfinished-copy', /npm run store -- copy/)
      disk.overwrite('store.json', Buffer.from(JSON.stringify({ format: 2, keyId, epoch: 7 })))
      await refused(() => lowdbSource(placeOn(disk), options), 'newer-schema', /install that one/)
    })

    it('beside which texts lie that came while imok was locked: they belong to its records', async () => {
      const disk = await folder()
      await ensurePair(disk, makeSeal(testKey), 0)
      const locked = await openLockedInbox(disk, await findBox(disk))
      await locked.put(anItem('sms:2'))
      const before = disk.files()
      await refused(
        () => lowdbSource(placeOn(disk), options),
        'locked-texts',
        /the folder: texts that came while imok was locked .* start imok with this data folder once/,
      )
      expect(disk.files()).to.deep.equal(before)
    })

    it('with a record that cannot be read: it stays where it is', async () => {
      for (const [path, said] of [
        ['documents/m1.json', /m1 cannot be read \(torn\); nothing was changed: start imok with this data folder once/],
        ['inbox/00000001.journal', /inbox cannot be read \(torn\)/],
      ] as const) {
        const disk = await folder()
        const bytes = disk.files().get(path) ?? Buffer.alloc(0)
        disk.overwrite(path, bytes.subarray(0, bytes.length - 20))
        const before = disk.files()
        const there = new FakeDatabase()
        const source = lowdbSource(placeOn(disk), options)
        await refused(() => copied(source, mongoTarget(there.link(), options)), 'damaged', said)
        expect(disk.files()).to.deep.equal(before)
      }
      const schemas = { member: 0 }
      const source = await lowdbSource(placeOn(await folder()), { ...options, schemas })
      const first = source.records()[Symbol.asyncIterator]()
      await refused(() => first.next(), 'newer-schema', /document m1 was written by a newer imok/)
    })
  })

  const officeIn = (there: FakeDatabase): ReturnType<typeof mongoOffice> =>
    mongoOffice({
      rows: rowsOf<OfficeRow>(there, 'meta'),
      standbyRows: rowsOf<StandbyRow>(there, 'standbys'),
      times,
      isNew: () => Promise.resolve(false),
      check: () => Promise.resolve(),
      begin: () => Promise.resolve(),
      onTrouble: () => undefined,
    })

  describe('from a database', () => {
    it('that is empty, or lies under another key, or was not copied to its end itself', async () => {
      const nothing = new FakeDatabase()
      await refused(() => mongoSource(nothing.link(), options), 'nothing-to-copy', /look whether IMOK_MONGODB_URL/)
      const there = await database()
      const key = { ...options, key: otherKey }
      await refused(() => mongoSource(there.link(), key), 'wrong-key', /give the key of this group/)
      await rowsOf<MetaRow>(there, 'meta').change('store', {}, { unfinished: 'x' })
      await refused(() => mongoSource(there.link(), options), 'unfinished-copy', /npm run store -- copy/)
    })

    it('in which a kernel is at work, also if it begins in the middle; not if it died', async () => {
      const there = await database()
      const office = officeIn(there)
      const term = await office.take(AbortSignal.timeout(5_000))
      await refused(() => mongoSource(there.link(), options), 'in-office', /stop every imok of this group/)
      // Dead: it neither beats nor gives its office back.
      office.close()
      const source = await mongoSource(there.link(), options)
      expect(source.epoch).to.equal(term.epoch)

      const back = new ForgetfulDisk()
      const next = officeIn(there)
      await (await next.take(AbortSignal.timeout(5_000))).resign()
      next.close()
      await refused(() => copied(source, lowdbTarget(placeOn(back), options)), 'in-office', /stop every imok/)
      await refused(() => openOn(back), 'unfinished-copy', /a copy into this data folder was begun/)
    })

    it('with a record that cannot be read', async () => {
      for (const name of ['documents', 'inbox'] as const) {
        const there = await database()
        const [id = ''] = there.of(name).rows.keys()
        await rowsOf(there, name).change(id, {}, { sealed: 'bm90aGluZw==' } as never)
        const before = there.content()
        const back = lowdbTarget(placeOn(new ForgetfulDisk()), options)
        await refused(
          () => copied(mongoSource(there.link(), options), back),
          'damaged',
          /start imok with the database once/,
        )
        expect(there.content()).to.deep.equal(before)
      }
    })
  })

  describe('into what holds records of its own', () => {
    it('a data folder', async () => {
      const disk = await folder()
      const before = disk.files()
      const said = /the folder: it holds records of its own; nothing was changed: .*IMOK_DATA_DIR/
      await refused(() => lowdbTarget(placeOn(disk), options), 'holds-records', said)
      expect(disk.files()).to.deep.equal(before)
      disk.overwrite('store.json', Buffer.from('half a fi'))
      await refused(() => lowdbTarget(placeOn(disk), options), 'holds-records', said)
    })

    it('a database, also one of which nobody knows whose it is', async () => {
      const there = await database()
      const before = there.content()
      const said = /the database imok holds records of its own; nothing was changed: .*IMOK_MONGODB_URL/
      await refused(() => mongoTarget(there.link(), options), 'holds-records', said)
      there.of('meta').rows.clear()
      await refused(() => mongoTarget(there.link(), options), 'holds-records', said)
      expect(there.content()).to.deep.equal({ documents: before['documents'], inbox: before['inbox'] })
    })

    it('a database that a kernel took as its own in the same moment, or another copy', async () => {
      const there = new FakeDatabase()
      const target = await mongoTarget(there.link(), options)
      await claim(rowsOf<MetaRow>(there, 'meta'), makeSeal(testKey))
      await refused(() => target.begin(), 'unfinished-copy', /see to it that only one does/)

      const other = new FakeDatabase()
      const first = await mongoTarget(other.link(), options)
      await first.begin()
      await (await mongoTarget(other.link(), options)).begin()
      await refused(() => first.finish(1), 'unfinished-copy', /see to it that only one does/)
    })

    it('something else, or an unfinished copy of another group', async () => {
      const there = new FakeDatabase()
      await rowsOf(there, 'customers').insert({ _id: 'somebody' })
      await refused(() => mongoTarget(there.link(), options), 'mongodb-not-ours', /holds something else \(customers\)/)
      const begun = new FakeDatabase()
      await (await mongoTarget(begun.link(), options)).begin()
      const key = { ...options, key: otherKey }
      await refused(() => mongoTarget(begun.link(), key), 'wrong-key', /give the key of this group/)
    })
  })
})

describe('A kernel does not begin', () => {
  it('in a database that a copy has begun to fill, or begins to fill in the same moment', async () => {
    const there = new FakeDatabase()
    await (await mongoTarget(there.link(), options)).begin()
    const meta = rowsOf<MetaRow>(there, 'meta')
    const said = /has not ended, so records may be missing; .*copy --from lowdb --to mongodb.*unset IMOK_MONGODB_URL/
    await refused(() => identify(there.link().db, wire, meta), 'unfinished-copy', said)
    await refused(() => claim(meta, makeSeal(testKey)), 'unfinished-copy', said)
  })

  it('in a data folder that a copy has begun to fill', async () => {
    const disk = new ForgetfulDisk()
    await lowdbTarget(placeOn(disk), options).begin()
    const said = /has not ended, so records may be missing; .*copy --from mongodb --to lowdb.*set IMOK_MONGODB_URL/
    await refused(() => openOn(disk), 'unfinished-copy', said)
  })
})
