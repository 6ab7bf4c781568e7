import { expect } from 'chai'
import { builtInProtocol } from '../../src/config/built-in-protocol.ts'
import type { Rung } from '../../src/core/ladder.ts'
import { climb, startAtTop, startClimb } from '../../src/core/ladder.ts'
import { HOUR, MINUTE } from '../../src/core/time.ts'

const { overdue, sos } = builtInProtocol.ladders
const START = Date.parse('2026-11-17T12:00:00Z')

/** What happens at each minute of the first `minutes`, as `minute: what`. */
function climbed(ladder: typeof overdue, minutes: number, every = 1): string[] {
  const seen: string[] = []
  let at = startClimb(ladder, START)
  for (let minute = 0; minute <= minutes; minute += every) {
    const now = START + minute * MINUTE
    if (at.nextAt > now) continue
    const { climb: next, rung } = climb(ladder, at, now)
    seen.push(`${String(minute)}: ${describeRung(rung)}`)
    at = next
  }
  return seen
}

const describeRung = (rung: Rung): string => [rung.room ? 'room' : '', rung.nudge ?? ''].filter(Boolean).join(' + ')

describe('the ladder', () => {
  it('of a missed check-out: room, first, next, everyone, and again every five minutes', () => {
    expect(climbed(overdue, 21)).to.deep.equal([
      '0: room',
      '2: first',
      '5: room + next',
      '10: room + everyone',
      '15: room + everyone',
      '20: room + everyone',
    ])
  })

  it('of an SOS skips the delays', () => {
    expect(climbed(sos, 11)).to.deep.equal(['0: room + everyone', '5: room + everyone', '10: room + everyone'])
  })

  it('takes rungs that nobody climbed together: one message, the widest circle', () => {
    expect(climbed(overdue, 12, 12)).to.deep.equal(['0: room', '12: room + everyone'])
  })

  it('a missed rung does not move the later ones', () => {
    const late = climb(overdue, startClimb(overdue, START), START + 4 * MINUTE)
    expect(late.rung).to.deep.equal({ room: true, nudge: 'first' })
    expect(late.climb.nextAt).to.equal(START + 5 * MINUTE)
  })

  it('after days of sleep there is one repeat, and the next is minutes away', () => {
    const start = startClimb(overdue, START)
    const { climb: next, rung } = climb(overdue, start, START + 72 * HOUR)
    expect(rung).to.deep.equal({ room: true, nudge: 'everyone' })
    expect(next.nextAt - (START + 72 * HOUR)).to.be.within(1, 5 * MINUTE)
  })

  it('a take that lapsed starts at the top', () => {
    const { rung, climb: next } = climb(overdue, startAtTop(overdue, START), START)
    expect(rung).to.deep.equal({ room: true, nudge: 'everyone' })
    expect(next.nextAt).to.equal(START + 5 * MINUTE)
  })
})
