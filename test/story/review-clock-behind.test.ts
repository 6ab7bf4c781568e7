import { expect } from 'chai'
import { HOUR, MINUTE } from '../../src/core/time.ts'
import { ELEVEN, tell } from '../support/story.ts'
import type { Story } from '../support/story.ts'

/** A machine without a clock battery: at its next start it is earlier than before. */
function losesItsBattery(story: Story, by: number): void {
  const { now } = story.clock
  let behind = by
  Object.assign(story.clock, {
    now: () => now() - behind,
    atLeast: (at: number) => {
      behind = Math.min(behind, now() - at)
    },
  })
}

describe('a clock that is behind what is stored', () => {
  it('is announced at the start, and the watch goes on from what is stored', async () => {
    const story = await tell()
    await story.phone().texts('IN 30')
    await story.forward('10m')
    await story.stops()
    losesItsBattery(story, HOUR)
    await story.starts()
    await story.roomHears(/^CLOCK: the machine says 10:10, but 11:10 is written down already/)
    expect(story.clock.now()).to.equal(ELEVEN + 10 * MINUTE)
    await story.forward('20m')
    await story.roomHears(/^#1 OVERDUE/)
  })

  it('by a few seconds only, is not', async () => {
    const story = await tell()
    await story.phone().texts('IN 30')
    await story.stops()
    losesItsBattery(story, 4_000)
    await story.starts()
    expect(await story.times('room', /^CLOCK/)).to.equal(0)
  })
})
