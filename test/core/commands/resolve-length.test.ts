import { expect } from 'chai'
import { resolveLength } from '../../../src/core/commands/resolve-length.ts'
import type { Length } from '../../../src/core/commands/command.ts'
import { temporalZone } from '../../../src/i18n/zone.ts'

const minutes = (n: number): Length => ({ kind: 'for', ms: n * 60_000, unit: 'minutes' })
const seconds = (n: number): Length => ({ kind: 'for', ms: n * 1_000, unit: 'seconds' })
const until = (clock: string): Length => {
  const [hour, minute] = clock.split(':').map(Number)
  return { kind: 'until', hour: hour ?? 0, minute: minute ?? 0 }
}

const cases: [string, Length, string, string, { at: string } | { passed: string }][] = [
  ['minutes round up to the whole minute', minutes(60), '2026-01-10T10:00:00.001Z', 'UTC', { at: '2026-01-10T11:01Z' }],
  ['a whole minute stays', minutes(60), '2026-01-10T10:00:00Z', 'UTC', { at: '2026-01-10T11:00Z' }],
  ['one minute is never less than one', minutes(1), '2026-01-10T10:00:59Z', 'UTC', { at: '2026-01-10T10:02Z' }],
  ['seconds are exact', seconds(20), '2026-01-10T10:00:05.250Z', 'UTC', { at: '2026-01-10T10:00:25.250Z' }],
  ['a time ahead', until('15:30'), '2026-01-10T10:00Z', 'UTC', { at: '2026-01-10T15:30Z' }],
  ['a time just passed', until('15:30'), '2026-01-10T15:40Z', 'UTC', { passed: '2026-01-10T15:30Z' }],
  ['this very minute has passed', until('15:30'), '2026-01-10T15:30Z', 'UTC', { passed: '2026-01-10T15:30Z' }],
  ['passed 11:59 ago', until('15:30'), '2026-01-11T03:29Z', 'UTC', { passed: '2026-01-10T15:30Z' }],
  ['12 h ago is tomorrow again', until('15:30'), '2026-01-11T03:30Z', 'UTC', { at: '2026-01-11T15:30Z' }],
  ['over midnight', until('00:30'), '2026-01-10T23:50Z', 'UTC', { at: '2026-01-11T00:30Z' }],
  ['in the zone, not in UTC', until('15:30'), '2026-07-10T14:00Z', 'Europe/Berlin', { passed: '2026-07-10T13:30Z' }],
  [
    'a skipped time ends at the change',
    until('02:30'),
    '2026-03-29T00:30Z',
    'Europe/Berlin',
    { at: '2026-03-29T01:00Z' },
  ],
  [
    'a doubled time ends at the first',
    until('02:30'),
    '2026-10-24T23:00Z',
    'Europe/Berlin',
    { at: '2026-10-25T00:30Z' },
  ],
  ['between the two, the second', until('02:30'), '2026-10-25T01:15Z', 'Europe/Berlin', { at: '2026-10-25T01:30Z' }],
  ['after both it has passed', until('02:30'), '2026-10-25T01:40Z', 'Europe/Berlin', { passed: '2026-10-25T01:30Z' }],
]

describe('when a length ends', () => {
  for (const [name, length, now, zone, wanted] of cases) {
    it(name, () => {
      const end = resolveLength(length, Date.parse(now), temporalZone(zone))
      const shown = 'at' in end ? { at: end.at } : { passed: end.passed }
      expect(shown).to.deep.equal(
        'at' in wanted ? { at: Date.parse(wanted.at) } : { passed: Date.parse(wanted.passed) },
      )
    })
  }

  it('gives a moment that a clock can show, however long', () => {
    const end = resolveLength(
      { kind: 'for', ms: Number.MAX_SAFE_INTEGER, unit: 'minutes' },
      Date.now(),
      temporalZone('UTC'),
    )
    expect('at' in end && new Date(end.at).getTime()).to.equal('at' in end && end.at)
  })
})
