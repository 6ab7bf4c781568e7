// An alarm that could not be saved is said (docs/adr/0003-alerts-that-cannot-be-saved.md), and by the time it can be it says something newer.
import { expect } from 'chai'
import { LosingDisk } from '../support/losing-disk.ts'
import { tell } from '../support/story.ts'

describe('an alarm that could not be saved, and says something newer when it can be', () => {
  it('holds up no order about alarms: OPEN AGAIN, and in that outage the time was over, too (seed 890127)', async () => {
    const disk = new LosingDisk()
    const story = await tell({ store: disk.wrap })
    await story.phone().texts('IN 6')
    await story.phone().texts('SOS')
    await story.admin('take 1 until 11:05')
    const [member] = story.engine.house.overview.out()
    await story.forward('4m59s')
    disk.refuses = (id) => id === member?.id
    await story.forward('58s')
    await story.roomHears(/^#1 OPEN AGAIN/)
    await story.forward('3s')
    disk.refuses = () => false
    await story.forward('3s')
    await story.roomHears(/^No OUT from Mo Member by 11:06 either/)
    await story.admin('take 1')
    await story.forward('2s')
    expect(await story.times('room', /^#1 TAKEN/)).to.equal(2)
    expect(await story.times('room', /^#1 OPEN AGAIN/), 'the second says that the time is over, too').to.equal(2)
  })
})
