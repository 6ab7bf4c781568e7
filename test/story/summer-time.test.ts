import { expect } from 'chai'
import { HOUR } from '../../src/core/time.ts'
import { ELEVEN, MO, tell } from '../support/story.ts'

/** London: the clock goes from 01:00 to 02:00 on 29 March 2026, and from 02:00 back to 01:00 on 25 October. */
const utc = (text: string): number => Date.parse(`${text}:00Z`)

describe('the nights on which the clock changes', () => {
  it('spring: IN until 02:30 on the night is 02:30 summer time, an hour sooner than it looks', async () => {
    const story = await tell({ start: utc('2026-03-29T00:30') })
    await story.phone().texts('IN until 02:30')
    await story.phone().hears(/^Noted 00:30. Text OUT by 02:30/)
    await story.forward('49m')
    expect(await story.times(MO, /your time ends/)).to.equal(0)
    await story.forward('1m')
    await story.phone().hears(/^02:20: your time ends at 02:30/)
    await story.forward('10m')
    await story.roomHears(/^#1 OVERDUE/)
    expect(story.clock.now()).to.equal(utc('2026-03-29T01:30'))
    await story.phone().hears(/No OUT by 02:30, so an alert was sent at 02:30/)
  })

  it('spring: a time that the night skips is the moment of the change', async () => {
    const story = await tell({ start: utc('2026-03-29T00:30') })
    await story.phone().texts('IN until 01:30')
    await story.phone().hears(/OUT by 02:00/)
    await story.forward('30m')
    await story.roomHears(/^#1 OVERDUE/)
  })

  it('spring: IN 90 is ninety minutes, whatever the clock does', async () => {
    const story = await tell({ start: utc('2026-03-29T00:30') })
    await story.phone().texts('IN 90')
    await story.phone().hears(/OUT by 03:00/)
    await story.forward('89m')
    expect(await story.times('room', /OVERDUE/)).to.equal(0)
    await story.forward('1m')
    await story.roomHears(/^#1 OVERDUE/)
  })

  it('autumn: IN until 02:30 is after the hour that comes twice', async () => {
    const story = await tell({ start: utc('2026-10-25T00:15') })
    await story.phone().texts('IN until 02:30')
    await story.phone().hears(/^Noted 01:15. Text OUT by 02:30/)
    await story.forward('2h')
    expect(await story.times('room', /OVERDUE/)).to.equal(0)
    await story.forward('15m')
    await story.roomHears(/^#1 OVERDUE/)
    expect(story.clock.now()).to.equal(utc('2026-10-25T02:30'))
  })

  it('autumn: of a time that comes twice the first is meant, because an early alarm is the safer mistake', async () => {
    const story = await tell({ start: utc('2026-10-25T00:15') })
    await story.phone().texts('IN until 01:45')
    await story.forward('30m')
    await story.roomHears(/^#1 OVERDUE/)
  })

  it('a member may stay out across the change, and a take lasts across it', async () => {
    const story = await tell({ start: utc('2026-03-28T23:50') })
    await story.phone().texts('SOS')
    await story.admin('take 1 until 03:00')
    await story.roomHears(/TAKEN by Admin until 03:00/)
    await story.forward('2h9m')
    expect(await story.times('room', /OPEN AGAIN/)).to.equal(0)
    await story.forward('1m')
    await story.roomHears(/^#1 OPEN AGAIN: Mo Member, 03:00/)
  })
})

describe('until', () => {
  it('a time that has just passed opens the usual session and asks', async () => {
    const story = await tell()
    await story.phone().texts('IN until 10:50')
    await story.phone().hears(/It is 11:00: 10:50 has passed. So text OUT by 12:00/)
    await story.forward('60m')
    await story.roomHears(/^#1 OVERDUE/)
  })

  it('a deadline in minutes is the whole minute, never earlier than asked; seconds are exact', async () => {
    const story = await tell({ start: ELEVEN + 20_000 })
    await story.phone().texts('IN 10')
    await story.phone().hears(/OUT by 11:11/)
    await story.forward('10m39s')
    expect(await story.times('room', /OVERDUE/)).to.equal(0)
    await story.forward('1s')
    await story.roomHears(/^#1 OVERDUE/)
    await story.phone().texts('OUT')
    await story.phone().texts('IN 20s')
    await story.forward('19s')
    expect(await story.times('room', /#2/)).to.equal(0)
    await story.forward('1s')
    await story.roomHears(/^#2 OVERDUE/)
  })

  it('nobody is watched for longer than the policy allows at once, and MORE does not get round it', async () => {
    const story = await tell({ policy: (policy) => ({ ...policy, timed: { ...policy.timed, longest: 2 * HOUR } }) })
    await story.phone().texts('IN 20h')
    await story.phone().hears(/2 hr is the longest we can watch. Text OUT by 13:00/)
    await story.forward('30m')
    await story.phone().texts('MORE 90')
    await story.phone().hears(/Your time ends at 13:00. We cannot watch longer than 2 hr/)
    await story.forward('90m')
    await story.roomHears(/^#1 OVERDUE/)
  })
})
