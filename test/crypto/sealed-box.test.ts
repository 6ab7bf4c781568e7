import { expect } from 'chai'
import { boxOpener, boxTo, exportPrivate, importPrivate, makePair, publicOf } from '../../src/crypto/sealed-box.ts'
import { Undecryptable } from '../../src/crypto/seal.ts'

describe('a sealed box', () => {
  const { publicKey, privateKey } = makePair()
  const box = boxTo(publicKey)

  it('is opened by the private key, which can be kept as bytes', () => {
    const again = importPrivate(exportPrivate(privateKey))
    expect(publicOf(again)).to.equal(publicKey)
    const sealed = box.seal('17', 'SOS behind the mill')
    expect(boxOpener(again).openBytes(box.keyId, '17', sealed).toString()).to.equal('SOS behind the mill')
  })

  it('shows nothing of what is in it, and never the same bytes twice', () => {
    const [one, two] = [box.seal('0', 'SOS behind the mill'), box.seal('0', 'SOS behind the mill')]
    expect(one.includes('mill')).to.equal(false)
    expect(one.length).to.equal(two.length)
    expect(one.subarray(0, 32).equals(two.subarray(0, 32))).to.equal(false)
    expect(one.subarray(48).equals(two.subarray(48))).to.equal(false)
  })

  it('is not opened at another place, by another key, or when anything was changed', () => {
    const sealed = box.seal('17', 'SOS')
    const open =
      (bytes: Buffer, at = '17', key = privateKey) =>
      () =>
        boxOpener(key).openBytes('', at, bytes)
    expect(open(sealed, '18')).to.throw(Undecryptable)
    expect(open(sealed, '17', makePair().privateKey)).to.throw(Undecryptable)
    expect(open(sealed.subarray(0, 40))).to.throw(Undecryptable)
    for (let i = 0; i < sealed.length; i++) {
      const changed = Buffer.from(sealed)
      changed[i] = (changed[i] ?? 0) ^ 1
      // The highest bit of a point does not count (RFC 7748); it is bound in all the same.
      expect(open(changed), `byte ${String(i)}`).to.throw(Undecryptable)
    }
  })

  it('cannot be made for what is no key, nor for the point that makes every secret the same', () => {
    expect(() => boxTo('AAAA')).to.throw(TypeError)
    expect(() => boxTo(Buffer.alloc(32).toString('base64')).seal('0', 'SOS')).to.throw()
  })
})
