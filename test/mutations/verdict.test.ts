import { expect } from 'chai'
import type { Report } from './verdict.ts'
import { notGreen, notRed } from './verdict.ts'

const named = { test: 'test/story/alarm.test.ts', title: 'alarms in time', because: /room should hear/ }
const file = '/tmp/copy/test/story/alarm.test.ts'
const it1 = { title: 'alarms in time', fullTitle: 'a deadline alarms in time', file, err: {} }
const red = (more: object): Report => ({ tests: [it1], passes: [], failures: [{ ...it1, ...more }] })

describe('A mutation', () => {
  it('is noticed when the named test fails with the named words', () => {
    expect(notRed(named, red({ err: { message: 'room should hear /OVERDUE/', stack: 'AssertionError: …' } }))).to.equal(
      undefined,
    )
  })

  const others: [string, Report | undefined, RegExp][] = [
    ['stays green', { tests: [it1], passes: [it1], failures: [] }, /stayed green/],
    ['was never run', { tests: [], passes: [], failures: [] }, /stayed green/],
    ['could not be loaded', undefined, /could not be loaded/],
    ['fails in a hook', red({ title: '"before each" hook for "alarms in time"' }), /another test/],
    ['has another name', red({ fullTitle: 'something else' }), /another test/],
    ['lies in another file', red({ file: '/tmp/copy/test/story/other.test.ts' }), /another test/],
    ['fails for another reason', red({ err: { message: 'Timeout of 10000ms exceeded' } }), /another reason: Timeout/],
    [
      'cannot run',
      red({ err: { message: 'room should hear is not a function', stack: 'TypeError: room should hear is …' } }),
      /another reason/,
    ],
  ]
  for (const [what, report, why] of others)
    it(`is not noticed by a test that ${what}`, () => expect(notRed(named, report)).to.match(why))
})

describe('The test of a mutation', () => {
  it('must be green without it', () => {
    expect(notGreen(named, { tests: [it1], passes: [it1], failures: [] })).to.equal(undefined)
    expect(notGreen(named, red({ err: { message: 'it fails anyway' } }))).to.match(/red without.*it fails anyway/)
    expect(notGreen(named, undefined)).to.match(/loaded/)
  })

  it('must be there', () => {
    expect(notGreen({ ...named, title: 'renamed' }, { tests: [it1], passes: [it1], failures: [] })).to.match(
      /no test “renamed”/,
    )
  })
})
