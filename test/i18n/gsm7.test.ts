import { expect } from 'chai'
import { SegmentedMessage } from 'sms-segments-calculator'
import { isGsm7, toGsm7 } from '../../src/i18n/gsm7.ts'

describe('the alphabet of SMS', () => {
  it('is the one that carriers count with', () => {
    for (let code = 0x20; code < 0x2200; code++) {
      const sign = String.fromCharCode(code)
      expect(isGsm7(sign), `U+${code.toString(16)}`).to.equal(new SegmentedMessage(sign).encodingName === 'GSM-7')
    }
  })

  it('typographic signs become plain ones', () =>
    expect(toGsm7('“Don’t go” – it’s … far\u00A0away')).to.equal('"Don\'t go" - it\'s ... far away'))

  it('a text that needs more anyway stays as it was written', () => {
    expect(toGsm7('“Don’t go” – 👍')).to.equal('“Don’t go” – 👍')
    expect(toGsm7('Olá, não vá')).to.equal('Olá, não vá')
  })

  it('a text that fits is not touched', () => expect(toGsm7('Ärger @ 5 €?\n[ok]')).to.equal('Ärger @ 5 €?\n[ok]'))
})
