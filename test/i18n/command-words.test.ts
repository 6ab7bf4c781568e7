import { expect } from 'chai'
import { commandWords } from '../../src/i18n/command-words.ts'

describe('the words members may type, by language', () => {
  it('are read once', () => expect(commandWords('en')).to.equal(commandWords('en')))
  it('are English ones for a language without a file', () =>
    expect(commandWords('xx')).to.deep.equal(commandWords('en')))
  for (const name of ['xx/../en', '../../package', 'en/../..', '', 'EN\u0000', '.', '__proto__']) {
    it(`never take ${JSON.stringify(name)} for a path`, () =>
      expect(commandWords(name).commands).to.deep.equal(commandWords('en').commands))
  }
})
