import { expect } from 'chai'
import { appendFileSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { CryptoStore } from '../../../../src/channels/matrix/crypto-store/open-crypto-store.ts'
import { seededRandom } from '../../../support/seeded-random.ts'
import { Folder } from './folder.ts'
import { answer, complete, open, write } from './indexed-db.ts'
import type { Db } from './indexed-db.ts'
import { PowerCut } from './power-cut.ts'

const plain = (db: Db): void => void db.createObjectStore('plain')
const BEFORE = { values: ['before'], token: 'before' }
const ALL = { values: ['before', 'in memory'], token: 'in memory' }

describe('the crypto store, mended after its disk had failed', function () {
  this.timeout(20_000)
  let folder: Folder
  let store: CryptoStore
  let db: Db
  /** What the disk says at these points. */
  let trouble: (point: string) => string | undefined
  let seen: (point: string) => void
  const isFull = (point: string): string | undefined => (/^append|^mend:start/.test(point) ? 'ENOSPC' : undefined)
  const isWell = (): undefined => undefined

  beforeEach(async () => {
    folder = new Folder()
    trouble = isWell
    seen = () => undefined
    const hook = (point: string): void => {
      seen(point)
      const code = trouble(point)
      if (code !== undefined) throw Object.assign(new Error('trouble'), { code })
    }
    store = await folder.open({ hook })
    db = await open(store, 'db', 1, plain)
    await write(db, 'plain', (s) => void s.put('before', 1))
    store.set({ token: 'before' })
  })
  afterEach(() => folder.remove())

  const put = (value: string, key: number): Promise<void> => write(db, 'plain', (s) => void s.put(value, key))
  const setAfloat = async (): Promise<void> => {
    trouble = isFull
    await put('in memory', 2)
    expect(() => store.set({ token: 'in memory' })).to.throw('ENOSPC')
  }
  const holds = async (it: CryptoStore): Promise<object> => {
    const again = await open(it, 'db')
    const values = await answer(again.transaction('plain').objectStore('plain').getAll())
    again.close()
    return { values, token: it.get('token') }
  }
  const left = async (path: string): Promise<object> => {
    const other = new Folder()
    try {
      const copy = await other.open({ folder: path })
      const found = await holds(copy)
      // And it can be written to.
      copy.set({ goes: 'on' })
      return found
    } finally {
      other.remove()
    }
  }
  const codeOf = (work: Promise<unknown>): Promise<unknown> =>
    work.then(String, (error: unknown) => (error as { code: unknown }).code)

  it('has all of it, goes on as before, and can fail again', async () => {
    await setAfloat()
    expect(await store.mend()).to.equal(false)
    expect(await left(folder.copy())).to.deep.equal(BEFORE)
    trouble = isWell
    expect(await store.mend()).to.equal(true)
    expect(store.afloat()).to.equal(undefined)
    expect(await left(folder.copy())).to.deep.equal(ALL)
    store.set({ token: 'later' })
    await put('later', 3)
    expect(await left(folder.copy())).to.deep.equal({ values: [...ALL.values, 'later'], token: 'later' })
    expect(readdirSync(folder.path).reduce((sum, name) => sum + statSync(join(folder.path, name)).size, 0)).to.equal(
      store.size(),
    )
    trouble = isFull
    await put('again', 4)
    trouble = isWell
    expect(await store.mend()).to.equal(true)
    expect(folder.failures).to.deep.equal(['ENOSPC', 'ENOSPC'])
    store = await folder.open()
    expect(await holds(store)).to.deep.equal({ values: [...ALL.values, 'later', 'again'], token: 'later' })
  })

  const points = ['start', 'segment', 'written', 'synced', 'renamed', 'done'].map((point) => `mend:${point}`)

  it('is as before or whole, wherever it is killed meanwhile', async () => {
    await setAfloat()
    trouble = isWell
    const killed: [string, string][] = []
    seen = (point) => killed.push([point, folder.copy()])
    expect(await store.mend()).to.equal(true)
    expect(killed.map(([point]) => point)).to.deep.equal(points)
    for (const [point, path] of killed)
      expect(await left(path), point).to.deep.equal(/renamed|done/.test(point) ? ALL : BEFORE)
  })

  for (const failing of points)
    it(`is as before or whole when the disk fails at "${failing}" meanwhile, and is mended later`, async () => {
      await setAfloat()
      trouble = (point) => (point === failing ? 'EIO' : undefined)
      expect(await store.mend()).to.equal(false)
      expect(store.afloat()).to.equal('ENOSPC')
      const isThere = /renamed|done/.test(failing)
      expect(await left(folder.copy())).to.deep.equal(isThere ? ALL : BEFORE)
      expect(readdirSync(folder.path).filter((name) => name.endsWith('.tmp'))).to.deep.equal([])
      await put('more', 3)
      expect(await left(folder.copy())).to.deep.equal(isThere ? ALL : BEFORE)
      trouble = isWell
      expect(await store.mend()).to.equal(true)
      store.set({ token: 'later' })
      expect(await left(folder.copy())).to.deep.equal({ values: [...ALL.values, 'more'], token: 'later' })
    })

  const seed = Number(process.env['IMOK_TEST_SEED'] ?? Date.now() % 1_000_000)
  for (const loss of ['unsynced', 'some'] as const)
    it(`is as before or whole wherever the power is cut (${loss} lost, IMOK_TEST_SEED=${seed})`, async () => {
      const cuts: [string, string][] = []
      let isCutting = false
      const random = seededRandom(seed)
      store.close()
      const cutFolder = new Folder()
      const watch = new PowerCut(cutFolder.path, random, (what) => {
        if (!isCutting) return
        const path = cutFolder.beside(`cut ${cuts.length}`)
        watch.leave(path, loss)
        cuts.push([what, path])
      })
      try {
        const hook = (point: string): void => {
          if (trouble(point) !== undefined) throw Object.assign(new Error('trouble'), { code: 'ENOSPC' })
        }
        store = await cutFolder.open({ hook })
        db = await open(store, 'db', 1, plain)
        await put('before', 1)
        store.set({ token: 'before' })
        // Once before, so that there is something to be taken away.
        trouble = isFull
        await put('before', 1)
        trouble = isWell
        expect(await store.mend()).to.equal(true)
        await setAfloat()
        trouble = isWell
        isCutting = true
        expect(await store.mend()).to.equal(true)
        isCutting = false
      } finally {
        watch.end()
      }
      try {
        expect(cuts.map(([what]) => what)).to.include.members(['create', 'write', 'rename', 'synced folder', 'remove'])
        for (const [what, path] of cuts) expect(await left(path), what).to.deep.be.oneOf([BEFORE, ALL])
      } finally {
        cutFolder.remove()
      }
    })

  it('waits for what is under way, which may still be aborted', async () => {
    await setAfloat()
    trouble = isWell
    const transaction = db.transaction('plain', 'readwrite')
    const objectStore = transaction.objectStore('plain')
    let isHeld = true
    const hold = (): void =>
      objectStore.get(3).addEventListener('success', () => (isHeld ? hold() : transaction.abort()))
    await answer(objectStore.put('never', 3))
    hold()
    expect(await store.mend()).to.equal(false)
    isHeld = false
    await complete(transaction).catch(() => undefined)
    expect(await store.mend()).to.equal(true)
    expect(await left(folder.copy())).to.deep.equal(ALL)
  })

  for (const [what, intrude] of [
    ['to its file', (path: string) => appendFileSync(join(path, '00000001.journal'), 'x'.repeat(100_000))],
    ['a file behind it', (path: string) => writeFileSync(join(path, '00000002.journal'), 'x')],
  ] as const)
    it(`is not, and refuses everything, when somebody else wrote ${what} meanwhile`, async () => {
      await setAfloat()
      trouble = isWell
      intrude(folder.path)
      const before = readdirSync(folder.path)
      expect(await codeOf(store.mend())).to.equal('foreign-write')
      expect(store.failed()).to.equal('foreign-write')
      expect(() => store.set({ token: 'later' })).to.throw('wrote')
      expect(folder.failures).to.deep.equal(['ENOSPC', 'foreign-write'])
      expect(readdirSync(folder.path)).to.deep.equal(before)
    })
})
