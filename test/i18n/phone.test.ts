import { expect } from 'chai'
import { phoneReader } from '../../src/i18n/phone.ts'

describe('reading phone numbers', () => {
  const gb = phoneReader('GB')

  it('takes them as people of the region write them', () => {
    for (const given of [
      '07700 900123',
      '+44 7700 900123',
      '+44 (0) 7700 900123',
      '0044 7700 900123',
      '07700-900-123',
      '07700.900.123',
      ' +447700900123 ',
    ]) {
      expect(gb(given), given).to.equal('+447700900123')
    }
    expect(gb('+1 (555) 010-0199')).to.equal('+15550100199')
    expect(phoneReader('FR')('06 12 34 56 78')).to.equal('+33612345678')
  })

  it('takes numbers that are possible though no table knows them: the drama numbers', () => {
    expect(gb('+447700900001')).to.equal('+447700900001')
  })

  it('needs the country’s code in a region it does not know', () => {
    expect(phoneReader('ZZ')('07700900123')).to.equal(undefined)
    expect(phoneReader('ZZ')('+447700900123')).to.equal('+447700900123')
  })

  it('refuses what cannot be one', () => {
    for (const given of [
      '',
      '12',
      '+44',
      '+4477009001234567',
      'Mo',
      'ring 07700 900123 please',
      '07700900123 ext 5',
      '07700900123x',
      '@ben:example.org',
      `+44${'7'.repeat(5000)}`,
    ]) {
      expect(gb(given), given.slice(0, 30)).to.equal(undefined)
    }
  })
})
