// The room has heard an alarm that the store could not save (docs/adr/0003-alerts-that-cannot-be-saved.md).
import { expect } from 'chai'
import { LosingDisk } from '../support/losing-disk.ts'
import { Line, RoomDoor, hangsUp, refuses, works } from '../support/outside.ts'
import { ELEVEN, MO, ms, tell } from '../support/story.ts'
import type { Story } from '../support/story.ts'

describe('an alarm that could not be saved', () => {
  let disk: LosingDisk
  let story: Story

  beforeEach(async () => {
    disk = new LosingDisk()
    story = await tell({ store: disk.wrap })
  })

  const wordsOf = async (pattern: RegExp): Promise<string[]> =>
    (await story.room()).filter((text) => pattern.test(text))

  it('and an SOS that took its place: nobody who writes about it afterwards waits', async () => {
    await story.phone().texts('IN 10')
    await story.forward('9m59s')
    disk.refuses = () => true
    await story.forward('3s')
    await story.roomHears(/^#1 OVERDUE/)
    await story.phone().texts('SOS')
    disk.refuses = () => false
    await story.forward('7s')
    await story.roomHears(/^#1 SOS/)
    await story.admin('take 1')
    expect(await wordsOf(/^#1 TAKEN/)).to.have.length(1)
    await story.admin('resolve 1 found')
    await story.forward('1m')
    expect(await wordsOf(/^#1 (CLOSED|STOOD DOWN)/)).to.have.length(1)
  })

  it('for a long time is said once more when it is saved, also if it cannot be claimed then', async () => {
    await story.phone().texts('IN 10')
    await story.forward('9m59s')
    const [member] = story.engine.house.overview.out()
    disk.refuses = (id) => id === member?.id
    await story.forward('20m')
    expect(await wordsOf(/^#1 OVERDUE/)).to.have.length(1)
    let left = 1
    disk.refuses = (id) => id === member?.id && left-- <= 0
    await story.forward('5s')
    expect(await wordsOf(/^#1 OVERDUE/)).to.have.length(2)
    disk.refuses = () => false
    await story.forward('4m')
    expect(await wordsOf(/^#1 OVERDUE/)).to.have.length(2)
  })

  for (const [kind, order] of [
    ['of a deadline', 'take 1'],
    ['of a deadline', 'take 1-3'],
    ['of a deadline', 'take'],
    ['of an SOS', 'take 1'],
  ] as const)
    it(`${kind} can be taken as soon as the store is back: ${order}`, async () => {
      await story.phone().texts('IN 10')
      await story.forward(kind === 'of an SOS' ? '1m' : '9m59s')
      disk.refuses = () => true
      if (kind === 'of an SOS') await story.phone().texts('SOS')
      await story.forward('3s')
      await story.roomHears(/^#1 (OVERDUE|SOS)/)
      disk.refuses = () => false
      await story.admin(order)
      await story.forward('10s')
      expect(await wordsOf(/^#1 TAKEN/)).to.have.length(1)
      expect(await wordsOf(/^#1 (OVERDUE|SOS)/)).to.have.length(1)
      expect(await wordsOf(/nothing|no alarm|not open/i)).to.deep.equal([])
    })

  for (const [who, ends] of [
    ['the member', () => story.phone().texts('OUT')],
    ['an admin', () => story.admin('out Mo Member')],
  ] as const)
    it(`is ended in the room, too, by an OUT of ${who} that comes before it is saved`, async () => {
      await story.phone().texts('IN 10')
      await story.forward('9m59s')
      disk.refuses = () => true
      await story.forward('3s')
      await story.roomHears(/^#1 OVERDUE/)
      disk.refuses = () => false
      await ends()
      await story.forward('5s')
      expect(await wordsOf(/^#1 OVERDUE/)).to.have.length(1)
      expect(
        // And not as one that was over before it was said.
        await wordsOf(who === 'an admin' ? /^#1 CLOSED|^Not done: an alarm is open/ : /^#1 STOOD DOWN: OUT came/),
      ).to.have.length(1)
    })

  it('is the same one when something else about the member is saved first', async () => {
    const lines = new Line('sms')
    story = await tell({ store: disk.wrap, channels: (inbox, clock) => [lines.open(inbox, clock)] })
    const fifi = { channel: 'sms', address: '+447700900002' } as const
    const id = await story.register('Fifi', fifi)
    await story.phone(fifi.address, 'sms').texts('IN 10')
    await story.forward('9m59s')
    disk.refuses = (document) => document === id
    await story.forward('30s')
    await story.roomHears(/^#1 OVERDUE/)
    disk.refuses = () => false
    await story.put({ type: 'moved', from: fifi, to: { ...fifi, address: '+447700900003' } })
    await story.forward('5s')
    expect(await wordsOf(/OVERDUE/)).to.have.length(1)
    await story.admin('take 1')
    expect(await wordsOf(/^#1 TAKEN/)).to.have.length(1)
  })

  it('holds up no order about another for long', async () => {
    const fifi = { channel: 'simulator', address: '+447700900002' } as const
    const id = await story.register('Fifi', fifi)
    await story.phone(fifi.address).texts('IN 10')
    await story.phone().texts('SOS')
    await story.forward('9m59s')
    disk.refuses = (document) => document === id
    await story.forward('3s')
    await story.roomHears(/OVERDUE, unconfirmed: Fifi/)
    await story.admin('take 1')
    await story.forward('15s')
    expect(await wordsOf(/^#1 TAKEN/)).to.have.length(1)
  })
})

describe('a store that can be read no more either', () => {
  for (const restarts of [false, true])
    for (const when of ['5m', '10m1s', '19m59s'])
      it(`from ${when} on${restarts ? ', after a restart' : ''}: the alarm comes, and once`, async () => {
        const [disk, door] = [new LosingDisk(), new RoomDoor()]
        const story = await tell({ store: disk.wrap, room: door.wrap })
        await story.phone().texts('IN 20')
        if (restarts) await story.stops()
        if (restarts) await story.starts()
        await story.goesOnTo(ELEVEN + ms(when))
        disk.refuses = disk.hides = () => true
        await story.goesOnTo(ELEVEN + ms('19m59s'))
        door.verdict = refuses
        await story.forward('3s')
        door.verdict = works
        await story.forward('6s')
        expect(await story.times('room', /^#1 OVERDUE/)).to.equal(1)
        await story.forward('1m')
        disk.refuses = disk.hides = () => false
        await story.forward('10s')
        expect(await story.times('room', /^#1 OVERDUE/)).to.equal(1)
        expect(await story.times(MO, /an alert was sent/)).to.equal(1)
      })
})

describe('a store that hangs', () => {
  it('an alarm waits ten seconds for it, and not until it is given up', async () => {
    const disk = new LosingDisk()
    const story = await tell({ store: disk.wrap })
    await story.phone().texts('IN 10')
    await story.goesOnTo(ELEVEN + ms('9m59s'))
    disk.hangs = () => true
    await story.forward('9s')
    expect(await story.times('room', /^#1 OVERDUE/)).to.equal(0)
    await story.forward('3s')
    expect(await story.times('room', /^#1 OVERDUE/)).to.equal(1)
    await story.forward('1m')
    expect(await story.times('room', /^#1 OVERDUE/)).to.equal(1)
  })
})

describe('store and room are both away for more than five minutes', () => {
  it('what the room takes first is not said again when it can be saved', async () => {
    const [disk, door] = [new LosingDisk(), new RoomDoor()]
    const story = await tell({ store: disk.wrap, room: door.wrap })
    await story.phone().texts('IN 10')
    await story.goesOnTo(ELEVEN + ms('9m59s'))
    disk.refuses = () => true
    door.verdict = refuses
    await story.forward('5m10s')
    door.verdict = works
    await story.forward('10s')
    expect(await story.times('room', /^#1 OVERDUE/)).to.equal(1)
    disk.refuses = () => false
    await story.forward('10s')
    expect(await story.times('room', /^#1 OVERDUE/)).to.equal(1)
  })
})

describe('an order that was saved, and nobody was told so', () => {
  it('is not said to be about nothing when it is tried again', async () => {
    const disk = new LosingDisk()
    const story = await tell({ store: disk.wrap })
    await story.phone().texts('SOS')
    const [member] = story.engine.house.overview.incidents()
    disk.losesAnswer = (id) => id === member?.id
    await story.admin('resolve 1 home')
    disk.losesAnswer = () => false
    // Something else makes known what was saved before the order is tried again.
    await story.phone().texts('OK')
    await story.forward('5s')
    expect((await story.room()).filter((text) => /^Nothing is open/.test(text))).to.deep.equal([])
    expect(await story.times('room', /^#1 CLOSED/)).to.equal(1)
  })
})

describe('an alarm whose claim, or whose end, could not be saved', () => {
  /** From the alarm on, so many saves of the member's record fail: nobody is told of them, whether they were made or not. */
  const fails = async (
    first: number,
    isMade: boolean,
  ): Promise<{ story: Story; door: RoomDoor; tellAgain: () => void }> => {
    const [disk, door] = [new LosingDisk(), new RoomDoor()]
    const story = await tell({ store: disk.wrap, room: door.wrap })
    await story.phone().texts('IN 10')
    const [member] = story.engine.house.overview.out()
    await story.forward('9m59s')
    let saves = 0
    const isIt = (id: string): boolean => id === member?.id && ++saves >= first
    if (isMade) disk.losesAnswer = isIt
    else disk.refuses = isIt
    return { story, door, tellAgain: () => (disk.losesAnswer = disk.refuses = () => false) }
  }

  for (const isMade of [true, false])
    it(`is said at once, and the member hears so as soon as the store can save again, not when that claim would have ended (${isMade ? 'saved' : 'not saved'})`, async () => {
      // The first save is the alarm, the second one its claim.
      const { story, tellAgain } = await fails(2, isMade)
      await story.goesOn(1_500)
      expect(await story.times('room', /^#1 OVERDUE/), 'nobody waits for the store').to.equal(1)
      expect(await story.times(MO, /an alert was sent/)).to.equal(0)
      tellAgain()
      await story.forward('5s')
      expect(await story.times('room', /^#1 OVERDUE/)).to.equal(1)
      expect(await story.times(MO, /an alert was sent/)).to.equal(1)
    })

  it('is not said to have reached nobody, however long that lasts', async () => {
    const { story, tellAgain } = await fails(2, false)
    await story.forward('20s')
    expect(await story.times('room', /^#1 OVERDUE/)).to.equal(1)
    tellAgain()
    await story.forward('10s')
    expect(await story.times(MO, /reached nobody/)).to.equal(0)
    expect(await story.times(MO, /an alert was sent/)).to.equal(1)
  })

  for (const [save, first, longest] of [
    // Nothing of an attempt is on record: it is tried at least every five seconds.
    ['its claim', 2, '5s'],
    ['how it went', 3, '2s'],
  ] as const)
    for (const verdict of [refuses, hangsUp])
      it(`and that the room ${verdict === refuses ? 'refuses' : 'may not have'} at that moment is said when the room takes it (${save})`, async () => {
        const { story, door } = await fails(first, false)
        door.verdict = verdict
        await story.forward('3s')
        expect(await story.times('room', /^#1 OVERDUE/)).to.equal(0)
        door.verdict = works
        await story.forward(longest)
        expect(await story.times('room', /^#1 OVERDUE/)).to.equal(1)
        await story.forward('1m')
        expect(await story.times('room', /^#1 OVERDUE/), 'once').to.equal(1)
      })

  it('was said, and the member hears so as soon as the store can save again', async () => {
    const { story, door, tellAgain } = await fails(3, false)
    await story.forward('2s')
    expect(await story.times('room', /^#1 OVERDUE/)).to.equal(1)
    expect(await story.times(MO, /an alert was sent/)).to.equal(0)
    tellAgain()
    await story.forward('3s')
    expect(await story.times(MO, /an alert was sent/)).to.equal(1)
    expect(
      door.attempts.filter(({ text }) => /OVERDUE/.test(text)),
      'once',
    ).to.have.length(1)
  })
})
