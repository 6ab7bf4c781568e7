import { expect } from 'chai'
import { MINUTE, SECOND } from '../../src/core/time.ts'
import type { Channel } from '../../src/ports/channel.ts'
import { StoreError } from '../../src/ports/store.ts'
import { Disk, Elsewhere } from '../support/disk.ts'
import { Line, RoomDoor, hangs } from '../support/outside.ts'
import { ELEVEN, tell } from '../support/story.ts'

describe('a start while the disk is full', () => {
  it('watches all the same, alarms, and says what there is to say when it can be saved', async () => {
    const [disk, room] = [new Disk(), new Elsewhere()]
    const door = new RoomDoor()
    const story = await tell({ store: disk.under, room: () => door.wrap(room.instead()) })
    room.now = story.clock.now
    await story.phone().texts('IN 30')
    // One attempt is under way when the power fails.
    door.verdict = hangs
    await story.phone().texts('a man has a knife')
    disk.trouble = 'ENOSPC'
    door.verdict = () => undefined
    await story.crashesAndRestarts('45m')
    expect(room.said.find((s) => s.text.startsWith('#1 OVERDUE'))?.at).to.be.within(
      ELEVEN + 45 * MINUTE,
      ELEVEN + 46 * MINUTE,
    )
    expect(room.times(/^BLIND/)).to.equal(0)
    await story.forward('1m')
    disk.trouble = undefined
    await story.forward('10s')
    expect(room.times(/^BLIND to everything, 11:00–11:45/)).to.equal(1)
    expect(room.times(/^#1 OVERDUE/)).to.equal(1)
    await story.forward('1m')
    expect(room.times(/knife/)).to.be.at.least(1)
    expect(story.engine.pulse.ailments()).to.deep.equal([])
  })
})

describe('a stop', () => {
  for (const [how, stop] of [
    ['hangs', (): Promise<never> => new Promise<never>(() => undefined)],
    ['fails', (): Promise<never> => Promise.reject(new Error('no'))],
  ] as const) {
    it(`ends within 10 s and closes the store, though a channel ${how}`, async () => {
      const sms = new Line('sms')
      let closed = false
      const story = await tell({
        channels: (...given: Parameters<Line['open']>): Channel[] => [{ ...sms.open(...given), stop }],
        store: (store) => ({
          ...store,
          close: () => {
            closed = true
            return store.close()
          },
        }),
      })
      const before = story.clock.now()
      await story.stops()
      expect(closed).to.equal(true)
      expect(story.clock.now() - before).to.be.below(8 * SECOND)
    })
  }
})

describe('a start that failed', () => {
  it('is no watch: the next one reads back and tells from when it really was that nobody watched', async () => {
    const sms = new Line('sms')
    let isUnreadable = false
    const story = await tell({
      channels: (...given: Parameters<Line['open']>): Channel[] => [sms.open(...given)],
      store: (store) => ({
        ...store,
        documents: {
          ...store.documents,
          all: async function* (kind) {
            if (isUnreadable) throw new StoreError('mongodb-unreachable', 'the line broke')
            yield* store.documents.all(kind)
          },
        },
      }),
    })
    await story.phone().texts('IN 3h')
    await story.forward('10m')
    const began = story.clock.now()
    isUnreadable = true
    const failed = await story.crashesAndRestarts('30m').catch((error: unknown) => error)
    expect(failed).to.be.instanceOf(StoreError)
    await story.stops()
    isUnreadable = false
    sms.asked.length = 0
    await story.crashesAndRestarts('10s')
    expect(sms.asked[0]).to.be.at.most(began - 9 * MINUTE)
    await story.roomHears(/^BLIND to everything, 11:10–11:40/)
  })
})
