import { expect } from 'chai'
import type { RealLife } from '../lives.ts'
import { quickTerms } from './terms.ts'
import { tooLong } from './too-long.ts'

const life = (kernel: string, began: number, ready?: number, ended?: number, end?: string): RealLife => ({
  ...{ kernel, began, answered: began, stored: [] },
  ...(ready !== undefined && { ready }),
  ...(ended !== undefined && { ended }),
  ...(end !== undefined && { end }),
})

describe('the time in which neither of two kernels watched', () => {
  const a = life('a', 0, 100, 10_000, 'silence')

  it('may be as long as a takeover takes', () => {
    const longest = quickTerms.longestWithout('silence')
    expect(tooLong([a, life('b', 11_000, 10_000 + longest)], quickTerms, 0)).to.deep.equal([])
    expect(tooLong([a, life('b', 11_000, 10_001 + longest)], quickTerms, 0)).to.deep.equal([
      `nobody watched for ${String(longest + 1)} ms after: silence`,
    ])
  })

  it('does not begin where one went on for a moment, although the other one had followed', () => {
    const wentOn = { ...life('a', 13_200, 13_200, 13_300, 'taken over'), goesOn: true as const }
    const b = life('b', 13_000, 14_000, 20_000, 'kill')
    expect(tooLong([a, b, wentOn, life('a', 29_000, 30_000)], quickTerms, 0)).to.deep.equal([])
  })

  it('counts a kernel that took office and died before it watched as none', () => {
    expect(
      tooLong([a, life('b', 13_000, undefined, 13_500, 'kill'), life('a', 30_000, 31_000)], quickTerms, 0),
    ).to.have.length(2)
  })
})
