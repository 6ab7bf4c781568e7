import { expect } from 'chai'
import type { History } from '../history.ts'
import { Watch } from './watch.ts'
import { MO, T, act, said, goesIn, noted, outNoted, overdue, history, found, kinds } from './a-visit.ts'

describe('An OUT that was stored as the database went away, with the deadline in that time', () => {
  const atTheLastMoment = act(3.1, 'out', 'OUT')
  const late = said(8, MO.number, 'OUT noted 11:00. The people we alerted are being told.')
  const down = said(8, 'room', '#1 STOOD DOWN: OUT came from the phone of Mo at 11:00')
  const awayUntil = (back: number): Partial<History> => ({
    lives: [
      { began: T, ready: T, ended: T + 3_100, end: 'database' },
      { began: T + back * 1_000, ready: T + back * 1_000 },
    ],
  })

  it('takes either when it was away for longer than an alarm waits', () => {
    const heard = { ...outNoted, at: T + 8_000 }
    expect(found(history([goesIn, atTheLastMoment], [noted, heard], awayUntil(7.5)))).to.deep.equal([])
    const alarmed = history([goesIn, atTheLastMoment], [noted, overdue(7.4), down, late], awayUntil(7.5))
    expect(found(alarmed)).to.deep.equal([])
  })

  it('finds the alarm when it was back before, or the OUT was there long before', () => {
    const alarmed = [noted, overdue(6.4), down, late]
    expect(kinds(history([goesIn, atTheLastMoment], alarmed, awayUntil(6.5)))).to.include('false')
    const inTime = act(2.5, 'out', 'OUT')
    expect(kinds(history([goesIn, inTime], [noted, overdue(7.4), down, late], awayUntil(7.5)))).to.include('false')
  })

  it('finds it when the phone was answered before', () => {
    const answered = { ...outNoted, at: T + 3_080 }
    const justBefore = act(3.05, 'out', 'OUT')
    expect(kinds(history([goesIn, justBefore], [noted, answered, overdue(7.4)], awayUntil(7.5)))).to.include('false')
  })
})

describe('An OUT that another kernel stored while the one in office was cut off, and kept its office', () => {
  const out = act(3.5, 'out', 'OUT')
  const late = said(8, MO.number, 'OUT noted 11:00. The people we alerted are being told.')
  const down = said(8, 'room', '#1 STOOD DOWN: OUT came from the phone of Mo at 11:00')
  const cutUntil = (back: number, goesOn: boolean): Partial<History> => ({
    lives: [
      { began: T, ready: T, ended: T + 2_000, end: 'cut', kernel: 'a' },
      { began: T + back * 1_000, ready: T + back * 1_000, kernel: goesOn ? 'a' : 'b', ...(goesOn && { goesOn }) },
    ],
  })

  it('takes the alarm when it was cut off for longer than an alarm waits, and finds it when it was back before', () => {
    const alarmed = [noted, overdue(8), down, late]
    expect(found(history([goesIn, out], alarmed, cutUntil(8, true)))).to.deep.equal([])
    expect(kinds(history([goesIn, out], [noted, overdue(6.4), down, late], cutUntil(6.4, true)))).to.include('false')
  })
})

describe('An answer that was on its way as the database went away', () => {
  const lives = [
    { began: T, ready: T, ended: T + 3_000, end: 'database' },
    { began: T + 5_000, ready: T + 5_000, goesOn: true as const },
  ]
  const watch = new Watch({ lives, speed: 1, lag: 0, isBadDay: false, said: [] })

  it('may be in doubt for as long as with a provider', () => {
    expect(watch.isSettled(T + 3_500, T + 8_000)).to.equal(false)
    expect(watch.isSettled(T + 3_500, T + 21_000)).to.equal(true)
  })

  it('but not one from long before or after', () => {
    expect(watch.isSettled(T + 1_400, T + 8_000)).to.equal(true)
    expect(watch.isSettled(T + 4_500, T + 8_000)).to.equal(true)
  })
})
