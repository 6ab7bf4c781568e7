import { expect } from 'chai'
import { MINUTE, SECOND } from '../../src/core/time.ts'
import { tell } from '../support/story.ts'
import type { Story } from '../support/story.ts'

/** The process stands still, and the clock of the machine goes on as it should: it does not jump. */
function freezes(story: Story, time: number): void {
  story.clock.jumpBy(time)
  story.clock.jump()
}

describe('a kernel that was frozen', () => {
  it('says from when to when nobody watched, and who was out; what became due meanwhile alarms at once', async () => {
    const story = await tell()
    await story.phone().texts('IN 30')
    await story.register('Fifi', { channel: 'simulator', address: '+447700900002' })
    await story.phone('+447700900002').texts('IN 90')
    await story.forward('20m')
    freezes(story, 15 * MINUTE)
    await story.forward('6s')
    await story.roomHears(/^#1 OVERDUE, unconfirmed: Mo Member/)
    const blind = (await story.room()).find((text) => text.startsWith('BLIND to everything, 11:20–11:35'))
    expect(blind)
      .to.match(/^Out: Fifi, due 12:30$/m)
      .and.to.match(/Alarm open: Mo Member/)
    await story.forward('10m')
    expect(await story.times('room', /^BLIND/), 'said once').to.equal(1)
  })

  it('for a few seconds only is no outage', async () => {
    const story = await tell()
    await story.phone().texts('IN 30')
    await story.forward('10m')
    freezes(story, 20 * SECOND)
    await story.forward('10s')
    expect(await story.room()).to.deep.equal([])
  })
})
