import { expect } from 'chai'
import { randomFew } from '../../src/crypto/random-stock.ts'

describe('random bytes from a stock', () => {
  it('are never given out twice, nor left empty, also across refills', () => {
    const seen = new Set<string>()
    for (let n = 0; n < 20_000; n++) seen.add(randomFew(12).toString('hex'))
    expect(seen.size).to.equal(20_000)
    expect([...seen].some((hex) => hex.endsWith('0'.repeat(12)))).to.equal(false)
  })

  it('belong to whoever got them: later ones do not change them', () => {
    const mine = randomFew(12)
    const copy = mine.toString('hex')
    for (let n = 0; n < 1_000; n++) randomFew(12)
    expect(mine.toString('hex')).to.equal(copy)
  })

  it('are few: whoever wants many asks the system', () => {
    expect(() => randomFew(4_000)).to.throw(RangeError)
  })
})
