import { expect } from 'chai'
import { execFile } from 'node:child_process'
import { statSync } from 'node:fs'
import { join } from 'node:path'
import type { CryptoStore } from '../../../../src/channels/matrix/crypto-store/open-crypto-store.ts'
import { Folder } from './folder.ts'
import { answer, complete, contentOf, drop, open, write } from './indexed-db.ts'
import type { Db } from './indexed-db.ts'

const plain = (db: Db): void => void db.createObjectStore('plain')
const onlyBefore = {
  version: 1,
  stores: [{ storeName: 'plain', keyPath: null, autoIncrement: false, keys: [1], values: ['before'], indexes: [] }],
}
const failure = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'nothing',
    (error: unknown) => (error as Error).message,
  )

describe('the crypto store on a disk in trouble', () => {
  let folder: Folder
  let store: CryptoStore
  let db: Db
  /** Where it fails from now on. */
  let at: string | undefined
  let code = 'EIO'
  beforeEach(async () => {
    folder = new Folder()
    at = undefined
    const hook = (point: string): void => {
      if (point === at) throw Object.assign(new Error('trouble'), { code })
    }
    store = await folder.open({ hook })
    db = await open(store, 'db', 1, plain)
    await write(db, 'plain', (s) => void s.put('before', 1))
    store.set({ token: 'before' })
  })
  afterEach(() => folder.remove())

  /** Memory has what the disk has not, and says so; whoever is killed now finds what was there before. */
  async function expectAfloat(): Promise<void> {
    expect(folder.failures).to.deep.equal([code])
    expect(store.afloat()).to.equal(code)
    expect(() => store.set({ later: 'yes' })).to.throw(code)
    expect(store.get('later')).to.equal('yes')
    await store.durable()
    expect(folder.failures).to.deep.equal([code])
    at = undefined
    store = await folder.open()
    expect(store.torn).to.equal(0)
    expect([store.get('token'), store.get('later')]).to.deep.equal(['before', undefined])
    expect(await contentOf(store, 'db')).to.deep.equal(onlyBefore)
  }

  for (const [point, error] of [
    ['start', 'ENOSPC'],
    ['written', 'EIO'],
    ['durable', 'EIO'],
  ] as const) {
    it(`goes on in memory with a transaction that failed at "${point}" with ${error}, and has nothing of it after a crash`, async () => {
      code = error
      at = `append:${point}`
      await write(db, 'plain', (s) => void s.put('in memory', 1))
      await write(db, 'plain', (s) => void s.put('in memory too', 2))
      expect(await answer(db.transaction('plain').objectStore('plain').getAll())).to.deep.equal([
        'in memory',
        'in memory too',
      ])
      await expectAfloat()
    })
  }

  it('has nothing of a value, an upgrade or a deletion that failed after a crash', async () => {
    for (const work of [
      () => Promise.resolve().then(() => expect(() => store.set({ token: 'lost' })).to.throw(code)),
      () => (db.close(), open(store, 'db', 2, (made) => void made.createObjectStore('lost'))),
      () => (db.close(), drop(store, 'db')),
    ]) {
      at = 'append:written'
      await work()
      await expectAfloat()
      folder.failures.length = 0
      const hook = (point: string): void => {
        if (point === at) throw Object.assign(new Error('trouble'), { code })
      }
      store = await folder.open({ hook })
      db = await open(store, 'db')
    }
  })

  it('takes nothing into memory that could not be written down later', async () => {
    const key = await crypto.subtle.generateKey({ name: 'HMAC', hash: 'SHA-256' }, true, ['sign'])
    at = 'append:written'
    await write(db, 'plain', (s) => void s.put('in memory', 1))
    expect(await failure(write(db, 'plain', (s) => void s.put(key, 2)))).to.include('DataCloneError')
    at = undefined
    expect(await store.mend()).to.equal(true)
  })

  it('refuses everything for ever once somebody else has written there', async () => {
    code = 'foreign-write'
    at = 'append:start'
    expect(await failure(write(db, 'plain', (s) => void s.put('lost', 1)))).to.equal('aborted: UnknownError')
    at = undefined
    expect([store.failed(), store.afloat()]).to.deep.equal([code, undefined])
    expect(() => store.set({ token: 'later' })).to.throw(code)
    expect(() => store.get('token')).to.throw(code)
    expect(() => db.transaction('plain')).to.throw(code)
    expect(await failure(open(store, 'db'))).to.include(code)
    expect(await failure(drop(store, 'db'))).to.include(code)
    expect(await failure(store.mend())).to.include(code)
    expect(await failure(store.durable())).to.include(code)
    expect(folder.failures).to.deep.equal([code])
    store = await folder.open()
    expect(await contentOf(store, 'db')).to.deep.equal(onlyBefore)
  })

  it('aborts what is under way when it is closed', async () => {
    const transaction = db.transaction('plain', 'readwrite')
    transaction.objectStore('plain').put('lost', 1)
    store.close()
    expect(await failure(complete(transaction))).to.equal('aborted: UnknownError')
    expect(folder.failures).to.deep.equal([])
    store = await folder.open()
    expect(await contentOf(store, 'db')).to.deep.equal(onlyBefore)
  })

  it('takes nothing for written that a full disk took only half of', async function () {
    this.timeout(20_000)
    store.close()
    const script = join(import.meta.dirname, 'fills-up.ts')
    // A limit for files is what comes nearest to a full disk without one: the system takes a part, then refuses. In blocks of 1024 bytes.
    const args = ['-c', 'ulimit -f 40; exec "$@"', 'sh', process.execPath, script, folder.path]
    const said = await new Promise<string>((resolve, reject) => {
      execFile('bash', args, (error, stdout) => {
        if (error) reject(new Error('it ended badly', { cause: error }))
        else resolve(stdout)
      })
    })
    const { written, code: found, failures } = JSON.parse(said) as { written: number; code: string; failures: string[] }
    expect(written).to.be.greaterThan(3)
    expect(found).to.equal('EFBIG')
    expect(failures).to.deep.equal(['EFBIG'])
    store = await folder.open()
    expect(store.torn).to.equal(0)
    expect(store.get('n')).to.equal(String(written))
    expect(statSync(join(folder.path, '00000001.journal')).size).to.be.lessThan(40 * 1024)
  })
})
