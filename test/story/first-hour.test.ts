import { expect } from 'chai'
import { MO, tell } from '../support/story.ts'

describe('the first hour', () => {
  it('a check-in, a reminder, an alarm, a take, a stand-down', async () => {
    const story = await tell()
    const mo = story.phone()
    await mo.texts('IN 60')
    await mo.hears(/11:00.*OUT by 12:00/)
    await story.forward('50m')
    await mo.hears(/time ends at 12:00/)
    expect(await story.times('room', /OVERDUE/)).to.equal(0)
    await story.forward('10m')
    await story.roomHears(/^#1 OVERDUE[^]*take 1/)
    await mo.hears(/No OUT by 12:00/)
    await story.forward('5m')
    expect(await story.times('room', /^#1 OVERDUE/)).to.equal(2)
    await story.admin('take 1')
    await story.roomHears(/^#1 TAKEN by Admin until 12:35/)
    await mo.hears(/a person has answered/)
    await story.forward('20m')
    expect(await story.times('room', /^#1 OVERDUE/)).to.equal(2)
    await story.forward('15m')
    await story.roomHears(/^#1 OPEN AGAIN/)
    // Open again, and five minutes later once more: untaken as it is, it climbs on.
    expect(await story.times('room', /OVERDUE|OPEN AGAIN/)).to.equal(4)
    await mo.texts('out')
    await story.roomHears(/^#1 STOOD DOWN/)
    await story.forward('3h')
    expect(await story.times('room', /OVERDUE|OPEN AGAIN/)).to.equal(4)
    expect(await story.times(MO, /OUT noted/)).to.equal(1)
  })

  it('the alarm works on the second visit too', async () => {
    const story = await tell()
    for (const n of [1, 2, 3]) {
      await story.phone().texts('in 30')
      await story.forward('31m')
      await story.roomHears(new RegExp(`^#${String(n)} OVERDUE`))
      await story.phone().texts('OUT')
      await story.roomHears(new RegExp(`^#${String(n)} STOOD DOWN`))
    }
  })

  it('an alarm comes after a crash, marked', async () => {
    const story = await tell()
    await story.phone().texts('in 30')
    await story.crashesAndRestarts('45m')
    await story.settled()
    await story.roomHears(/^#1 OVERDUE[^]*[Tt]exts may be missing/)
    await story.roomHears(/^BLIND/)
  })
})
