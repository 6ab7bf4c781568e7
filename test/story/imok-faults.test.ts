import { expect } from 'chai'
import { SendError } from '../../src/ports/channel.ts'
import { ELEVEN, MO, tell } from '../support/story.ts'
import { hangs, Line, refuses, RoomDoor, works } from '../support/outside.ts'

/** The faults of the system that imok replaces, 1 to 8: each must be impossible here. */
describe('imok’s faults, 1 to 8', () => {
  it('imok fault 1: the alarm worked once for each member; the next missed check-out raises again', async () => {
    const story = await tell()
    for (const n of [1, 2, 3, 4]) {
      await story.phone().texts('IN 10')
      await story.forward('10m')
      await story.roomHears(new RegExp(`^#${String(n)} OVERDUE`))
      if (n % 2 === 0) await story.phone().texts('OUT')
      else await story.admin(`resolve ${String(n)} rang, all is well`)
    }
    expect(await story.times(MO, /an alert was sent/)).to.equal(4)
  })

  it('imok fault 2: “mark safe” alarmed again within a minute; what a human closed stays closed', async () => {
    const story = await tell()
    await story.phone().texts('IN 10')
    await story.forward('12m')
    await story.admin('resolve 1 home safe')
    await story.roomHears(/^#1 CLOSED by Admin: home safe/)
    const heard = (await story.room()).length
    await story.forward('1h')
    expect(await story.room()).to.have.length(heard)
    await story.phone().texts('STATUS')
    await story.phone().hears(/you are not checked in and no alarm is on/)
  })

  it('imok fault 2: nor does a check-out by an admin alarm again', async () => {
    const story = await tell()
    await story.phone().texts('IN 10')
    await story.forward('9m')
    await story.admin('out Mo')
    await story.phone().hears(/the people watching checked you out/)
    await story.forward('1h')
    expect(await story.times('room', /OVERDUE/)).to.equal(0)
  })

  it('imok fault 3: “I notified the admins” was said when nobody was; “alert sent” waits for a server', async () => {
    const door = new RoomDoor()
    const story = await tell({ room: door.wrap })
    await story.phone().texts('IN 10')
    door.verdict = refuses
    await story.forward('14m')
    await story.phone().hears(/11:10: we are trying to send an alert, it has reached nobody yet/)
    expect(await story.times(MO, /an alert was sent/)).to.equal(0)
    door.verdict = works
    await story.forward('5s')
    await story.roomHears(/^#1 OVERDUE/)
    await story.phone().hears(/an alert was sent at 11:14/)
  })

  it('imok fault 3: an SOS says for how many people a server accepted it, and not before', async () => {
    const door = new RoomDoor()
    const story = await tell({ room: door.wrap })
    door.verdict = refuses
    door.readers = 4
    await story.phone().texts('SOS')
    expect(await story.phone().heard()).to.deep.equal([])
    await story.forward('4s')
    await story.phone().hears(/we are trying to alert people, nobody has it yet.*999/)
    door.verdict = works
    await story.forward('5s')
    await story.phone().hears(/Alert sent 11:00 to 4 people/)
    expect(await story.times(MO, /Alert sent/)).to.equal(1)
  })

  it('imok fault 3: a room that nobody reads is nobody', async () => {
    const door = new RoomDoor()
    const story = await tell({ room: door.wrap })
    door.readers = 0
    await story.phone().texts('SOS')
    await story.phone().hears(/it has reached nobody yet/)
    expect(await story.times(MO, /Alert sent/)).to.equal(0)
  })

  it('imok fault 4: marked sent before it was sent; a refused alert is tried at least every 5 s until it is heard', async () => {
    const door = new RoomDoor()
    const story = await tell({ room: door.wrap })
    await story.phone().texts('IN 10')
    await story.forward('9m')
    door.verdict = refuses
    await story.forward('3m')
    const tried = door.attempts.filter((a) => a.text.startsWith('#1 OVERDUE'))
    expect(tried.length).to.be.at.least(2 * 12)
    expect(new Set(tried.map((a) => a.id)).size, 'one alert, under one id').to.equal(1)
    door.verdict = works
    await story.forward('5s')
    expect(await story.times('room', /^#1 OVERDUE/)).to.equal(1)
  })

  it('imok fault 4: not even “never” is believed of the room: an alert is tried until it is heard or over', async () => {
    const door = new RoomDoor()
    const story = await tell({ room: door.wrap })
    for (const kind of ['impossible', 'dead'] as const) {
      door.verdict = () => {
        throw new SendError(kind, 'matrix-403')
      }
      await story.phone().texts('SOS')
      await story.forward('1m')
      door.verdict = works
      await story.forward('6s')
      await story.roomHears(/^#\d SOS/)
      await story.admin(`resolve ${kind === 'dead' ? '2' : '1'} reached`)
    }
    expect(await story.times('room', /^#\d SOS/)).to.equal(2)
  })

  it('imok fault 4: a refused reminder is tried again', async () => {
    const sms = new Line('sms')
    const story = await tell({ channels: (inbox, clock) => [sms.open(inbox, clock)] })
    const fifi = { channel: 'sms', address: '+447700900002' } as const
    await story.register('Fifi', fifi)
    await story.phone(fifi.address, 'sms').texts('IN 60')
    sms.verdict = refuses
    await story.forward('51m')
    expect(sms.times(fifi.address, /time ends/)).to.equal(0)
    sms.verdict = works
    await story.forward('2m')
    expect(sms.times(fifi.address, /your time ends at 12:00/)).to.equal(1)
  })

  it('imok fault 5: one bad recipient aborted the run; phones that hang or refuse hold nobody up', async () => {
    const sms = new Line('sms')
    const door = new RoomDoor()
    const duty = [1, 2, 3].map((n) => ({
      id: `@duty${String(n)}:example.org`,
      addresses: [{ channel: 'sms' as const, address: `+44770090030${String(n)}` }],
    }))
    const story = await tell({ duty, room: door.wrap, channels: (inbox, clock) => [sms.open(inbox, clock)] })
    for (const n of [2, 3, 4]) {
      const address = `+44770090000${String(n)}`
      await story.register(`Member ${String(n)}`, { channel: 'sms', address })
      await story.phone(address, 'sms').texts('IN 10')
    }
    await story.forward('9m')
    sms.verdict = (_, to) =>
      to === '+447700900002' || to === '+447700900301'
        ? hangs(_, to)
        : to === '+447700900302'
          ? refuses(_, to)
          : undefined
    door.verdict = (text) => (text.includes('Member 3') ? hangs(text, 'room') : undefined)
    await story.forward('12m')
    for (const n of ['2', '4']) await story.roomHears(new RegExp(`OVERDUE, unconfirmed: Member ${n}`))
    sms.heard('+447700900004', /an alert was sent/)
    sms.heard('+447700900303', /an alert needs you/)
    const at = (await story.messages()).find((m) => m.text.includes('unconfirmed: Member 4'))?.at
    expect(Date.parse(at ?? '')).to.be.at.most(ELEVEN + 601_000)
  })

  it('imok fault 6: a reminder being sent overwrote an SOS', async () => {
    const sms = new Line('sms')
    const story = await tell({ channels: (inbox, clock) => [sms.open(inbox, clock)] })
    const fifi = { channel: 'sms', address: '+447700900002' } as const
    await story.register('Fifi', fifi)
    const phone = story.phone(fifi.address, 'sms')
    await phone.texts('IN 60')
    let release: () => void = () => undefined
    sms.verdict = (text) => (text.includes('time ends') ? new Promise((resolve) => (release = resolve)) : undefined)
    await story.forward('50m')
    expect(sms.attempts.at(-1)?.text).to.match(/time ends/)
    await phone.texts('SOS by the bridge')
    release()
    await story.settled()
    await story.roomHears(/^#1 SOS: Fifi[^]*by the bridge/)
    await story.forward('11m')
    expect(await story.times('room', /^#1 SOS/)).to.be.at.least(3)
    sms.heard(fifi.address, /Alert sent/)
  })

  it('imok fault 6: an OUT just before the deadline alarmed all the same', async () => {
    let slow: Promise<void> = Promise.resolve()
    const story = await tell({
      store: (store) => ({
        ...store,
        addresses: { ...store.addresses, find: async (address) => (await slow, store.addresses.find(address)) },
      }),
    })
    await story.phone().texts('IN 60')
    await story.forward('59m59s')
    await story.phone().texts('OUT')
    await story.forward('30m')
    expect(await story.times('room', /OVERDUE/)).to.equal(0)

    await story.phone().texts('IN 10')
    await story.forward('9m')
    await story.forward('59s')
    let release: () => void = () => undefined
    slow = new Promise((resolve) => (release = resolve))
    await story.phone().texts('OUT')
    await story.forward('1s')
    release()
    await story.settled()
    await story.forward('1h')
    const alarms = await story.times('room', /OVERDUE/)
    expect(await story.times('room', /STOOD DOWN/), 'whoever heard an alarm hears that it is over').to.equal(alarms)
    await story.phone().hears(/OUT noted/)
  })

  it('imok fault 7: anybody’s word was taken; a stranger’s changes nothing and gets no reply', async () => {
    const telegram = new Line('telegram')
    const story = await tell({ channels: (inbox, clock) => [telegram.open(inbox, clock)] })
    await story.phone().texts('IN 60')
    const before = await story.engine.house.members.read('member1MoMember')
    const stranger = story.phone('+447700900666')
    for (const text of ['OUT', 'SOS', 'take 1', 'out Mo', 'YES', 'NAME Mo Member']) await stranger.texts(text)
    await story.phone('666', 'telegram').texts('OUT')
    await story.put({
      type: 'link',
      from: { channel: 'telegram', address: '666' },
      token: 'guessed',
      displayName: 'Mo',
    })
    await story.put({ type: 'receipt', effectId: 'member1MoMember:99:99', status: 'delivered' })
    await story.put({ type: 'line-cut', from: { channel: 'simulator', address: '+447700900666' }, why: 'blocked' })
    expect(await stranger.heard()).to.deep.equal([])
    expect(telegram.sent).to.deep.equal([])
    expect(await story.engine.house.members.read('member1MoMember')).to.equal(before)
    expect(await story.times('room', /^UNVERIFIED/)).to.be.at.least(5)
  })

  it('imok fault 8: the first chat that added the bot became the admins’; orders come from the room alone', async () => {
    const telegram = new Line('telegram')
    const story = await tell({ channels: (inbox, clock) => [telegram.open(inbox, clock)] })
    await story.phone().texts('SOS')
    for (const address of ['-1001', '4711']) await story.phone(address, 'telegram').texts('take 1')
    await story.phone().texts('take 1')
    await story.phone().texts('resolve 1 fine')
    expect(await story.times('room', /TAKEN|CLOSED/)).to.equal(0)
    expect(telegram.sent).to.deep.equal([])
    await story.forward('5m')
    expect(await story.times('room', /^#1 SOS/)).to.equal(2)
  })
})
