import { expect } from 'chai'
import { MINUTE, SECOND } from '../../src/core/time.ts'
import type { Heard } from '../../src/ports/inbox.ts'
import { Line, RoomDoor, hangs, works } from '../support/outside.ts'
import { ELEVEN, MO, tell } from '../support/story.ts'
import type { Story } from '../support/story.ts'

const FIFI = { channel: 'sms', address: '+447700900002' } as const
const said = (text: string, minutes: number): Heard => ({
  type: 'message',
  from: FIFI,
  text,
  sentAt: ELEVEN + minutes * MINUTE,
})

const world = async (): Promise<{ story: Story; sms: Line; telegram: Line; door: RoomDoor }> => {
  const [sms, telegram, door] = [new Line('sms'), new Line('telegram', 'cannot-tell'), new RoomDoor()]
  const story = await tell({
    room: door.wrap,
    channels: (inbox, clock) => [sms.open(inbox, clock), telegram.open(inbox, clock)],
  })
  await story.register('Fifi', FIFI)
  return { story, sms, telegram, door }
}

/** When the room first heard it, in milliseconds after eleven. */
const heardAt = async (story: Story, pattern: RegExp): Promise<number> => {
  const found = (await story.messages()).find((m) => m.to === 'room' && pattern.test(m.text))
  return Date.parse(found?.at ?? '') - ELEVEN
}

describe('after an outage', () => {
  it('providers are read back before anything that is due: an OUT sent meanwhile prevents the alarm', async () => {
    const { story, sms } = await world()
    await story.phone(FIFI.address, 'sms').texts('IN 30')
    sms.kept.push({ id: 'sms:1', heard: said('OUT', 20) })
    await story.crashesAndRestarts('45m')
    await story.forward('1h')
    expect(await story.times('room', /OVERDUE/)).to.equal(0)
    sms.heard(FIFI.address, /OUT noted/)
    expect(await story.roomHears(/^BLIND/)).to.match(/Was out, and is not any more: Fifi/)
    expect(sms.asked[0], 'read from before the outage').to.be.at.most(ELEVEN)
  })

  it('of a quarter of an hour and more, or from a backup, everybody who is out is asked, once; the room hears that they are', async () => {
    const { story } = await world()
    await story.phone().texts('IN 120')
    await story.phone(FIFI.address, 'sms').texts('IN 10')
    await story.crashesAndRestarts('20m')
    expect(await story.phone().hears(/^imok did not work/)).to.equal(
      'imok did not work 11:00-11:20. Our record: you are out until 13:00. Back? Text OUT. Still out? Text OK. In danger? Text SOS.',
    )
    expect(await story.times(FIFI.address, /did not work/), 'who is overdue hears of the alarm').to.equal(0)
    expect(await story.roomHears(/^BLIND/)).to.match(/Those who are out are asked by text/)
    await story.crashesAndRestarts('1m')
    expect(await story.times(MO, /did not work/)).to.equal(1)
    await story.phone().texts('NO')
    expect(await story.roomHears(/SOS/)).to.include('Mo')
  })

  it('of some minutes nobody is asked', async () => {
    const { story } = await world()
    await story.phone().texts('IN 120')
    await story.crashesAndRestarts('10m')
    expect(await story.roomHears(/^BLIND/)).to.not.match(/asked/)
    expect(await story.times(MO, /did not work/)).to.equal(0)
  })

  it('a provider that hangs delays the alarm by at most 10 s, and the room hears which could not be read', async () => {
    const { story, sms } = await world()
    await story.phone().texts('IN 30')
    sms.reading = () => new Promise<never>(() => undefined)
    await story.crashesAndRestarts('45m')
    expect(await heardAt(story, /^#1 OVERDUE/)).to.be.within(45 * MINUTE, 45 * MINUTE + 11 * SECOND)
    expect(await story.roomHears(/^BLIND to everything/)).to.match(/Could not be read back: SMS. Texts may be missing/)
  })

  it('a provider that fails delays it not at all', async () => {
    const { story, sms } = await world()
    await story.phone().texts('IN 30')
    sms.reading = () => {
      throw new Error('401')
    }
    await story.crashesAndRestarts('45m')
    expect(await heardAt(story, /^#1 OVERDUE/)).to.be.at.most(45 * MINUTE + SECOND)
    await story.roomHears(/Could not be read back: SMS/)
  })

  it('one provider that hangs does not keep another’s texts from being read', async () => {
    const { story, sms, telegram } = await world()
    await story.phone(FIFI.address, 'sms').texts('IN 30')
    telegram.reading = () => new Promise<never>(() => undefined)
    sms.kept.push({ id: 'sms:1', heard: said('OUT', 20) })
    await story.crashesAndRestarts('45m')
    expect(await story.times('room', /OVERDUE/)).to.equal(0)
  })

  it('an alarm is marked “texts may be missing”, and BLIND names from when to when and who was out', async () => {
    const { story } = await world()
    await story.phone().texts('IN 30')
    await story.phone(FIFI.address, 'sms').texts('IN 90')
    await story.forward('10m')
    await story.crashesAndRestarts('30m')
    expect(await story.roomHears(/^#1 OVERDUE, unconfirmed: Mo Member/)).to.match(
      /Texts may be missing: nobody read them 11:\d\d–11:40/,
    )
    const blind = await story.roomHears(/^BLIND to everything, 11:\d\d–11:40/)
    expect(blind)
      .to.match(/Alarm open: Mo Member, due 11:30/)
      .and.to.match(/Out: Fifi, due 12:30/)
    // Her own deadline is not marked: everything since has been read.
    await story.forward('50m')
    expect(await story.roomHears(/^#2 OVERDUE, unconfirmed: Fifi/)).to.match(/In 11:00, due 12:30/)
  })

  it('the alarm that was open goes on where its ladder stood', async () => {
    const { story } = await world()
    await story.phone().texts('SOS')
    await story.crashesAndRestarts('7m')
    expect(await story.times('room', /^#1 SOS/), 'the repeat of 11:05').to.equal(2)
    await story.forward('3m')
    expect(await story.times('room', /^#1 SOS/)).to.equal(3)
  })

  it('an alert that was being sent when the power failed is heard once', async () => {
    const { story, door } = await world()
    await story.phone().texts('IN 10')
    await story.forward('9m')
    door.verdict = hangs
    await story.forward('1m')
    expect(door.attempts.at(-1)?.text).to.match(/^#1 OVERDUE/)
    door.verdict = works
    await story.crashesAndRestarts('3s')
    await story.forward('15s')
    expect(await story.times('room', /^#1 OVERDUE/)).to.equal(1)
    await story.phone().hears(/an alert was sent/)
  })

  it('an alert that the room took just before the power failed is not heard twice', async () => {
    const { story, door } = await world()
    let sent = false
    const wrap = door.wrap
    Object.assign(story.options, {
      room: (room: Parameters<typeof wrap>[0]) => {
        const inner = wrap(room)
        return {
          ...inner,
          send: async (message: Parameters<typeof inner.send>[0]) => {
            const accepted = await inner.send(message)
            if (!message.text.includes('SOS') || sent) return accepted
            sent = true
            return new Promise<never>(() => undefined)
          },
        }
      },
    })
    await story.crashesAndRestarts('1s')
    await story.phone().texts('SOS')
    await story.crashesAndRestarts('2s')
    await story.forward('1m')
    expect(await story.times('room', /^#1 SOS/)).to.equal(1)
    await story.phone().hears(/Alert sent/)
  })

  it('what was stored and not applied is applied first, in order', async () => {
    const { story } = await world()
    await story.phone().texts('IN 60')
    const put = (id: string, text: string): Promise<unknown> =>
      story.store.inbox.put({
        id,
        sender: `simulator:${MO}`,
        receivedAt: story.clock.now(),
        heard: { type: 'message', from: { channel: 'simulator', address: MO }, text },
      })
    // Durable, answered, and then the process died.
    await put('sms:8', 'OUT')
    await put('sms:9', 'SOS')
    await story.crashesAndRestarts('3s')
    await story.phone().hears(/OUT noted/)
    await story.roomHears(/^#1 SOS: Mo Member/)
    expect(await story.store.inbox.pending()).to.deep.equal([])
  })

  it('numbers go on where they were', async () => {
    const { story } = await world()
    await story.phone().texts('SOS')
    await story.admin('resolve 1 reached')
    await story.crashesAndRestarts('3s')
    await story.phone().texts('SOS')
    await story.roomHears(/^#2 SOS/)
  })

  it('a short restart with nobody out says nothing; a long one does', async () => {
    const { story } = await world()
    await story.stops()
    await story.starts()
    expect(await story.room()).to.deep.equal([])
    await story.crashesAndRestarts('2h')
    expect(await story.roomHears(/^BLIND to everything, 11:00–13:00/)).to.match(/Nobody was out/)
  })

  it('a channel that was dead while we ran is announced when it is back, with what was read back', async () => {
    const { story, sms } = await world()
    await story.phone(FIFI.address, 'sms').texts('IN 60')
    sms.trouble = 'http-503'
    await story.forward('2m')
    await story.roomHears(/TROUBLE since 11:00: SMS does not work/)
    sms.kept.push({ id: 'sms:7', heard: said('OUT', 1) })
    sms.trouble = undefined
    await story.forward('10s')
    expect(await story.roomHears(/^BLIND to SMS, 11:00–11:02/)).to.match(/has been read back/)
    sms.heard(FIFI.address, /OUT noted/)
    expect(story.engine.pulse.watching().ok, 'one dead channel never reddens it').to.equal(true)
  })
})
