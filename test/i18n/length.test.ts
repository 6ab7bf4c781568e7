import { expect } from 'chai'
import { HOUR, MINUTE, SECOND } from '../../src/core/time.ts'
import { isGsm7 } from '../../src/i18n/gsm7.ts'
import { spokenLength } from '../../src/i18n/length.ts'

describe('a length as people say it', () => {
  const cases: [number, string][] = [
    [12 * HOUR, '12 hr'],
    [90 * MINUTE, '1 hr 30 min'],
    [45 * MINUTE, '45 min'],
    [20 * SECOND, '20 sec'],
    [HOUR + SECOND, '1 hr 1 sec'],
    [0, '0 sec'],
    [-5, '0 sec'],
  ]
  for (const [ms, said] of cases) it(`${String(ms)} ms: ${said}`, () => expect(spokenLength(ms, 'en')).to.equal(said))

  it('has western digits and plain spaces in every language', () => {
    for (const language of ['fr', 'ar', 'fa', 'de', 'es', 'hi'])
      expect(spokenLength(90 * MINUTE, language), language).to.match(
        /^[^\u00A0\u202F]*1[^\u00A0\u202F]*30[^\u00A0\u202F]*$/,
      )
    expect(isGsm7(spokenLength(90 * MINUTE, 'fr'))).to.equal(true)
  })
})
