import { expect } from 'chai'
import { adviceFor, deadBy, faultOf, sendErrorOf, troubleOf } from '../../../../src/channels/sms/twilio/errors.ts'

const kindOf = (code: number): string => sendErrorOf(faultOf(400, { code }, undefined, 0)).kind

describe('Twilio: what its codes mean', () => {
  it('about the number: never there again', () => {
    for (const code of [21211, 21214, 21217, 21408, 21610, 21612, 21614, 30005, 30006]) {
      expect(kindOf(code), String(code)).to.equal('dead')
      expect(deadBy(code), String(code)).to.equal(
        code === 21610 ? 'opted-out' : [21211, 21217, 30005].includes(code) ? 'gone' : 'undeliverable',
      )
    }
  })

  it('for a while: try again', () => {
    for (const code of [30001, 30003, 30008, 20429, 20500, 99999]) {
      expect(kindOf(code), String(code)).to.equal('refused')
      expect(deadBy(code), String(code)).to.equal(undefined)
    }
  })

  it('until the operator acts: with one sentence that says what to do', () => {
    for (const code of [20003, 30002, 10001, 30004, 30007, 30034, 21606, 21659]) {
      expect(kindOf(code), String(code)).to.equal('impossible')
      expect(adviceFor(`twilio-${code}`), String(code)).to.match(/^.{20,150}$/)
    }
  })

  it('says nothing to the operator where there is nothing to do', () => {
    for (const trouble of ['twilio-30003', 'twilio-21610', 'http-503', 'timeout', 'ECONNREFUSED'])
      expect(adviceFor(trouble), trouble).to.equal(undefined)
  })

  it('keeps only codes of what Twilio says', () => {
    const fault = faultOf(400, { code: 21211, message: "The 'To' number +447700900001 is not valid" }, undefined, 0)
    expect(`${fault.stack ?? ''} ${JSON.stringify(fault)}`).not.to.match(/7700/)
    expect(faultOf(400, { code: '+447700900001' }, undefined, 0).trouble).to.equal('http-400')
    expect(faultOf(400, ['+447700900001'], 'tomorrow', 0)).to.include({ trouble: 'http-400', wait: undefined })
  })

  it('has a short name for whatever was thrown, never its words', () => {
    expect(troubleOf(new SyntaxError('Unexpected token +447700900001'))).to.equal('SyntaxError')
    expect(troubleOf(Object.assign(new Error('no space'), { code: 'ENOSPC' }))).to.equal('ENOSPC')
    expect(troubleOf('+447700900001')).to.equal('unknown')
  })
})
