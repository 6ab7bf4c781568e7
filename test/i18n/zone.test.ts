import { expect } from 'chai'
import { temporalZone } from '../../src/i18n/zone.ts'

const at = (iso: string): number => Date.parse(iso)

/** zone, hour, minute, from, expected next, expected last */
const cases: [string, string, number, number, string, string, string][] = [
  ['an ordinary afternoon', 'Europe/London', 15, 30, '2026-01-10T14:00Z', '2026-01-10T15:30Z', '2026-01-09T15:30Z'],
  [
    'the moment itself is last, not next',
    'Europe/London',
    15,
    30,
    '2026-01-10T15:30Z',
    '2026-01-11T15:30Z',
    '2026-01-10T15:30Z',
  ],
  ['over midnight', 'Europe/London', 0, 30, '2026-01-10T23:50Z', '2026-01-11T00:30Z', '2026-01-10T00:30Z'],
  [
    'spring forward, the day is an hour short',
    'Europe/Berlin',
    4,
    0,
    '2026-03-28T20:00Z',
    '2026-03-29T02:00Z',
    '2026-03-28T03:00Z',
  ],
  [
    'a skipped time is the moment of the change',
    'Europe/Berlin',
    2,
    30,
    '2026-03-29T00:30Z',
    '2026-03-29T01:00Z',
    '2026-03-28T01:30Z',
  ],
  [
    'a skipped time, looking back',
    'Europe/Berlin',
    2,
    30,
    '2026-03-29T05:00Z',
    '2026-03-30T00:30Z',
    '2026-03-29T01:00Z',
  ],
  [
    'autumn back, the day is an hour long',
    'Europe/Berlin',
    4,
    0,
    '2026-10-24T20:00Z',
    '2026-10-25T03:00Z',
    '2026-10-24T02:00Z',
  ],
  [
    'a doubled time is its first occurrence',
    'Europe/Berlin',
    2,
    30,
    '2026-10-24T22:00Z',
    '2026-10-25T00:30Z',
    '2026-10-24T00:30Z',
  ],
  [
    'between the two, the second is still ahead',
    'Europe/Berlin',
    2,
    30,
    '2026-10-25T01:00Z',
    '2026-10-25T01:30Z',
    '2026-10-25T00:30Z',
  ],
  ['London skips at 01:00', 'Europe/London', 1, 15, '2026-03-29T00:50Z', '2026-03-29T01:00Z', '2026-03-28T01:15Z'],
  ['Kathmandu is 5:45 ahead', 'Asia/Kathmandu', 15, 30, '2026-06-01T09:00Z', '2026-06-01T09:45Z', '2026-05-31T09:45Z'],
  [
    'Lord Howe moves by half an hour: skipped',
    'Australia/Lord_Howe',
    2,
    15,
    '2026-10-03T15:00Z',
    '2026-10-03T15:30Z',
    '2026-10-02T15:45Z',
  ],
  [
    'Lord Howe moves by half an hour: doubled',
    'Australia/Lord_Howe',
    1,
    45,
    '2026-04-04T14:00Z',
    '2026-04-04T14:45Z',
    '2026-04-03T14:45Z',
  ],
  ['Apia skipped a whole day', 'Pacific/Apia', 15, 30, '2011-12-30T04:00Z', '2011-12-30T10:00Z', '2011-12-30T01:30Z'],
]

describe('the wall clock of a zone', () => {
  for (const [name, zone, hour, minute, now, next, last] of cases) {
    it(`${name} (${zone} ${hour}:${minute})`, () => {
      const wall = temporalZone(zone)
      expect(new Date(wall.next(hour, minute, at(now))).toISOString()).to.equal(new Date(at(next)).toISOString())
      expect(new Date(wall.last(hour, minute, at(now))).toISOString()).to.equal(new Date(at(last)).toISOString())
    })
  }

  it('cuts seconds off and never rounds up', () => {
    expect(temporalZone('Europe/London').clock(at('2026-01-10T23:59:59.999Z'))).to.equal('23:59')
    expect(temporalZone('Europe/London').clock(at('2026-01-10T00:00:00Z'))).to.equal('00:00')
  })

  it('shows the local time in western digits', () => {
    expect(temporalZone('Asia/Kathmandu').clock(at('2026-01-10T09:45Z'))).to.equal('15:30')
    expect(temporalZone('Europe/Berlin').clock(at('2026-07-10T13:30Z'))).to.equal('15:30')
  })

  for (const name of ['Europe/Atlantis', '', 'London, please']) {
    it(`refuses the zone ${JSON.stringify(name)} by name`, () => {
      expect(() => temporalZone(name)).to.throw(`unknown time zone "${name}": write an IANA name`)
    })
  }

  it('takes a moment between two milliseconds', () => {
    expect(temporalZone('UTC').next(12, 0, at('2026-01-10T11:00Z') + 0.5)).to.equal(at('2026-01-10T12:00Z'))
  })
})
