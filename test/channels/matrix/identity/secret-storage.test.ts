import { randomBytes } from 'node:crypto'
import { expect } from 'chai'
import {
  ALGORITHM,
  checkKey,
  decryptSecret,
  describeKey,
  encryptSecret,
  SecretDamaged,
} from '../../../../src/channels/matrix/identity/secret-storage.ts'
import vectors from './js-sdk-vectors.json' with { type: 'json' }

const bare = (text: string): string => text.replace(/=+$/, '')

describe('secret storage', () => {
  for (const { key: text, recoveryKey, check, secrets } of vectors.keys) {
    const key = Buffer.from(text, 'base64')

    describe(`under ${recoveryKey.slice(0, 9)}…`, () => {
      it('knows the key by the check that matrix-js-sdk wrote', () => {
        expect(checkKey(key, { algorithm: ALGORITHM, ...check })).to.equal('right')
        expect(checkKey(key, { algorithm: ALGORITHM, iv: bare(check.iv), mac: bare(check.mac) })).to.equal('right')
        expect(checkKey(randomBytes(32), { algorithm: ALGORITHM, ...check })).to.equal('wrong')
      })

      for (const { name, plain, ...encrypted } of secrets) {
        it(`decrypts ${name} as matrix-js-sdk wrote it, and writes it byte for byte the same`, () => {
          expect(decryptSecret(key, name, encrypted)).to.equal(plain)
          expect(encryptSecret(key, name, plain, Buffer.from(encrypted.iv, 'base64'))).to.deep.equal({
            iv: bare(encrypted.iv),
            ciphertext: bare(encrypted.ciphertext),
            mac: bare(encrypted.mac),
          })
        })
      }
    })
  }

  const key = randomBytes(32)

  it('knows its own description, and only with its own key', () => {
    const description = describeKey(key)
    expect(checkKey(key, description)).to.equal('right')
    expect(checkKey(randomBytes(32), description)).to.equal('wrong')
    expect(checkKey(key, { ...description, mac: 'AAAA' })).to.equal('wrong')
    expect(checkKey(key, { ...description, algorithm: 'org.example.other' })).to.equal('wrong')
    expect(checkKey(key, { algorithm: ALGORITHM })).to.equal('unknown')
  })

  for (const [what, change] of [
    ['ciphertext', (s) => ({ ...s, ciphertext: flipped(s.ciphertext) })],
    ['mac', (s) => ({ ...s, mac: flipped(s.mac) })],
    ['length of the iv', (s) => ({ ...s, iv: 'AAAA' })],
    ['empty mac', (s) => ({ ...s, mac: '' })],
  ] as [string, (s: ReturnType<typeof encryptSecret>) => ReturnType<typeof encryptSecret>][]) {
    it(`refuses a secret whose ${what} was changed`, () => {
      const secret = encryptSecret(key, 'm.cross_signing.master', 'seed')
      expect(() => decryptSecret(key, 'm.cross_signing.master', change(secret))).to.throw(SecretDamaged)
    })
  }

  it('refuses a secret under another name or another key', () => {
    const secret = encryptSecret(key, 'm.cross_signing.master', 'seed')
    expect(() => decryptSecret(key, 'm.cross_signing.user_signing', secret)).to.throw(SecretDamaged)
    expect(() => decryptSecret(randomBytes(32), 'm.cross_signing.master', secret)).to.throw(SecretDamaged)
  })

  it('starts every counter below half, for clients that count in 64 bits', () => {
    const tops = Array.from({ length: 64 }, () => Buffer.from(encryptSecret(key, 'x', 'y').iv, 'base64').readUInt8(8))
    expect(Math.max(...tops)).to.be.lessThan(0x80)
  })
})

const flipped = (text: string): string => {
  const bytes = Buffer.from(text, 'base64')
  bytes.writeUInt8(bytes.readUInt8(0) ^ 1, 0)
  return bytes.toString('base64')
}
