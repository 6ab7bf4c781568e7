import { createSecretKey, randomBytes } from 'node:crypto'
import { expect } from 'chai'
import { KeyError, keyId } from '../../src/crypto/data-key.ts'
import { unwrapKey, weakness, wrapKey, wrappedKeyId, WrongPassphrase } from '../../src/crypto/wrapped-key.ts'

/** As cheap as is accepted: what is tested here is not how long it takes. */
const cheap = { N: 2 ** 14, r: 8, p: 1 }
const passphrase = 'five words that nobody says'
const key = createSecretKey(randomBytes(32))

const failure = async (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'nothing was thrown',
    (error: unknown) => error,
  )

describe('a wrapped key', () => {
  let text: string
  let head: Record<string, unknown>
  before(async () => {
    text = await wrapKey(key, passphrase, cheap)
    head = JSON.parse(text) as Record<string, unknown>
  })
  const changed = (over: Record<string, unknown>): string => JSON.stringify({ ...head, ...over })

  it('is opened by its passphrase, however the keyboard writes an accent', async () => {
    expect((await unwrapKey(text, passphrase, 'here')).equals(key)).to.equal(true)
    const accented = await wrapKey(key, 'caf\u00e9 five words more', cheap)
    expect((await unwrapKey(accented, 'cafe\u0301 five words more', 'here')).equals(key)).to.equal(true)
  })

  it('is opened by no other, and does not say why', async () => {
    expect(await failure(unwrapKey(text, `${passphrase} `, 'here'))).to.be.instanceOf(WrongPassphrase)
    expect(await failure(unwrapKey(text, '', 'here'))).to.be.instanceOf(WrongPassphrase)
  })

  it('holds neither the key nor the passphrase, and tells which key it is', () => {
    const raw = key.export()
    for (const form of [raw.toString('hex'), raw.toString('base64'), passphrase]) expect(text).not.to.include(form)
    expect(wrappedKeyId(text, 'here')).to.equal(keyId(key))
  })

  it('costs 128 MB and one pass unless it is told otherwise', async function () {
    this.timeout(20_000)
    expect((JSON.parse(await wrapKey(key, passphrase)) as { cost: unknown }).cost).to.deep.equal({
      N: 131_072,
      r: 8,
      p: 1,
    })
  })

  it('is not opened when anything in it was changed', async () => {
    const other = randomBytes(16).toString('base64')
    for (const over of [{ keyId: '0'.repeat(16) }, { salt: other }, { cost: { ...cheap, N: 2 ** 15 } }])
      expect(await failure(unwrapKey(changed(over), passphrase, 'here'))).to.be.instanceOf(WrongPassphrase)
  })

  for (const [what, over] of [
    ['asks for 4 GB', { cost: { N: 2 ** 22, r: 8, p: 1 } }],
    ['asks for a thousand passes', { cost: { ...cheap, p: 1_000 } }],
    ['asks for next to nothing', { cost: { ...cheap, N: 2 } }],
    ['asks for what is no power of two', { cost: { ...cheap, N: 20_000 } }],
    ['asks for less than nothing', { cost: { ...cheap, r: -8 } }],
    ['has no cost', { cost: null }],
    ['has a short nonce', { nonce: 'AAAA' }],
    ['has half a key', { sealed: 'AAAA' }],
    ['has no salt', { salt: undefined }],
    ['is not by us', { format: '1' }],
  ] as const) {
    it(`that ${what} is refused at once, with what to do`, async () => {
      const began = performance.now()
      const error = await failure(unwrapKey(changed(over), passphrase, '/data/key.sealed'))
      expect(error).to.be.instanceOf(KeyError)
      expect((error as Error).message).to.equal(
        '/data/key.sealed is damaged: put it, or the file "key", back from the backup',
      )
      expect(performance.now() - began).to.be.lessThan(1_000)
    })
  }

  it('that is no JSON, or far too long, or a newer one, is refused as well', async () => {
    for (const other of ['', 'null', '[]', 'key', text + ' '.repeat(5_000)])
      expect(await failure(unwrapKey(other, passphrase, 'here')), other.slice(0, 20)).to.be.instanceOf(KeyError)
    expect(await failure(unwrapKey(changed({ format: 2 }), passphrase, 'here'))).to.match(/newer imok/)
  })
})

describe('a passphrase', () => {
  for (const [weak, why] of [
    ['', /0 characters.*at least 12.*five words/i],
    ['elevenchars', /11 characters/],
    ['abababababababab', /same few characters/],
    ['x y '.repeat(200), /same few characters/],
    ['five words '.repeat(100), /longer than 500/],
  ] as const)
    it(`"${weak.slice(0, 20)}" will not do, and it is said why`, () => expect(weakness(weak)).to.match(why))

  it('of a few words will do', () => expect(weakness(passphrase)).to.equal(undefined))
})
