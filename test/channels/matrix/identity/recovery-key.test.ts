import { expect } from 'chai'
import {
  decodeRecoveryKey,
  encodeRecoveryKey,
  RecoveryKeyError,
} from '../../../../src/channels/matrix/identity/recovery-key.ts'
import vectors from './js-sdk-vectors.json' with { type: 'json' }

const { key: bytes, recoveryKey: written } = vectors.keys[2]!

describe('the recovery key', () => {
  for (const { key, recoveryKey } of vectors.keys) {
    it(`reads and writes ${recoveryKey.slice(0, 9)}… as matrix-js-sdk does`, () => {
      expect(encodeRecoveryKey(Buffer.from(key, 'base64'))).to.equal(recoveryKey)
      expect(decodeRecoveryKey(recoveryKey).toString('base64')).to.equal(key)
    })
  }

  it('may be typed with any spacing', () => {
    expect(decodeRecoveryKey(`\n ${written.replaceAll(' ', '\t\n')}  `).toString('base64')).to.equal(bytes)
    expect(decodeRecoveryKey(written.replaceAll(' ', '')).toString('base64')).to.equal(bytes)
  })

  for (const [what, typed, why] of [
    ['nothing', '', 'length'],
    ['a group missing', written.slice(0, -5), 'length'],
    ['a group twice', `${written} ${written.slice(-4)}`, 'length'],
    ['a zero for an o', `${written.slice(0, -1)}0`, 'not-base58'],
    ['a small L', `l${written.slice(1)}`, 'not-base58'],
    ['an ü', `${written.slice(0, -1)}ü`, 'not-base58'],
    ['another beginning', `F${written.slice(1)}`, 'prefix'],
    ['the largest number there is', 'z'.repeat(48), 'prefix'],
    ['two letters swapped', swapped(written), 'parity'],
  ] as const) {
    it(`says what is wrong with ${what}: ${why}`, () => {
      const error = caught(() => decodeRecoveryKey(typed))
      expect(error).to.be.instanceOf(RecoveryKeyError)
      expect((error as RecoveryKeyError).why).to.equal(why)
      if (typed.length > 8) expect((error as Error).message).to.not.include(typed.slice(0, 9))
    })
  }

  it('is made of 32 bytes', () => {
    expect(() => encodeRecoveryKey(Buffer.alloc(31))).to.throw(RangeError)
  })
})

/** Two different letters late in the key change places: the beginning stays. */
function swapped(key: string): string {
  const at = 40
  return `${key.slice(0, at)}${key.charAt(at + 1)}${key.charAt(at)}${key.slice(at + 2)}`
}

function caught(act: () => unknown): unknown {
  try {
    act()
  } catch (error) {
    return error
  }
  throw new Error('nothing was thrown')
}
