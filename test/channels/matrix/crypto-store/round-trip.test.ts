import { expect } from 'chai'
import type { CryptoStore } from '../../../../src/channels/matrix/crypto-store/open-crypto-store.ts'
import { Folder } from './folder.ts'
import { answer, complete, contentOf, drop, open, ranges, walk, write } from './indexed-db.ts'
import type { Db } from './indexed-db.ts'

/** Every kind of value that a structured clone keeps. */
function everyKind(): unknown {
  const shared = { twice: true }
  const circle: Record<string, unknown> = { name: 'circle' }
  circle['self'] = circle
  return {
    bytes: Uint8Array.of(0, 1, 254, 255),
    part: new Uint8Array(Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8).buffer, 2, 3),
    buffer: Uint8Array.of(9, 8).buffer,
    floats: Float64Array.of(0.1, -0, NaN),
    bigs: BigInt64Array.of(-1n, 2n ** 62n),
    view: new DataView(Uint8Array.of(1, 2, 3).buffer, 1),
    map: new Map<unknown, unknown>([
      ['a', new Map([[1, new Set(['x'])]])],
      [{ key: 'object' }, undefined],
    ]),
    dates: [new Date(1_700_000_000_000), new Date(NaN)],
    nothing: [undefined, null, { present: undefined }],
    numbers: [0, -0, NaN, Infinity, 2 ** 53, 1.5],
    big: -(2n ** 200n),
    texts: ['', 'ünder 🌉', '\ud800 alone', '\0'],
    pattern: /a+/giu,
    // eslint-disable-next-line no-sparse-arrays -- a hole is what is meant
    holes: [1, , 3],
    error: new RangeError('too far'),
    same: [shared, shared],
    circle,
    wrapped: [Object(1), Object('text'), Object(true)],
  }
}

const plain = (db: Db): void => void db.createObjectStore('plain')

describe('the crypto store', () => {
  let folder: Folder
  let store: CryptoStore
  beforeEach(async () => {
    folder = new Folder()
    store = await folder.open()
  })
  afterEach(() => folder.remove())

  /** What is in memory must be what comes back. */
  async function sameAfterReopening(...names: string[]): Promise<unknown[]> {
    const before = await Promise.all(names.map((name) => contentOf(store, name)))
    store = await folder.open()
    const after = await Promise.all(names.map((name) => contentOf(store, name)))
    expect(after).to.deep.equal(before)
    return after
  }

  it('gives back every kind of value', async () => {
    const db = await open(store, 'db', 1, plain)
    await write(db, 'plain', (s) => void s.put(everyKind(), 'all'))
    store = await folder.open()
    const again = await open(store, 'db')
    const found = await answer(again.transaction('plain').objectStore('plain').get('all'))
    expect(found).to.deep.equal(structuredClone(everyKind()))
    const { bytes, same, circle } = found as { bytes: Uint8Array; same: unknown[]; circle: { self: unknown } }
    expect(same[0]).to.equal(same[1])
    expect(circle.self).to.equal(circle)
    // A view of the whole journal would keep all of it in memory.
    expect(bytes.buffer.byteLength).to.equal(4)
  })

  it('gives back every kind of key, each once', async () => {
    const keys = [0, -1.5, Infinity, new Date(5), new Date(-5), '', 'n0', 'ü', Uint8Array.of(1).buffer, [], [[1], 'a']]
    const db = await open(store, 'db', 1, plain)
    await write(db, 'plain', (s) => keys.forEach((key, i) => s.put(i, key)))
    await write(db, 'plain', (s) => {
      s.put('again', -0)
      s.put('again', Uint8Array.of(9, 1, 9).subarray(1, 2))
      s.put('again', [[1], 'a'])
      s.delete(new Date(-5))
      s.delete('n0')
    })
    const [content] = await sameAfterReopening('db')
    expect(
      (content as { stores: { values: unknown[] }[] }).stores[0]?.values.filter((v) => v === 'again'),
    ).to.have.length(3)
    expect((content as { stores: { keys: unknown[] }[] }).stores[0]?.keys).to.have.length(keys.length - 2)
  })

  it('gives back what each kind of write did', async () => {
    const db = await open(store, 'db', 1, (made) => {
      plain(made)
      made.createObjectStore('inline', { keyPath: 'id' }).createIndex('by tag', 'tags', { multiEntry: true })
      made.createObjectStore('deep', { keyPath: ['a', 'b.c'] })
      made.createObjectStore('counted', { autoIncrement: true })
      made.createObjectStore('counted inline', { keyPath: 'made.id', autoIncrement: true })
    })
    await write(db, 'plain', (s) => {
      for (let i = 0; i < 30; i++) s.put({ i }, i)
      s.delete(3)
      s.delete(ranges().bound(5, 8, true, false))
      s.delete(ranges().upperBound(1, true))
      s.delete(ranges().lowerBound(28))
      s.add('new', 'key')
      walk(s, (cursor) => (cursor.key === 10 ? cursor.update('updated') : cursor.delete()), ranges().bound(10, 12))
    })
    await write(db, 'inline', (s) => {
      s.put({ id: 1, tags: ['x', 'y'] })
      s.put({ id: 2, tags: ['y'] })
      s.put({ id: 3, tags: 'z' })
      walk(s.index('by tag'), (cursor) => cursor.key === 'z' && cursor.update({ id: 3, tags: ['w'] }))
    })
    await write(db, 'deep', (s) => void s.put({ a: 1, b: { c: 'two' }, rest: true }))
    await write(db, 'counted', (s) => {
      s.add('one')
      s.add('seven', 7.9)
      s.clear()
      s.add('eight')
    })
    await write(db, 'counted inline', (s) => void s.add({ text: 'gets its key inside' }))
    const [content] = await sameAfterReopening('db')
    const { stores } = content as { stores: { storeName: string; keys: unknown[]; values: unknown[] }[] }
    const keysOf = (name: string): unknown => stores.find(({ storeName }) => storeName === name)?.keys
    expect(keysOf('plain')).to.deep.equal([1, 2, 4, 5, 9, 10, ...Array.from({ length: 15 }, (_, i) => 13 + i), 'key'])
    expect(keysOf('counted')).to.deep.equal([8])
    expect(stores[1]?.values).to.deep.equal([{ text: 'gets its key inside', made: { id: 1 } }])
    // No number is given twice, whatever was cleared.
    const again = await open(store, 'db')
    await write(again, 'counted', (s) => {
      s.clear()
      s.add('nine')
    })
    expect(await answer(again.transaction('counted').objectStore('counted').getAllKeys())).to.deep.equal([9])
  })

  it('keeps several databases apart, through upgrades of each', async () => {
    const a = await open(store, 'a', 1, plain)
    const b = await open(store, 'b', 7, plain)
    await write(a, 'plain', (s) => void s.put({ of: 'a', sort: 2 }, 1))
    await write(b, 'plain', (s) => void s.put({ of: 'b' }, 1))
    a.close()
    const upgraded = await open(store, 'a', 2, (db, transaction) => {
      const old = transaction.objectStore('plain')
      old.createIndex('sorted', 'sort', { unique: true })
      old.put({ of: 'a', sort: 1 }, 'made by the upgrade')
      old.name = 'renamed'
      db.createObjectStore('more', { autoIncrement: true }).add('first')
    })
    await write(upgraded, 'renamed', (s) => void s.put({ of: 'a', sort: 0 }, 'after it'))
    upgraded.close()
    await sameAfterReopening('a', 'b')
    const last = await open(store, 'a', 3, (db, transaction) => {
      db.deleteObjectStore('more')
      transaction.objectStore('renamed').deleteIndex('sorted')
    })
    last.close()
    const [content] = await sameAfterReopening('a', 'b')
    expect(content).to.deep.include({ version: 3 })
    await drop(store, 'b')
    store = await folder.open()
    expect(await contentOf(store, 'b')).to.deep.equal({ version: 1, stores: [] })
  })

  it('keeps nothing of what was aborted', async () => {
    const db = await open(store, 'db', 1, plain)
    await write(db, 'plain', (s) => void s.put('before', 1))
    const size = store.size()
    const aborted = db.transaction('plain', 'readwrite')
    aborted.objectStore('plain').put('lost', 1)
    const second = aborted.objectStore('plain').add('lost too', 2)
    await answer(second)
    aborted.abort()
    expect(await complete(aborted).catch((error: unknown) => (error as Error).message)).to.include('aborted')
    const failing = db.transaction('plain', 'readwrite')
    failing.objectStore('plain').put('lost as well', 3)
    failing.objectStore('plain').add('there already', 1)
    expect(await complete(failing).catch((error: unknown) => (error as Error).message)).to.include('ConstraintError')
    db.close()
    const upgrade = open(store, 'db', 2, (made, transaction) => {
      made.createObjectStore('never')
      transaction.abort()
    })
    expect(await upgrade.catch((error: unknown) => (error as Error).name)).to.equal('AbortError')
    expect(store.size()).to.equal(size)
    const [content] = await sameAfterReopening('db')
    expect(content).to.deep.include({ version: 1 })
    expect((content as { stores: { values: unknown[] }[] }).stores[0]?.values).to.deep.equal(['before'])
  })

  it('aborts what cannot be written down, and goes on', async () => {
    const db = await open(store, 'db', 1, plain)
    const key = await crypto.subtle.generateKey({ name: 'HMAC', hash: 'SHA-256' }, false, ['sign'])
    const writing = write(db, 'plain', (s) => {
      s.put('good', 1)
      s.put(key, 2)
    })
    expect(await writing.catch((error: unknown) => (error as Error).message)).to.equal('aborted: DataCloneError')
    await write(db, 'plain', (s) => void s.put('later', 3))
    const [content] = await sameAfterReopening('db')
    expect((content as { stores: { keys: unknown[] }[] }).stores[0]?.keys).to.deep.equal([3])
    expect(folder.failures).to.deep.equal([])
  })

  it('keeps small values, all or none of each call, in the order of the transactions', async () => {
    store.set({ token: 's1', device: 'IMOK', gone: 'x' })
    const db = await open(store, 'db', 1, plain)
    await write(db, 'plain', (s) => void s.put(1, 1))
    store.set({ token: 's2', gone: undefined })
    expect([store.get('token'), store.get('device'), store.get('gone')]).to.deep.equal(['s2', 'IMOK', undefined])
    store = await folder.open()
    expect([store.get('token'), store.get('device'), store.get('gone')]).to.deep.equal(['s2', 'IMOK', undefined])
  })

  it('tells nobody that a transaction is complete before it is on the disk', async () => {
    const points: string[] = []
    store = await folder.open({ hook: (point) => points.push(point) })
    const db = await open(store, 'db', 1, plain)
    points.length = 0
    const transaction = db.transaction('plain', 'readwrite')
    transaction.addEventListener('complete', () => points.push('told'))
    const written = answer(transaction.objectStore('plain').put(1, 1)).then(() => points.push('put'))
    await complete(transaction)
    await written
    expect(points).to.deep.equal(['put', 'append:start', 'append:written', 'append:durable', 'told'])
    await answer(db.transaction('plain').objectStore('plain').getAll())
    expect(points).to.have.length(5)
  })

  it('has no databases but those of open stores', async () => {
    const stranger = { ...store, name: 'somebody' }
    expect(await open(stranger, 'db', 1).catch((error: unknown) => (error as Error).message)).to.match(
      /no open crypto store/,
    )
    store.close()
    expect(await open(store, 'db', 1).catch((error: unknown) => (error as Error).message)).to.match(
      /no open crypto store/,
    )
    expect(() => store.set({ token: 'x' })).to.throw('closed')
    expect(() => store.get('token')).to.throw('closed')
  })
})
