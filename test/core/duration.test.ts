import { expect } from 'chai'
import fc from 'fast-check'
import { formatDuration, parseDuration } from '../../src/core/duration.ts'
import { DAY, HOUR, MINUTE, SECOND } from '../../src/core/time.ts'

describe('durations in settings', () => {
  const read: [string, number][] = [
    ['90s', 90 * SECOND],
    ['5m', 5 * MINUTE],
    ['1h30m', 90 * MINUTE],
    ['1h', HOUR],
    ['30d', 30 * DAY],
    ['1d2h3m4s', DAY + 2 * HOUR + 3 * MINUTE + 4 * SECOND],
    ['0s', 0],
  ]
  for (const [given, ms] of read) it(`reads ${given}`, () => expect(parseDuration(given)).to.equal(ms))

  const refused = [
    '',
    '5',
    '5m banana',
    ' 5m',
    '5 m',
    '-5m',
    '1.5h',
    '30m1h',
    '5m5m',
    '5M',
    'm',
    '1e3s',
    '999999999d',
    '9'.repeat(400) + 's',
  ]
  for (const given of refused) {
    it(`refuses ${JSON.stringify(given.slice(0, 20))}`, () => expect(parseDuration(given)).to.equal(undefined))
  }

  const written: [number, string][] = [
    [90 * MINUTE, '1h30m'],
    [45 * MINUTE, '45m'],
    [90 * SECOND, '1m30s'],
    [HOUR + SECOND, '1h1s'],
    [DAY, '24h'],
    [30 * DAY, '30d'],
    [0, '0s'],
    [-5, '0s'],
    [1_499, '1s'],
  ]
  for (const [ms, text] of written) it(`writes ${text}`, () => expect(formatDuration(ms)).to.equal(text))

  it('reads back what it writes, to the second', () =>
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 40_000_000 }), (seconds) => {
        expect(parseDuration(formatDuration(seconds * SECOND))).to.equal(seconds * SECOND)
      }),
    ))
})
