import { expect } from 'chai'
import { rangesOf } from '../../src/core/ranges.ts'

describe('numbers as people write them', () => {
  const cases: [number[], string][] = [
    [[], ''],
    [[7], '7'],
    [[7, 8], '7, 8'],
    [[7, 8, 9], '7-9'],
    [[12, 9, 7, 8, 8], '7-9, 12'],
    [[1, 3, 4, 10, 11, 12], '1, 3, 4, 10-12'],
  ]
  for (const [numbers, written] of cases)
    it(`${numbers.join(' ')} → ${written}`, () => expect(rangesOf(numbers)).to.equal(written))
})
