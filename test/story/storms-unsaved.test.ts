// A roll-call is on its way when the store begins to refuse (docs/adr/0003-alerts-that-cannot-be-saved.md).
import { expect } from 'chai'
import { GROUP } from '../../src/app/house.ts'
import { LosingDisk } from '../support/losing-disk.ts'
import { RoomDoor, refuses, works } from '../support/outside.ts'
import { ELEVEN, ms, tell } from '../support/story.ts'
import type { Story } from '../support/story.ts'
import type { Walker } from '../support/walkers.ts'
import { alarmsOf, beforeNoon, isRollCall } from '../support/walkers.ts'

interface Scene {
  story: Story
  disk: LosingDisk
  door: RoomDoor
  all: Walker[]
}

const scene = async (count: number): Promise<Scene> => {
  const [disk, door] = [new LosingDisk(), new RoomDoor()]
  const story = await tell({ store: disk.wrap, room: door.wrap })
  return { story, disk, door, all: await beforeNoon(story, count) }
}

describe('nothing can be saved while a roll-call is said', () => {
  const heardOf = async (story: Story, some: Walker[]): Promise<number[]> =>
    Promise.all(some.map(async (walker) => (await alarmsOf(story, walker)).length))

  /** The last two of four are named in a message that has begun to go out when the disk breaks. */
  const broken = async (verdict: RoomDoor['verdict']): Promise<{ story: Story; disk: LosingDisk; named: Walker[] }> => {
    const { story, disk, door, all } = await scene(4)
    door.verdict = (text) => {
      if (!isRollCall({ text })) return undefined
      disk.refuses = () => true
      return verdict(text, 'room')
    }
    await story.goesOn(7_000)
    return { story, disk, named: all.slice(2) }
  }

  const write = async (story: Story, some: Walker[]): Promise<void> => {
    for (const { address } of some) await story.phone(address).texts('They have locked the door')
    await story.goesOn(3_000)
  }

  for (const [when, isHeld] of [
    ['it was heard', false],
    ['it is under way', true],
  ] as const)
    it(`${when}: whom it names is not said again by themselves (S7)`, async () => {
      const gate = Promise.withResolvers<undefined>()
      const { story, disk, named } = await broken(() => (isHeld ? gate.promise : undefined))
      await write(story, named)
      expect(await heardOf(story, named)).to.deep.equal(isHeld ? [0, 0] : [1, 1])
      gate.resolve(undefined)
      // Longer than the claims, which are then taken for ended.
      await story.forward('1m')
      disk.refuses = () => false
      await story.forward('10s')
      expect(await heardOf(story, named)).to.deep.equal([1, 1])
      for (const { address } of named) expect(await story.times(address, /an alert was sent/)).to.equal(1)
    })

  it('for so long that the next rung comes: whom it names is said by themselves, once', async () => {
    const { story, named } = await broken(works)
    await story.forward('6m')
    expect(await heardOf(story, named)).to.deep.equal([2, 2])
  })

  it('and can for a moment when the claims have ended: whom it names is not said again by themselves', async () => {
    const { story, disk, named } = await broken(works)
    await story.goesOn(45_950)
    disk.refuses = () => false
    await story.goesOn(100)
    disk.refuses = () => true
    await write(story, named)
    expect(await heardOf(story, named)).to.deep.equal([1, 1])
  })

  for (const isTalking of [true, false])
    it(`and the room does not take it: whom it names is said by themselves, whether they write or not (${isTalking ? 'they do' : 'they do not'})`, async () => {
      const { story, named } = await broken(refuses)
      if (isTalking) await write(story, named)
      else await story.goesOn(1_000)
      expect(await heardOf(story, named)).to.deep.equal([1, 1])
    })
})

describe('one record cannot be saved', () => {
  for (const isRead of [true, false])
    it(`that of the group, and the room refuses a roll-call: whom it names is said by themselves (${isRead ? 'it can be read' : 'nor read'})`, async () => {
      const { story, disk, door, all } = await scene(4)
      door.verdict = (text) => {
        if (isRollCall({ text })) disk.refuses = (id) => id === GROUP
        if (isRollCall({ text }) && !isRead) disk.hides = disk.refuses
        return refuses(text, 'room')
      }
      await story.goesOn(7_000)
      door.verdict = works
      await story.goesOn(6_000)
      for (const walker of all) expect((await alarmsOf(story, walker)).length, walker.name).to.equal(1)
    })

  it('that of somebody whom a roll-call is to name again: it does not sound again and again for the others', async () => {
    const { story, disk, all } = await scene(4)
    await story.goesOnTo(ELEVEN + ms('64m55s'))
    // That it is due is saved, and that it is called is not.
    let saves = 0
    disk.refuses = (id) => id.endsWith('WalkerD') && ++saves > 1
    await story.forward('50s')
    const others = all.slice(0, 3)
    for (const walker of others)
      expect((await alarmsOf(story, walker)).filter(isRollCall).length, walker.name).to.equal(2)
    const [last] = (await alarmsOf(story, all[3] as Walker)).slice(-1)
    expect(last?.at, 'the one who could not be named').to.be.above(ELEVEN + ms('64m50s'))
  })
})
