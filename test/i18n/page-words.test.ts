import { expect } from 'chai'
import { pageWords } from '../../src/i18n/page-words.ts'

describe('The words of the page', () => {
  it('fill in what they are given, unescaped', () => {
    const { t, language, direction } = pageWords('en')
    expect(t('page.group', { group: `O'Brien & <Sons>` })).to.equal(`for O'Brien & <Sons>`)
    expect([language, direction]).to.deep.equal(['en', 'ltr'])
  })

  for (const language of ['xx', '../../package', '', 'EN US'])
    it(`are English where there is no ${JSON.stringify(language)}`, () => {
      const words = pageWords(language)
      expect([words.t('page.send'), words.language]).to.deep.equal(['Send', 'en'])
    })
})
