import { createSecretKey } from 'node:crypto'
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect } from 'chai'
import type { CryptoStore } from '../../../../src/channels/matrix/crypto-store/index.ts'
import { CryptoStoreDamaged, openCryptoStore } from '../../../../src/channels/matrix/crypto-store/index.ts'
import type { Hook } from '../../../../src/channels/matrix/crypto-store/journal.ts'
import { makeSeal } from '../../../../src/crypto/seal.ts'
import type { Opened } from '../../../support/indexed-db.ts'
import { openDatabase, within } from '../../../support/indexed-db.ts'

const seal = makeSeal(createSecretKey(Buffer.alloc(32, 7)))

describe('The crypto store', () => {
  let folder: string
  const opened: CryptoStore[] = []
  const open = async (hook?: Hook): Promise<CryptoStore> => {
    const store = await openCryptoStore({ folder, seal, ...(hook && { hook }) })
    opened.push(store)
    return store
  }
  const database = (store: CryptoStore, version = 1): Promise<Opened> => openDatabase(`${store.name}::keys`, version)
  const journals = (): string[] => readdirSync(folder).filter((name) => name.endsWith('.journal'))
  const file = (): string => path.join(folder, journals().at(-1) ?? '')

  beforeEach(() => (folder = path.join(mkdtempSync(path.join(tmpdir(), 'imok-crypto-')), 'matrix')))
  afterEach(() => {
    for (const store of opened.splice(0)) store.close()
    rmSync(path.dirname(folder), { recursive: true, force: true })
  })

  it('puts back every kind of change, and what values are made of', async () => {
    const store = await open()
    const db = await database(store)
    const value = {
      bytes: new Uint8Array([1, 2]),
      map: new Map([['a', undefined]]),
      at: new Date(7),
      big: 9n,
      deep: [{ x: null }],
    }
    await within(db, (s) => {
      for (let n = 0; n < 10; n++) s.put({ ...value, n }, n)
      s.add('added', 'key')
    })
    await within(db, (s) => {
      s.delete(3)
      s.delete(s.range(5, 7))
    })
    await within(db, (s) =>
      s.eachFrom(8, (cursor) => (cursor.primaryKey === 8 ? cursor.update('changed') : cursor.delete())),
    )
    db.close()
    store.close()
    const again = await database(await open())
    const all = await again.all()
    expect(all.map(([key]) => key)).to.deep.equal([0, 1, 2, 4, 8])
    expect(all[0]?.[1]).to.deep.equal({ ...value, n: 0 })
    expect(all.at(-1)?.[1]).to.equal('changed')
  })

  it('a value that its owner changes after the put is kept as it was', async () => {
    const store = await open()
    const db = await database(store)
    const value = { n: 1 }
    await within(db, (s) => {
      s.put(value, 'key')
      value.n = 2
    })
    db.close()
    store.close()
    expect(await (await database(await open())).all()).to.deep.equal([['key', { n: 1 }]])
  })

  it('clear, a transaction that was taken back, and a request that failed', async () => {
    const store = await open()
    const db = await database(store)
    await within(db, (s) => s.put('old', 1))
    await within(db, (s) => s.clear())
    await within(db, (s) => s.put('kept', 2))
    await within(db, (s) => {
      s.put('taken back', 3)
      s.abort()
    })
    await within(db, (s) => {
      s.add('twice', 2, true)
      s.put('beside', 4)
    })
    const before = await db.all()
    expect(before.map(([key]) => key)).to.deep.equal([2, 4])
    db.close()
    store.close()
    expect(await (await database(await open())).all()).to.deep.equal(before)
  })

  it('an upgrade keeps what was there, and its indexes', async () => {
    const store = await open()
    const first = await database(store)
    await within(first, (s) => s.put({ of: 'asha' }, 1))
    first.close()
    const second = await database(store, 2)
    await within(second, (s) => s.put({ of: 'ben' }, 2))
    second.close()
    store.close()
    const again = await database(await open(), 2)
    expect(await again.byOwner('ben')).to.deep.equal([{ of: 'ben' }])
    expect(await again.byOwner('asha')).to.deep.equal([{ of: 'asha' }])
  })

  it('small values come back with the keys they belong to', async () => {
    const store = await open()
    store.set({ since: 's1', other: 'x' })
    store.set({ since: 's2', other: undefined })
    store.close()
    const again = await open()
    expect([again.get('since'), again.get('other')]).to.deep.equal(['s2', undefined])
  })

  for (const point of ['start', 'written'] as const) {
    it(`what the disk refuses (${point}) is told to nobody, and nothing is written afterwards`, async () => {
      let full = false
      const store = await open((at) => {
        if (full && at === point) throw Object.assign(new Error('full'), { code: 'ENOSPC' })
      })
      const db = await database(store)
      await within(db, (s) => s.put('before', 1))
      full = true
      let told = false
      void within(db, (s) => s.put('never', 2)).then(() => (told = true))
      while (store.failed() === undefined) await db.idle()
      await db.idle()
      expect(told).to.equal(false)
      expect(store.failed()).to.equal('ENOSPC')
      full = false
      expect(() => store.set({ since: 's9' })).to.throw()
      store.close()
      const again = await open()
      expect(again.get('since')).to.equal(undefined)
      const kept = await (await database(again)).all()
      expect(kept[0]).to.deep.equal([1, 'before'])
    })
  }

  it('a torn tail is cut off', async () => {
    const store = await open()
    store.set({ since: 's1' })
    store.close()
    const size = statSync(file()).size
    appendFileSync(file(), Buffer.from('IMOK half a record'))
    const again = await open()
    expect(again.get('since')).to.equal('s1')
    expect(again.size()).to.equal(size)
  })

  it('damage in the middle is not passed over', async () => {
    const store = await open()
    for (let n = 0; n < 9; n++) store.set({ since: `s${String(n)}` })
    store.close()
    const bytes = readFileSync(file())
    bytes[Math.floor(bytes.length / 2)]! ^= 1
    writeFileSync(file(), bytes)
    const error = await open().catch((it: unknown) => it)
    expect(error).to.be.instanceOf(CryptoStoreDamaged)
    expect(String(error)).to.include('npm run matrix -- recover')
    expect(readFileSync(file()).equals(bytes), 'left as it is').to.equal(true)
  })

  it('is unreadable on disk, and nobody else’s to read', async () => {
    const store = await open()
    store.set({ since: 'plaintext-since' })
    const db = await database(store)
    await within(db, (s) => s.put('plaintext-value', 'plaintext-key'))
    expect(readFileSync(file()).includes('plaintext')).to.equal(false)
    expect(statSync(file()).mode & 0o777).to.equal(0o600)
    expect(statSync(folder).mode & 0o777).to.equal(0o700)
  })

  it('stays small over ten thousand changes', async function () {
    this.timeout(30_000)
    const store = await open()
    for (let n = 0; n < 10_000; n++) store.set({ since: `s${String(n)}`.padEnd(1_000, '.') })
    expect(store.size()).to.be.lessThan(5 * 1024 * 1024)
    expect(journals()).to.have.length(1)
    store.close()
    expect((await open()).get('since')).to.equal('s9999'.padEnd(1_000, '.'))
  })

  for (const point of ['snapshot', 'renamed', 'compacted'] as const) {
    it(`a compaction that dies (${point}) loses nothing, nor what comes after it`, async () => {
      let dies = true
      const store = await open((at) => {
        if (dies && at === point) throw Object.assign(new Error('died'), { code: 'EIO' })
      })
      const db = await database(store)
      await within(db, (s) => s.put('kept', 1))
      store.set({ since: 's1' })
      try {
        store.compact()
      } catch {
        dies = false
      }
      store.set({ since: 's2' })
      db.close()
      store.close()
      const again = await open()
      expect(again.get('since')).to.equal('s2')
      expect(await (await database(again)).all()).to.deep.equal([[1, 'kept']])
      expect(journals()).to.have.length(1)
    })
  }
})
