import { expect } from 'chai'
import { Disk } from '../support/disk.ts'
import { inOffice } from '../support/in-office.ts'
import { RoomDoor, refuses, works } from '../support/outside.ts'
import type { Story, StoryOptions } from '../support/story.ts'
import { ELEVEN, tell } from '../support/story.ts'

const beating = async (options: StoryOptions = {}): Promise<{ story: Story; beats: number[] }> => {
  const beats: number[] = []
  let now = (): number => ELEVEN
  const heartbeat = { ping: () => Promise.resolve(void beats.push((now() - ELEVEN) / 1000)) }
  const story = await tell({ ...options, heartbeat })
  now = story.clock.now
  return { story, beats }
}

describe('the heartbeat', () => {
  it('beats when imok is ready and then every 30 s', async () => {
    const { story, beats } = await beating()
    await story.forward('2m')
    expect(beats).to.deep.equal([0, 30, 60, 90, 120])
  })

  it('stops when an alert could not be sent for 60 s, within two minutes of the trouble, and beats again after it', async () => {
    const door = new RoomDoor()
    const { story, beats } = await beating({ room: door.wrap })
    door.verdict = refuses
    await story.phone().texts('SOS')
    await story.forward('10m')
    expect(Math.max(...beats)).to.be.at.most(60)
    expect(story.engine.pulse.watching().ok, 'it still watches').to.equal(true)
    door.verdict = works
    await story.forward('40s')
    expect(Math.max(...beats)).to.be.above(600)
  })

  it('stops while the store cannot write', async () => {
    const disk = new Disk()
    const { story, beats } = await beating({ store: disk.under })
    await story.forward('1m')
    disk.trouble = 'ENOSPC'
    await story.forward('5m')
    expect(Math.max(...beats)).to.be.at.most(90)
    expect(story.engine.pulse.watching()).to.deep.equal({ ok: false, reasons: ['store'] })
    disk.trouble = undefined
    await story.forward('40s')
    expect(Math.max(...beats)).to.be.above(360)
    expect(story.engine.pulse.watching().ok).to.equal(true)
  })

  it('stops while nobody can read the room', async () => {
    const door = new RoomDoor()
    const { story, beats } = await beating({ room: door.wrap })
    door.readers = 0
    await story.forward('5m')
    expect(beats).to.deep.equal([0])
    door.readers = 2
    await story.forward('1m')
    expect(beats.length).to.be.above(1)
  })

  it('stops while a message cannot be applied', async () => {
    let stuck = false
    const { story, beats } = await beating({
      store: (store) => ({
        ...store,
        addresses: {
          ...store.addresses,
          find: (address) => (stuck ? new Promise<never>(() => undefined) : store.addresses.find(address)),
        },
      }),
    })
    stuck = true
    await story.phone().texts('IN')
    await story.forward('5m')
    expect(Math.max(...beats)).to.be.at.most(60)
    await story.roomHears(/^STUCK/)
  })

  it('is not for a kernel that was frozen: whoever acts instead has one of its own', async () => {
    const office = { ...inOffice(), time: 10_000 }
    const { story, beats } = await beating({ fence: { ...office, left: () => office.time } })
    office.time = 0
    await story.forward('2m')
    expect(beats).to.deep.equal([0])
  })

  it('a ping that fails changes nothing', async () => {
    const story = await tell({ heartbeat: { ping: () => Promise.reject(new Error('refused')) } })
    await story.phone().texts('IN 10')
    await story.forward('10m')
    await story.roomHears(/^#1 OVERDUE/)
  })
})
