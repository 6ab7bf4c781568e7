import { expect } from 'chai'
import { StoreError } from '../../src/ports/store.ts'
import { Disk, Elsewhere } from '../support/disk.ts'
import { refuses, RoomDoor, works } from '../support/outside.ts'
import { ELEVEN, MO, tell } from '../support/story.ts'
import type { Story } from '../support/story.ts'

const world = async (): Promise<{ story: Story; disk: Disk; room: Elsewhere }> => {
  const [disk, room] = [new Disk(), new Elsewhere()]
  const story = await tell({ store: disk.under, room: room.instead })
  room.now = story.clock.now
  return { story, disk, room }
}

for (const trouble of ['ENOSPC', 'EROFS'] as const) {
  describe(`a store that cannot write (${trouble})`, () => {
    it('takes nothing in: whoever wants to put something hears so, and tries again', async () => {
      const { story, disk } = await world()
      disk.trouble = trouble
      let refused: unknown
      await story
        .phone()
        .texts('IN 60', { id: 'sms:1' })
        .catch((error: unknown) => (refused = error))
      expect(refused).to.be.instanceOf(StoreError)
      disk.trouble = undefined
      await story.phone().texts('IN 60', { id: 'sms:1' })
      await story.phone().hears(/OUT by 12:00/)
    })

    it('is not watching, and says why', async () => {
      const { story, disk } = await world()
      await story.forward('6s')
      expect(story.engine.pulse.watching().ok).to.equal(true)
      disk.trouble = trouble
      await story.forward('6s')
      expect(story.engine.pulse.watching()).to.deep.equal({ ok: false, reasons: ['store'] })
    })

    it('a deadline that passes meanwhile alarms in the room on time, once, and goes on when it can write again', async () => {
      const { story, disk, room } = await world()
      await story.phone().texts('IN 10')
      await story.forward('9m')
      disk.trouble = trouble
      await story.forward('2m')
      expect(room.times(/^#1 OVERDUE, unconfirmed: Mo Member/)).to.equal(1)
      expect(room.said.find((s) => s.text.startsWith('#1 OVERDUE'))?.at).to.be.at.most(ELEVEN + 601_000)
      disk.trouble = undefined
      await story.forward('10s')
      expect(room.times(/^#1 OVERDUE/), 'the save gave it the same id').to.equal(1)
      expect(room.times(/^Well again at 11:11: the store/)).to.equal(1)
      expect(story.engine.pulse.watching().ok).to.equal(true)
      expect(await story.times(MO, /an alert was sent/)).to.equal(1)
      await story.forward('5m')
      expect(room.times(/^#1 OVERDUE/), 'the ladder goes on').to.equal(2)
      await story.phone().texts('OUT')
      expect(room.times(/^#1 STOOD DOWN/)).to.equal(1)
    })

    it('tells the room when it lasts for a minute, past the store, once, and that it is over', async () => {
      const { story, disk, room } = await world()
      await story.phone().texts('IN 60')
      const said = new RegExp(
        `^TROUBLE since 11:0\\d: the store does not work \\(${trouble}\\)\\nimok still watches.*no OUT, no SOS`,
      )
      for (const outage of [1, 2]) {
        disk.trouble = trouble
        await story.forward('55s')
        expect(room.times(said), 'a moment is not worth a word').to.equal(outage - 1)
        await story.forward('3m')
        expect(room.times(said)).to.equal(outage)
        disk.trouble = undefined
        await story.forward('10s')
        expect(room.times(/^Well again at .*: the store/)).to.equal(outage)
      }
    })

    it('a room that refuses to hear of it is told again', async () => {
      const [disk, door, room] = [new Disk(), new RoomDoor(), new Elsewhere()]
      const story = await tell({ store: disk.under, room: () => door.wrap(room.instead()) })
      disk.trouble = trouble
      door.verdict = refuses
      await story.forward('2m')
      expect(room.times(/^TROUBLE/)).to.equal(0)
      door.verdict = works
      await story.forward('6s')
      expect(room.times(/^TROUBLE/)).to.equal(1)
      expect(door.attempts.at(-1)?.loud, 'nobody is out').to.equal(false)
    })

    it('what was stored before and could not be applied is applied when it can write again', async () => {
      const { story, disk, room } = await world()
      let hold = true
      const { store } = story
      const find = store.addresses.find
      store.addresses.find = async (address) => {
        while (hold) await new Promise((resolve) => setImmediate(resolve))
        return find(address)
      }
      const texted = story.phone().texts('SOS')
      await new Promise((resolve) => setImmediate(resolve))
      disk.trouble = trouble
      hold = false
      await texted
      await story.forward('10s')
      expect(room.times(/^#1 SOS: Mo Member/), 'attempted in the room at once').to.equal(1)
      disk.trouble = undefined
      await story.forward('5s')
      expect(room.times(/^#1 SOS: Mo Member/)).to.equal(1)
      expect(await story.times(MO, /SOS received. Alert sent/)).to.equal(1)
      expect(await story.store.inbox.pending()).to.deep.equal([])
    })
  })
}
