import { expect } from 'chai'
import { createSecretKey, randomBytes } from 'node:crypto'
import { frame, frames, readFrames } from '../../src/crypto/frames.ts'
import { makeSeal } from '../../src/crypto/seal.ts'

const seal = makeSeal(createSecretKey(randomBytes(32)))
const place = seal.of('journal/1')
const records = ['one', 'zwei 🌉', Buffer.from([0, 255, 0x49, 0x4d, 0x4f, 0x4b])]
const whole = frames(place, seal.keyId, 0, records)

const read = (bytes: Buffer, by = place) => {
  const found: Buffer[] = []
  return { ...readFrames(bytes, by, (record) => found.push(record)), found: found.map(String) }
}

describe('frames', () => {
  it('give back texts and bytes in their order, and show none of them', () => {
    const { found, ...rest } = read(whole)
    expect(found).to.deep.equal(records.map(String))
    expect(rest).to.deep.equal({ end: whole.length, damaged: false, unopened: new Set() })
    expect(whole.includes('zwei')).to.equal(false)
  })

  it('take whatever was cut at the end for a torn tail', () => {
    const last = whole.lastIndexOf(frame(place, seal.keyId, 0, '').subarray(0, 4))
    for (let length = last; length < whole.length; length++)
      expect(read(whole.subarray(0, length)), `length ${length}`).to.deep.include({ end: last, damaged: false })
  })

  it('report a bit flipped in the middle, and go on behind it', () => {
    const second = whole.indexOf('IMOK', 4)
    for (let bit = 0; bit < second * 8; bit++) {
      const bytes = Buffer.from(whole)
      bytes[bit >> 3]! ^= 1 << (bit & 7)
      expect(read(bytes), `bit ${bit}`).to.deep.include({
        damaged: true,
        found: records.slice(1).map(String),
        end: whole.length,
      })
    }
  })

  it('open at their own place only', () => {
    const second = whole.indexOf('IMOK', 4)
    expect(read(whole.subarray(second))).to.deep.include({ found: [], damaged: true })
    expect(read(whole, seal.of('journal/2'))).to.deep.include({ found: [], damaged: true })
  })

  it('name the key of what did not open', () => {
    const other = makeSeal(createSecretKey(randomBytes(32)))
    const { unopened, found } = read(whole, other.of('journal/1'))
    expect([...unopened]).to.deep.equal([seal.keyId])
    expect(found).to.deep.equal([])
  })
})
