// What was saved and not answered, or answered and not saved, and a store that stays away (docs/adr/0003-alerts-that-cannot-be-saved.md).
import { expect } from 'chai'
import type { Store } from '../../src/ports/store.ts'
import { StoreError } from '../../src/ports/store.ts'
import { LosingDisk } from '../support/losing-disk.ts'
import { nearlyOverdue } from '../support/nearly-overdue.ts'
import { Line, hangsUp, refuses, works } from '../support/outside.ts'
import { MO, tell } from '../support/story.ts'

describe('an alarm that was said although the session was over by the records', () => {
  for (const [words, then] of [
    ['OUT', 'Was out, and is not any more: Mo Member'],
    ['MORE 30', 'Out: Mo Member, due 11:40'],
  ] as const)
    it(`is stood down in the room: ${words} was saved, and nobody was told so`, async () => {
      const { disk, story, isIt } = await nearlyOverdue()
      await disk.unanswered(isIt, () => story.phone().texts(words))
      disk.refuses = isIt
      await story.forward('3s')
      await story.roomHears(/^#1 OVERDUE/)
      disk.refuses = disk.isBehind = () => false
      await story.forward('10s')
      expect(await story.times('room', /^#1 STOOD DOWN: Mo Member\. By the records/)).to.equal(1)
      await story.roomHears(new RegExp(`^#1 STOOD DOWN.*\n${then}`))
      await story.forward('2m')
      expect(await story.times('room', /STOOD DOWN/), 'once').to.equal(1)
    })

  it('is not stood down while the session is on, and its time over: something else was saved, and nobody was told so', async () => {
    const { disk, story, isIt } = await nearlyOverdue()
    await disk.unanswered(isIt, () => story.phone().texts('nearly back'))
    disk.refuses = isIt
    await story.forward('12s')
    await story.roomHears(/^#1 OVERDUE/)
    disk.refuses = disk.isBehind = () => false
    await story.forward('30s')
    expect(await story.times('room', /STOOD DOWN/)).to.equal(0)
    expect(await story.times('room', /^#2/), 'it keeps its number').to.equal(0)
    expect(await story.times('room', /^#1 OVERDUE/), 'and says when they were last heard').to.equal(2)
    await story.admin('take 1')
    expect(await story.times('room', /^#1 TAKEN/)).to.equal(1)
  })

  it('is there once, though it is saved under another id: what was saved before, and nobody was told so, changed nothing of what it says', async () => {
    const { disk, story, isIt } = await nearlyOverdue()
    await disk.unanswered(isIt, () => story.admin('edit Mo duration 90m'))
    disk.refuses = isIt
    await story.forward('12s')
    await story.roomHears(/^#1 OVERDUE/)
    disk.refuses = disk.isBehind = () => false
    await story.forward('30s')
    expect(await story.times('room', /^#1 OVERDUE/)).to.equal(1)
    await story.phone().hears(/an alert was sent/)
    await story.forward('5m')
    expect(await story.times('room', /^#1 OVERDUE/), 'the next rung').to.equal(2)
    await story.phone().texts('OUT')
    expect(await story.times('room', /^#1 STOOD DOWN/)).to.equal(1)
  })

  for (const [title, verdict, answer] of [
    ['refused it', refuses, works],
    ['took it and did not answer', works, hangsUp],
  ] as const)
    it(`is heard, and what has its id in the record, where the room ${title} until both were back`, async () => {
      const { disk, door, story, isIt } = await nearlyOverdue()
      await disk.unanswered(isIt, () => story.admin('edit Mo duration 90m'))
      disk.refuses = isIt
      Object.assign(door, { verdict, answer })
      await story.forward('12s')
      disk.refuses = disk.isBehind = () => false
      Object.assign(door, { verdict: works, answer: works })
      await story.forward('30s')
      expect(await story.times('room', /^Changed by Admin/)).to.equal(1)
      expect(await story.times('room', /^#1 OVERDUE/)).to.equal(1)
    })

  for (const isNewer of [false, true])
    it(`is heard again when it can be saved only after a while${isNewer ? ', under another id' : ''}`, async () => {
      const { disk, story, isIt } = await nearlyOverdue()
      if (isNewer) {
        await disk.unanswered(isIt, () => story.admin('edit Mo duration 90m'))
      }
      disk.refuses = isIt
      await story.forward('20m')
      expect(await story.times('room', /^#1 OVERDUE/)).to.equal(1)
      disk.refuses = disk.isBehind = () => false
      await story.forward('10s')
      expect(await story.times('room', /^#1 OVERDUE/)).to.equal(2)
      await story.forward('4m')
      expect(await story.times('room', /^#1 OVERDUE/)).to.equal(2)
    })

  it('is heard with what each of two phones wrote, though neither cry for help can be saved', async () => {
    const disk = new LosingDisk()
    const [sms, chat] = [new Line('sms'), new Line('telegram')]
    const story = await tell({
      store: disk.wrap,
      channels: (inbox, clock) => [sms.open(inbox, clock), chat.open(inbox, clock)],
    })
    const numbers = { sms: '+447700900002', telegram: '77' } as const
    const id = await story.register(
      'Fifi',
      { channel: 'sms', address: numbers.sms },
      { channel: 'telegram', address: numbers.telegram },
    )
    disk.refuses = (document) => document === id
    await story.phone(numbers.sms, 'sms').texts('SOS fell, at the weir')
    await story.phone(numbers.telegram, 'telegram').texts('SOS leg broken')
    await story.forward('6s')
    for (const words of [/at the weir/, /leg broken/]) expect(await story.times('room', words)).to.equal(1)
    disk.refuses = () => false
    await story.forward('20s')
    for (const words of [/at the weir/, /leg broken/]) expect(await story.times('room', words)).to.be.within(1, 2)
  })

  it('is not stood down while the cry for help that it told of waits to be applied', async () => {
    const [disk, lines] = [new LosingDisk(), new Line('sms')]
    const story = await tell({ store: disk.wrap, channels: (inbox, clock) => [lines.open(inbox, clock)] })
    const fifi = { channel: 'sms', address: '+447700900002' } as const
    const id = await story.register('Fifi', fifi)
    disk.refuses = (document) => document === id
    await story.phone(fifi.address, 'sms').texts('SOS')
    await story.roomHears(/^#1 SOS/)
    await story.forward('20s')
    disk.refuses = () => false
    await story.put({ type: 'moved', from: fifi, to: { ...fifi, address: '+447700900003' } })
    await story.forward('30s')
    expect(await story.times('room', /STOOD DOWN/)).to.equal(0)
    await story.admin('take 1')
    expect(await story.times('room', /^#1 TAKEN/)).to.equal(1)
  })
})

describe('an alarm that was said, and a store that stays away', () => {
  it('is not ended without a word by whoever comes first when it is back, however long that lasts', async () => {
    const disk = new LosingDisk()
    const story = await tell({ store: disk.wrap })
    await story.phone().texts('IN 10')
    const [member] = story.engine.house.overview.out()
    await story.forward('9m58s')
    disk.refuses = (id) => id === member?.id
    await story.forward('2m')
    await story.roomHears(/^#1 OVERDUE/)
    disk.refuses = () => false
    await story.phone().texts('OUT')
    await story.forward('10s')
    expect(await story.times('room', /^#1 STOOD DOWN/)).to.equal(1)
    expect(await story.times('room', /^#1 OVERDUE/)).to.equal(1)
  })
})

describe('a take that was saved, and nobody was told so', () => {
  it('is heard in the room, though the next alarm was said under the same id meanwhile', async () => {
    const disk = new LosingDisk()
    const story = await tell({ store: disk.wrap })
    await story.phone().texts('SOS')
    await story.forward('4m50s')
    const alarms = await story.times('room', /^#1 SOS/)
    const [member] = story.engine.house.overview.incidents()
    const isIt = (id: string): boolean => id === member?.id
    await disk.unanswered(isIt, () => story.admin('take 1'))
    disk.refuses = isIt
    await story.forward('20s')
    expect(await story.times('room', /^#1 SOS/), 'the next rung was said').to.equal(alarms + 1)
    disk.refuses = disk.isBehind = () => false
    await story.forward('20s')
    expect(await story.times('room', /^#1 TAKEN/)).to.equal(1)
  })
})

describe('a take that runs out, and a store that is away', () => {
  it('is said to be over once, though it is saved under another id, and later', async () => {
    const disk = new LosingDisk()
    const story = await tell({ store: disk.wrap })
    await story.phone().texts('SOS')
    await story.admin('take 1 10m')
    const [member] = story.engine.house.overview.incidents()
    const isIt = (id: string): boolean => id === member?.id
    await story.forward('9m58s')
    await disk.unanswered(isIt, () => story.admin('edit Mo duration 90m'))
    disk.refuses = isIt
    await story.forward('12s')
    expect(await story.times('room', /^#1 OPEN AGAIN/)).to.equal(1)
    disk.refuses = disk.isBehind = () => false
    await story.forward('20s')
    expect(await story.times('room', /^#1 OPEN AGAIN/)).to.equal(1)
    await story.phone().hears(/has gone quiet/)
  })
})

describe('an answer that a provider took, and the store could not save that for longer than its claim lasts', () => {
  for (const doubt of ['cannot-tell', 'find'] as const)
    it(`is not sent again (${doubt})`, async () => {
      const [disk, telegram] = [new LosingDisk(), new Line('telegram', doubt)]
      const story = await tell({ store: disk.wrap, channels: (inbox, clock) => [telegram.open(inbox, clock)] })
      const fifi = { channel: 'telegram', address: '7' } as const
      const id = await story.register('Fifi', fifi)
      telegram.verdict = () => void (disk.refuses = (document) => document === id)
      await story.phone(fifi.address, 'telegram').texts('IN 2h')
      expect(telegram.attempts).to.have.length(1)
      await story.forward('2m')
      disk.refuses = () => false
      await story.forward('1m')
      expect(telegram.to('7')).to.have.length(1)
      expect(story.engine.house.overview.oldestWaiting('unknown')).to.equal(undefined)
      expect(story.engine.house.overview.oldestWaiting('claimed')).to.equal(undefined)
    })
})

describe('an answer whose claim is saved some seconds after the store was given up', () => {
  it('does not wait for the end of that claim', async () => {
    const sms = new Line('sms')
    let isSlow = false
    let late: (() => Promise<void>) | undefined
    const slow = (store: Store): Store => ({
      ...store,
      documents: {
        ...store.documents,
        write: async (document) => {
          const isClaim = JSON.stringify(document.body).includes('"state":"claimed"')
          if (!isSlow || !document.id.includes('Fifi') || !(isClaim || late)) return store.documents.write(document)
          late ??= () => store.documents.write(document)
          throw new StoreError('timeout', 'no answer')
        },
      },
    })
    const story = await tell({ store: slow, channels: (inbox, clock) => [sms.open(inbox, clock)] })
    const fifi = { channel: 'sms', address: '+447700900002' } as const
    await story.register('Fifi', fifi)
    isSlow = true
    await story.phone(fifi.address, 'sms').texts('IN 2h')
    await story.forward('3s')
    await late?.()
    await story.forward('2s')
    isSlow = false
    await story.forward('5s')
    expect(sms.to(fifi.address)).to.have.length(1)
  })
})

describe('a cry for help that is saved under the id of the alarm that was said', () => {
  it('is heard as what it is', async () => {
    const { disk, story, isIt } = await nearlyOverdue()
    const sentAt = story.clock.now()
    disk.refuses = isIt
    await story.forward('2s')
    await story.roomHears(/^#1 OVERDUE/)
    // As if it had been on its way when that save was refused.
    story.engine.kernel.unsaved.has = () => false
    disk.refuses = () => false
    const heard = { type: 'message', from: { channel: 'simulator', address: MO }, text: 'SOS', sentAt } as const
    await story.put(heard)
    await story.forward('5s')
    expect(await story.times('room', /^#1 SOS/)).to.equal(1)
  })
})
