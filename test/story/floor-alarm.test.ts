import { expect } from 'chai'
import { HOUR, SECOND } from '../../src/core/time.ts'
import { SendError } from '../../src/ports/channel.ts'
import { RoomDoor, hangsUp, refuses, works } from '../support/outside.ts'
import { silent } from '../support/memory-ports.ts'
import type { Story } from '../support/story.ts'
import { ELEVEN, MO, tell } from '../support/story.ts'

/** Somebody is due in a minute, and the room is behind a door. */
const nearlyDue = async (options: Parameters<typeof tell>[0] = {}): Promise<{ story: Story; door: RoomDoor }> => {
  const door = new RoomDoor()
  const story = await tell({ room: door.wrap, ...options })
  await story.phone().texts('IN 10')
  await story.forward('9m')
  return { story, door }
}

/** When the room heard what fits, in milliseconds after eleven. */
const heardAt = async (story: Story, pattern: RegExp): Promise<number[]> =>
  (await story.messages()).filter((m) => m.to === 'room' && pattern.test(m.text)).map((m) => Date.parse(m.at) - ELEVEN)

describe('a missed deadline', () => {
  for (const length of [61, 75, 89]) {
    it(`alarms within a second, also one of ${String(length)} seconds`, async () => {
      const story = await tell()
      await story.phone().texts(`IN ${String(length)}s`)
      await story.forward('3m')
      const [first] = await heardAt(story, /^#1 OVERDUE/)
      expect(first).to.be.within(length * SECOND, (length + 1) * SECOND)
    })
  }
})

describe('an alarm that nobody takes', () => {
  it('is repeated in the room for hours on end', async () => {
    const story = await tell()
    await story.phone().texts('IN 10')
    await story.forward('3h')
    const times = await heardAt(story, /^#1 OVERDUE/)
    const gaps = times.map((at, i) => (times[i + 1] ?? 3 * HOUR) - at)
    expect(Math.max(...gaps), 'the longest silence').to.be.at.most(5 * 60 * SECOND + SECOND)
  })

  it('goes on although the room says that it will never take such a message', async () => {
    const { story, door } = await nearlyDue()
    door.verdict = () => {
      throw new SendError('impossible', 'M_FORBIDDEN')
    }
    await story.forward('30m')
    door.verdict = works
    await story.forward('6s')
    await story.roomHears(/^#1 OVERDUE/)
    await story.phone().hears(/an alert was sent at 11:39/)
  })
})

describe('an alarm that the room may have heard, and that is not out yet at the next rung', () => {
  /** Said a first time without an answer at 11:10, and `meanwhile` until after the rung of 11:15. */
  const atTheRung = async (meanwhile: typeof refuses): Promise<{ story: Story; ids: () => string[] }> => {
    const { story, door } = await nearlyDue()
    door.verdict = hangsUp
    await story.forward('60s')
    door.verdict = meanwhile
    await story.forward('6m')
    door.verdict = works
    return {
      story,
      ids: () => [...new Set(door.attempts.filter((it) => it.text.includes('OVERDUE')).map((it) => it.id))],
    }
  }

  for (const [title, meanwhile] of [
    ['refused since', refuses],
    ['without an answer since', hangsUp],
  ] as const) {
    it(`${title}: it is said anew and once, for under the id that the room knows it makes no sound`, async () => {
      const { story, ids } = await atTheRung(meanwhile)
      const [, anew, ...more] = ids()
      expect(more).to.deep.equal([])
      await story.forward('3m')
      expect(await story.times('room', /^#1 OVERDUE/)).to.equal(1)
      expect(ids().at(-1)).to.equal(anew)
      await story.phone().hears(/an alert was sent at 11:16/)
    })
  }

  it('is a cry for help: all that they wrote is said, also what they wrote before, and whole', async () => {
    const door = new RoomDoor()
    const story = await tell({ room: door.wrap })
    door.verdict = hangsUp
    const long = `SOS ${'by the river, under the bridge '.repeat(20)}on the left bank`
    await story.phone().texts('SOS leg broken, north face')
    await story.phone().texts(long)
    await story.phone().texts('SOS')
    await story.forward('11m')
    const [{ id } = { id: '' }] = [...story.engine.house.overview.all()]
    const record = JSON.stringify(await story.store.documents.read(id))
    expect(record.split('north face').length, 'kept with what was replaced').to.be.at.most(3)
    door.verdict = works
    await story.forward('6s')
    const heard = await story.roomHears(/^#1 SOS/)
    for (const words of ['leg broken, north face', long]) expect(heard).to.contain(words)
    expect(await story.times('room', /^#1 SOS/)).to.equal(1)
    await story.forward('5m')
    expect(await story.roomHears(/^#1 SOS/), 'and not again after that').to.not.contain('leg broken')
  })

  it('opened again, for whoever took it did not confirm: it still says so', async () => {
    const { story, door } = await nearlyDue()
    await story.forward('1m')
    await story.admin('take 1', { id: '@cleo:example.org', name: 'Cleo' })
    await story.forward('29m')
    door.verdict = hangsUp
    await story.forward('7m')
    door.verdict = works
    await story.forward('6s')
    await story.roomHears(/^#1 OPEN AGAIN: Mo Member, 11:40. Cleo has not confirmed/)
  })

  it('has waited since it was due: it does not count as new at each rung', async () => {
    const late: number[] = []
    const observe = (name: string, value: number): void => {
      if (name === 'imok_alarm_lateness_seconds') late.push(value)
    }
    const { story, door } = await nearlyDue({ metrics: { ...silent.metrics, observe } })
    door.verdict = hangsUp
    await story.forward('30m')
    door.verdict = works
    await story.forward('6s')
    expect(Math.max(...late)).to.be.above(25 * 60)
  })

  it('is over then: whoever heard it the first time hears that', async () => {
    const { story, ids } = await atTheRung(refuses)
    await story.phone().texts('OUT')
    await story.phone().hears(/The people we alerted are being told/)
    await story.forward('30m')
    expect(ids().length).to.equal(2)
    expect(await story.times('room', /^#1 STOOD DOWN/)).to.equal(1)
  })
})

describe('OUT while the alert is on its way', () => {
  it('not sent yet: nobody ever hears it, and the member is told nothing of an alarm', async () => {
    const { story, door } = await nearlyDue()
    door.verdict = refuses
    await story.forward('62s')
    await story.phone().texts('OUT')
    door.verdict = works
    await story.forward('30m')
    expect(await story.times('room', /OVERDUE|STOOD DOWN/), 'nobody hears of it').to.equal(0)
    expect(await story.times(MO, /OUT noted 11:10. You get no more reminders/)).to.equal(1)
  })

  const underWay = async (): Promise<{ story: Story; door: RoomDoor; end: (error?: SendError) => void }> => {
    const { story, door } = await nearlyDue()
    let end: (error?: SendError) => void = () => undefined
    door.verdict = (text) =>
      text.includes('OVERDUE')
        ? new Promise((resolve, reject) => (end = (error) => (error ? reject(error) : resolve())))
        : undefined
    await story.forward('61s')
    await story.phone().texts('OUT')
    await story.phone().hears(/OUT noted 11:10. The people we alerted are being told/)
    return { story, door, end: (error) => end(error) }
  }

  it('under way: those who hear it hear next that it is over', async () => {
    const { story, end } = await underWay()
    expect(await story.times('room', /STOOD DOWN/), 'not before the alarm').to.equal(0)
    end()
    await story.forward('30m')
    const room = (await story.room()).filter((text) => text.startsWith('#1'))
    expect(room.map((text) => text.slice(0, 10))).to.deep.equal(['#1 OVERDUE', '#1 STOOD D'])
  })

  it('under way and then refused: it is not tried again, and nobody hears the end of what nobody heard', async () => {
    const { story, door, end } = await underWay()
    door.verdict = works
    end(new SendError('refused', 'http-503'))
    await story.forward('30m')
    expect(await story.times('room', /OVERDUE|STOOD DOWN/), 'nobody hears of it').to.equal(0)
  })

  it('perhaps heard and then refused: it is not tried again, and those who may have heard it hear that it is over', async () => {
    const { story, door } = await nearlyDue()
    door.verdict = hangsUp
    await story.forward('60s')
    door.verdict = refuses
    await story.forward('3s')
    expect(door.attempts.filter(({ text }) => text.includes('OVERDUE')).length).to.be.above(1)
    await story.phone().texts('OUT')
    await story.phone().hears(/OUT noted 11:10. The people we alerted are being told/)
    door.verdict = works
    await story.forward('30m')
    expect(await story.times('room', /OVERDUE/)).to.equal(0)
    expect(await story.times('room', /^#1 STOOD DOWN/)).to.equal(1)
  })
})
