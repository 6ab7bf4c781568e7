import { expect } from 'chai'
import { Line, RoomDoor, refuses } from '../support/outside.ts'
import { tell } from '../support/story.ts'
import type { Story } from '../support/story.ts'

const BEN = '+447700900200'

const world = async (): Promise<{ story: Story; sms: Line; door: RoomDoor }> => {
  const [sms, door] = [new Line('sms'), new RoomDoor()]
  const duty = [{ id: '@ben:example.org', addresses: [{ channel: 'sms' as const, address: BEN }] }]
  const story = await tell({ duty, room: door.wrap, channels: (inbox, clock) => [sms.open(inbox, clock)] })
  return { story, sms, door }
}

describe('a room that goes down after the first alert', () => {
  it('a further SOS that does not reach it calls people directly, also when somebody has the first', async () => {
    const { story, sms, door } = await world()
    await story.phone().texts('SOS')
    await story.admin('take 1')
    door.verdict = refuses
    await story.forward('5m')
    await story.phone().texts('SOS he is inside')
    await story.forward('16s')
    expect(sms.times(BEN, /the room is down, open the board/)).to.equal(1)
  })

  it('so does a repeat, without waiting for the ladder', async () => {
    const { story, sms, door } = await world()
    await story.phone().texts('IN 10')
    await story.forward('11m')
    door.verdict = refuses
    await story.forward('4m16s')
    expect(sms.times(BEN, /the room is down, open the board/)).to.equal(1)
  })

  it('a room that takes every alert is never called down', async () => {
    const { story, sms } = await world()
    await story.phone().texts('IN 10')
    await story.forward('40m')
    await story.phone().texts('SOS')
    await story.phone().texts('SOS')
    await story.forward('20m')
    expect(sms.times(BEN, /room is down/)).to.equal(0)
  })
})
