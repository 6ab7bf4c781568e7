import { expect } from 'chai'
import { GROUP } from '../../src/app/house.ts'
import { Line } from '../support/outside.ts'
import { tell } from '../support/story.ts'

const BEN = { channel: 'sms', address: '+447700900200' } as const
const CLEO = { channel: 'sms', address: '+447700900201' } as const
const FIFI = '+447700900002'

describe('nothing grows without an end', () => {
  it('a flood of strangers is shown to the cap and no further, however many they are', async () => {
    const story = await tell()
    for (let i = 0; i < 400; i++)
      await story.put({
        type: 'message',
        from: { channel: 'sms', address: `+4477009${String(10_000 + i)}` },
        text: 'hi',
      })
    expect(await story.times('room', /^UNVERIFIED: \+/)).to.equal(30)
    expect(await story.times('room', /^UNVERIFIED: 30 texts were shown/)).to.equal(1)
    expect((await story.engine.house.group.read(GROUP))?.strangers).to.have.length.below(32)
  })

  it('two alarms that nobody takes for half a day: the group’s record stays small, and all who were called hear the end', async () => {
    const sms = new Line('sms')
    const duty = [
      { id: '@ben:example.org', addresses: [BEN] },
      { id: '@cleo:example.org', addresses: [CLEO] },
    ]
    const story = await tell({ duty, channels: (inbox, clock) => [sms.open(inbox, clock)] })
    await story.register('Fifi', { channel: 'simulator', address: FIFI })
    await story.phone().texts('SOS')
    await story.forward('2m')
    await story.phone(FIFI).texts('SOS')
    await story.forward('12h')
    expect(sms.times(BEN.address, /needs you/)).to.be.above(280)
    const group = await story.engine.house.group.read(GROUP)
    expect(group?.nudged).to.have.length(2)
    expect(group?.effects.length).to.be.at.most(40)
    await story.admin('resolve 1 reached')
    expect(sms.times(BEN.address, /is over/), 'the other one is open').to.equal(0)
    await story.admin('resolve 2 reached')
    for (const { address } of [BEN, CLEO]) expect(sms.times(address, /is over/)).to.equal(1)
  }).timeout(60_000)

  it('whoever was called once hears the end, though the later call never went out', async () => {
    const sms = new Line('sms')
    const duty = [{ id: '@ben:example.org', addresses: [BEN] }]
    const story = await tell({ duty, channels: (inbox, clock) => [sms.open(inbox, clock)] })
    await story.phone().texts('SOS')
    expect(sms.times(BEN.address, /needs you/)).to.equal(1)
    let down = true
    sms.verdict = () => {
      if (down) throw new Error('down')
    }
    await story.forward('5m')
    await story.admin('resolve 1 reached')
    down = false
    await story.forward('5m')
    expect(sms.times(BEN.address, /is over/)).to.equal(1)
    expect(sms.times(BEN.address, /needs you/), 'nor is the later call sent now').to.equal(1)
  })

  it('a session that is lengthened for days keeps its record small', async () => {
    const story = await tell()
    for (let i = 0; i < 40; i++) {
      await story.phone().texts('IN 12')
      await story.forward('10m')
    }
    const [out] = story.engine.house.overview.out()
    const member = await story.engine.house.members.read(out?.id ?? '')
    expect(member?.effects.length).to.be.at.most(40)
    await story.forward('2m')
    await story.roomHears(/^#1 OVERDUE[^]*12 reminders? sent/)
  }).timeout(30_000)
})
