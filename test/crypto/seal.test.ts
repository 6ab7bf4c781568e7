import { expect } from 'chai'
import { createDecipheriv, createSecretKey, hkdfSync, randomBytes } from 'node:crypto'
import { keyId } from '../../src/crypto/data-key.ts'
import { Undecryptable, makeSeal } from '../../src/crypto/seal.ts'

const newKey = () => createSecretKey(randomBytes(32))

describe('sealing', () => {
  const key = newKey()
  const seal = makeSeal(key)
  const plain = '{"name":"Mo Member","note":"ünder the bridge 🌉"}'

  it('gives back what was sealed and shows none of it', () => {
    const sealed = seal.of('m1').seal('v1', plain)
    expect(sealed.includes('Mo Member')).to.equal(false)
    expect(seal.of('m1').open(seal.keyId, 'v1', sealed)).to.equal(plain)
  })

  it('never gives the same bytes twice', () => {
    const document = seal.of('m1')
    expect(document.seal('v1', plain).equals(document.seal('v1', plain))).to.equal(false)
  })

  it('opens only for the same document, the same associated data and the same key', () => {
    const sealed = seal.of('m1').seal('v1', plain)
    expect(() => seal.of('m2').open(seal.keyId, 'v1', sealed)).to.throw(Undecryptable)
    expect(() => seal.of('m1').open(seal.keyId, 'v2', sealed)).to.throw(Undecryptable)
    expect(() => makeSeal(newKey()).of('m1').open(seal.keyId, 'v1', sealed)).to.throw(Undecryptable)
  })

  it('notices every flipped bit and every cut', () => {
    const sealed = seal.of('m1').seal('v1', plain)
    for (let bit = 0; bit < sealed.length * 8; bit++) {
      const flipped = Buffer.from(sealed)
      flipped[bit >> 3]! ^= 1 << (bit & 7)
      expect(() => seal.of('m1').open(seal.keyId, 'v1', flipped), `bit ${bit}`).to.throw(Undecryptable)
    }
    for (let length = 0; length < sealed.length; length++) {
      expect(() => seal.of('m1').open(seal.keyId, 'v1', sealed.subarray(0, length)), `length ${length}`).to.throw(
        Undecryptable,
      )
    }
  })

  it('opens under older keys and seals under the current one', () => {
    const next = newKey()
    const rotated = makeSeal(next, [key])
    const old = seal.of('m1').seal('v1', plain)
    expect(rotated.of('m1').open(seal.keyId, 'v1', old)).to.equal(plain)
    expect(rotated.keyId).to.equal(keyId(next))
    const fresh = rotated.of('m1').seal('v1', plain)
    expect(makeSeal(next).of('m1').open(keyId(next), 'v1', fresh)).to.equal(plain)
    expect(() => seal.of('m1').open(keyId(next), 'v1', fresh)).to.throw(Undecryptable)
  })

  it('derives the key of a document as RFC 5869 says', () => {
    const sealed = seal.of('m1').seal('v1', plain)
    const derived = Buffer.from(hkdfSync('sha256', key, 'imok data at rest', 'm1', 32))
    const decipher = createDecipheriv('aes-256-gcm', derived, sealed.subarray(0, 12))
    decipher.setAAD(Buffer.from('v1')).setAuthTag(sealed.subarray(12, 28))
    expect(Buffer.concat([decipher.update(sealed.subarray(28)), decipher.final()]).toString()).to.equal(plain)
  })

  it('opens although the name of the key beside it was damaged', () => {
    const sealed = seal.of('m1').seal('v1', plain)
    expect(seal.of('m1').open('ffffffffffffffff', 'v1', sealed)).to.equal(plain)
  })
})
