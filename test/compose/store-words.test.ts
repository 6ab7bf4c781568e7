import { expect } from 'chai'
import { shownDifferences, shownProgress, shownSurvey } from '../../src/compose/store-words.ts'

describe('What an operator sees of a copy', () => {
  const written = (isTTY: boolean) => {
    const texts: string[] = []
    return { texts, out: { isTTY, write: (text: string) => texts.push(text) } }
  }

  it('is one line that is drawn again on a terminal', async () => {
    const { texts, out } = written(true)
    const { tell, end } = shownProgress(out)
    tell('copying', 1, 900)
    await new Promise((resolve) => setTimeout(resolve, 110))
    tell('copying', 320, 900)
    tell('copying', 900, 900)
    end()
    end()
    expect(texts).to.deep.equal(['\r\x1b[Kcopying … 320 of 900 records', '\r\x1b[Kcopying … 900 of 900 records', '\n'])
  })

  it('is a line now and then elsewhere, and the last', () => {
    const { texts, out } = written(false)
    const { tell, end } = shownProgress(out)
    for (let done = 1; done <= 900; done++) tell('comparing', done, 900)
    end()
    expect(texts).to.deep.equal(['comparing … 900 of 900 records\n'])
  })

  it('is which records differ, if any do, and what to do; never whose number it is', () => {
    const one = shownDifferences(['address 0123456789ab of member m2'])
    expect(one).to.match(
      /^After copying one record is not the same: an address of member m2\.\n.*Go on with the old store/,
    )
    const many = shownDifferences(Array.from({ length: 12 }, (_, n) => `document m${String(n)}`))
    expect(many).to.match(/^After copying 12 records are not the same: document m0, .*document m9, …\.\n/)
  })

  it('is how many there are of what, also of what there is none, and how large', () => {
    const counts = new Map([
      ['members', { count: 2_000, bytes: 10_123_456 }],
      ['group', { count: 1, bytes: 512 }],
    ] as const)
    const lines = shownSurvey({ counts, count: 2_001, digests: new Map() }).split('\n')
    expect(lines[0]).to.match(/^ {2}members +2000 +10\.1 MB$/)
    expect(lines[1]).to.match(/^ {2}group +1 +1 kB$/)
    expect(lines[4]).to.match(/^ {2}addresses +0 +0 kB$/)
    expect(lines.at(-1)).to.match(/^ {2}in all +2001 +10\.1 MB$/)
  })
})
