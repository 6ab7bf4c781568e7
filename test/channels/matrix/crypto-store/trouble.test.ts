import { expect } from 'chai'
import { execFile } from 'node:child_process'
import { statSync } from 'node:fs'
import { join } from 'node:path'
import type { CryptoStore } from '../../../../src/channels/matrix/crypto-store/open-crypto-store.ts'
import { Folder } from './folder.ts'
import { complete, contentOf, drop, open, write } from './indexed-db.ts'
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

  async function expectFailed(): Promise<void> {
    expect(folder.failures).to.deep.equal([code])
    at = undefined
    expect(() => store.set({ token: 'later' })).to.throw(code)
    expect(() => store.get('token')).to.throw(code)
    expect(() => db.transaction('plain')).to.throw(code)
    expect(await failure(open(store, 'db'))).to.include(code)
    expect(await failure(drop(store, 'db'))).to.include(code)
    expect(folder.failures).to.deep.equal([code])
    store = await folder.open()
    expect(store.torn).to.equal(0)
    expect(store.get('token')).to.equal('before')
    expect(await contentOf(store, 'db')).to.deep.equal(onlyBefore)
  }

  for (const [point, error] of [
    ['start', 'ENOSPC'],
    ['written', 'EIO'],
    ['durable', 'EIO'],
  ] as const) {
    it(`never calls a transaction complete that failed at "${point}" with ${error}, and has nothing of it after reopening`, async () => {
      code = error
      const told: string[] = []
      const transaction = db.transaction('plain', 'readwrite')
      transaction.addEventListener('complete', () => told.push('complete'))
      transaction.objectStore('plain').put('lost', 1)
      const waiting = db.transaction('plain', 'readwrite')
      waiting.objectStore('plain').put('lost too', 2)
      at = `append:${point}`
      const both = await Promise.all([failure(complete(transaction)), failure(complete(waiting))])
      expect(both).to.deep.equal([
        error === 'ENOSPC' ? 'aborted: QuotaExceededError' : 'aborted: UnknownError',
        error === 'ENOSPC' ? 'aborted: QuotaExceededError' : 'aborted: UnknownError',
      ])
      expect(told).to.deep.equal([])
      await expectFailed()
    })
  }

  it('keeps nothing of a value, an upgrade or a deletion that failed', async () => {
    for (const work of [
      () => Promise.resolve().then(() => store.set({ token: 'lost' })),
      () => (db.close(), open(store, 'db', 2, (made) => void made.createObjectStore('lost'))),
      () => (db.close(), drop(store, 'db')),
    ]) {
      at = 'append:written'
      expect(await failure(work())).not.to.equal('nothing')
      await expectFailed()
      folder.failures.length = 0
      const hook = (point: string): void => {
        if (point === at) throw Object.assign(new Error('trouble'), { code })
      }
      store = await folder.open({ hook })
      db = await open(store, 'db')
    }
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
