import { expect } from 'chai'
import { createSecretKey, randomBytes } from 'node:crypto'
import { copyFileSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { frame } from '../../../../src/crypto/frames.ts'
import { makeSeal } from '../../../../src/crypto/seal.ts'
import { encode } from '../../../../src/channels/matrix/crypto-store/entry.ts'
import type { Entry } from '../../../../src/channels/matrix/crypto-store/entry.ts'
import { openCryptoStore } from '../../../../src/channels/matrix/crypto-store/open-crypto-store.ts'
import type { CryptoStore, CryptoStoreOptions } from '../../../../src/channels/matrix/crypto-store/open-crypto-store.ts'
import { sealName } from '../../../../src/channels/matrix/crypto-store/segments.ts'
import { Folder, testSeal } from './folder.ts'
import { open, write } from './indexed-db.ts'

const first = (folder: string): string => join(folder, '00000001.journal')
const contents = (folder: string): [string, string][] =>
  readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'hex')])

/** What opening says, and that it changed nothing if it refused. */
async function outcome(folder: string, more: Partial<CryptoStoreOptions> = {}): Promise<string> {
  const before = contents(folder)
  try {
    const store = await openCryptoStore({ folder, seal: testSeal, onFailure: () => undefined, ...more })
    const found = [store.get('n'), store.torn > 0 ? 'torn' : 'whole']
    store.close()
    return found.join(' ')
  } catch (error) {
    expect(contents(folder)).to.deep.equal(before)
    return (error as { code: string }).code
  }
}

describe('the journal of the crypto store', () => {
  let folder: Folder
  let store: CryptoStore
  beforeEach(async () => {
    folder = new Folder()
    store = await folder.open()
    for (const n of ['1', '2', '3']) store.set({ n, note: 'Mo was under the bridge' })
  })
  afterEach(() => folder.remove())

  it('is for our eyes only, and shows nothing of what it keeps', async () => {
    const db = await open(store, 'a database', 1, (made) => void made.createObjectStore('an object store'))
    await write(db, 'an object store', (s) => void s.put({ bytes: Buffer.from('secret bytes') }, 'a key'))
    expect(statSync(folder.path).mode & 0o777).to.equal(0o700)
    for (const name of readdirSync(folder.path)) {
      expect(statSync(join(folder.path, name)).mode & 0o777).to.equal(0o600)
      const bytes = readFileSync(join(folder.path, name))
      for (const plain of ['under the bridge', 'note', 'a database', 'an object store', 'secret bytes', 'a key'])
        for (const form of [Buffer.from(plain), Buffer.from(plain, 'utf16le'), Buffer.from(btoa(plain))])
          expect(bytes.includes(form), plain).to.equal(false)
    }
  })

  it('loses only a write that nobody was told of, wherever it was torn, and goes on', async () => {
    const whole = readFileSync(first(folder.path))
    const last = whole.lastIndexOf('IMOK')
    store.close()
    for (let length = last; length < whole.length; length += 7) {
      for (const rubbish of [Buffer.alloc(0), Buffer.alloc(whole.length - length), Buffer.alloc(5, 0x49)]) {
        const bytes = Buffer.concat([whole.subarray(0, length), rubbish])
        writeFileSync(first(folder.path), bytes)
        expect(await outcome(folder.path), `length ${length}`).to.equal(bytes.length === last ? '2 whole' : '2 torn')
        expect(statSync(first(folder.path)).size).to.equal(last)
        const again = await folder.open()
        again.set({ n: '4' })
        again.close()
        expect(await outcome(folder.path)).to.equal('4 whole')
      }
    }
  })

  it('with a bit flipped before its last entry is damaged, and is left alone', async () => {
    store.close()
    const whole = readFileSync(first(folder.path))
    const last = whole.lastIndexOf('IMOK')
    for (let bit = 0; bit < whole.length * 8; bit += 23) {
      const bytes = Buffer.from(whole)
      bytes[bit >> 3]! ^= 1 << (bit & 7)
      writeFileSync(first(folder.path), bytes)
      // In the last entry it looks like a write that was torn, and never shows anything else.
      expect(await outcome(folder.path), `bit ${bit}`).to.equal(bit < last * 8 ? 'damaged' : '2 torn')
    }
  })

  it('with an entry missing, repeated or brought from elsewhere is damaged', async () => {
    store.close()
    const whole = readFileSync(first(folder.path))
    const second = whole.indexOf('IMOK', 4)
    const third = whole.lastIndexOf('IMOK')
    for (const bytes of [
      Buffer.concat([whole.subarray(0, second), whole.subarray(third)]),
      Buffer.concat([whole, whole.subarray(third)]),
      Buffer.concat([whole.subarray(second, third), whole.subarray(0, second), whole.subarray(third)]),
      whole.subarray(second),
    ]) {
      writeFileSync(first(folder.path), bytes)
      expect(await outcome(folder.path)).to.equal('damaged')
    }
  })

  it('with a segment missing, or one that is torn before another, is damaged', async () => {
    store = await folder.open({ small: 0 })
    for (let n = 10; n < 20; n++) {
      store.set({ n: String(n), filler: 'x'.repeat(1000) })
      await store.idle()
    }
    store.close()
    const names = readdirSync(folder.path)
    expect(names.length).to.equal(2)
    const [snapshot, tail] = names.map((name) => join(folder.path, name)) as [string, string]
    expect(await outcome(folder.path)).to.equal('19 whole')
    const whole = readFileSync(snapshot)
    const frames = [...whole.toString('latin1').matchAll(/IMOK/g)].map(({ index }) => index)
    expect(frames).to.have.length(2)
    for (const length of [...frames, ...Array.from({ length: whole.length / 11 }, (_, i) => i * 11)]) {
      writeFileSync(snapshot, whole.subarray(0, length))
      expect(await outcome(folder.path), `length ${length}`).to.equal('damaged')
    }
    rmSync(snapshot)
    expect(await outcome(folder.path), 'no beginning').to.equal('damaged')
    writeFileSync(snapshot, whole)
    copyFileSync(tail, tail.replace(/\d\.journal/, '9.journal'))
    expect(await outcome(folder.path), 'a gap').to.equal('damaged')
    rmSync(tail.replace(/\d\.journal/, '9.journal'))
    rmSync(tail)
    expect(await outcome(folder.path), 'no end').to.equal('damaged')
  })

  it('that changes what is not there is damaged', async () => {
    store.close()
    append({ kind: 'transaction', database: '::gone', changes: [['clear', 'x']] })
    expect(await outcome(folder.path)).to.equal('damaged')
  })

  it('under another key, or of a newer imok, is refused by name and left alone', async () => {
    store.close()
    const other = makeSeal(createSecretKey(randomBytes(32)))
    expect(await outcome(folder.path, { seal: other })).to.equal('wrong-key')
    append({ kind: 'newer' } as unknown as Entry)
    expect(await outcome(folder.path)).to.equal('newer-format')
  })

  it('opens under a key that was rotated, and seals under the new one', async () => {
    const [old, next] = [createSecretKey(randomBytes(32)), createSecretKey(randomBytes(32))]
    store = await folder.open({ folder: folder.beside('rotated'), seal: makeSeal(old) })
    store.set({ n: '1' })
    store = await folder.open({ folder: folder.beside('rotated'), seal: makeSeal(next, [old]) })
    store.set({ m: '2' })
    store = await folder.open({ folder: folder.beside('rotated'), seal: makeSeal(next, [old]) })
    expect([store.get('n'), store.get('m')]).to.deep.equal(['1', '2'])
  })

  it('is open once at a time, also to the same process', async () => {
    expect(await outcome(folder.path)).to.equal('locked')
    store.close()
    expect(await outcome(folder.path)).to.equal('3 whole')
    expect(await outcome(folder.path)).to.equal('3 whole')
  })

  it('that somebody else wrote to is not written to any more', async () => {
    const theirs = randomBytes(10)
    writeFileSync(first(folder.path), theirs, { flag: 'a' })
    expect(() => store.set({ n: '4' })).to.throw('somebody else')
    expect(() => store.set({ n: '5' })).to.throw('somebody else')
    expect(folder.failures).to.deep.equal(['foreign-write'])
    expect(readFileSync(first(folder.path)).subarray(-10).equals(theirs)).to.equal(true)
  })

  function append(entry: Entry): void {
    const end = statSync(first(folder.path)).size
    const bytes = frame(testSeal.of(sealName(1)), testSeal.keyId, end, encode(entry))
    writeFileSync(first(folder.path), bytes, { flag: 'a' })
  }
})
