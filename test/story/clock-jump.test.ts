import { expect } from 'chai'
import { HOUR, MINUTE } from '../../src/core/time.ts'
import { ELEVEN, MO, tell } from '../support/story.ts'

describe('a wall clock that jumps', () => {
  it('an hour ahead: what became due alarms within a second, and the time that nobody watched is announced', async () => {
    const story = await tell()
    await story.phone().texts('IN 30')
    await story.register('Fifi', { channel: 'simulator', address: '+447700900002' })
    await story.phone('+447700900002').texts('IN 90')
    await story.forward('10m')
    story.clock.jumpBy(HOUR)
    await story.forward('1s')
    await story.roomHears(/^#1 OVERDUE, unconfirmed: Mo Member/)
    await story.forward('5s')
    const blind = await story.roomHears(/^BLIND: the clock of the machine jumped from 11:10 to 12:10/)
    expect(blind)
      .to.match(/Alarm open: Mo Member, due 11:30/)
      .and.to.match(/Out: Fifi, due 12:30/)
    await story.forward('20m')
    await story.roomHears(/^#2 OVERDUE, unconfirmed: Fifi/)
  })

  it('an hour back: no deadline moves away, and it is announced', async () => {
    const story = await tell()
    await story.phone().texts('IN 30')
    await story.forward('10m')
    story.clock.jumpBy(-HOUR)
    await story.forward('6s')
    expect(await story.roomHears(/^BLIND: the clock of the machine jumped from 11:10 to 10:10/)).to.match(
      /Out: Mo Member, due 11:30/,
    )
    await story.forward('19m54s')
    await story.roomHears(/^#1 OVERDUE/)
    expect(story.clock.now()).to.equal(ELEVEN + 30 * MINUTE)
  })

  it('an hour ahead: a take that ended meanwhile is over, an SOS that nobody took climbs', async () => {
    const story = await tell()
    await story.phone().texts('SOS')
    await story.admin('take 1')
    story.clock.jumpBy(HOUR)
    await story.forward('2s')
    await story.roomHears(/^#1 OPEN AGAIN/)
    story.clock.jumpBy(HOUR)
    await story.forward('2s')
    expect(await story.times('room', /^#1 (OPEN AGAIN|SOS)/), 'missed repeats are one').to.equal(3)
  })

  it('a few seconds are no outage', async () => {
    const story = await tell()
    await story.phone().texts('IN 30')
    story.clock.jumpBy(4_000)
    await story.forward('10s')
    expect(await story.room()).to.deep.equal([])
  })

  it('a reminder that the jump passed over is not sent late', async () => {
    const story = await tell()
    await story.phone().texts('IN 30')
    story.clock.jumpBy(HOUR)
    await story.forward('5s')
    expect(await story.times(MO, /your time ends/)).to.equal(0)
    await story.phone().hears(/an alert was sent at 12:00/)
  })
})
