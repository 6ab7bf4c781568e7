import { expect } from 'chai'
import { Line, RoomDoor, hangs, refuses, works } from '../support/outside.ts'
import { MO, tell } from '../support/story.ts'

const FIFI = { channel: 'telegram', address: '4711' } as const
const duty = [1, 2, 3].map((n) => ({
  id: `@duty${String(n)}:example.org`,
  addresses: [{ channel: 'sms' as const, address: `+44770090030${String(n)}` }],
}))

/** The faults of the other system that imok replaces, as far as they concern these parts. */
describe('riban’s faults', () => {
  it('riban fault 1: a member who could not be reached was never escalated', async () => {
    const telegram = new Line('telegram')
    const story = await tell({ channels: (inbox, clock) => [telegram.open(inbox, clock)] })
    await story.register('Fifi', FIFI)
    await story.phone('4711', 'telegram').texts('IN 60')
    telegram.verdict = hangs
    await story.forward('75m')
    const alert = await story.roomHears(/^#1 OVERDUE, unconfirmed: Fifi/)
    expect(alert).to.match(/No reminder is known to have arrived/)
    expect(await story.times('room', /^#1 OVERDUE/)).to.be.at.least(3)
  })

  it('riban fault 2: blocking the bot deleted the session in silence', async () => {
    const telegram = new Line('telegram')
    const story = await tell({ channels: (inbox, clock) => [telegram.open(inbox, clock)] })
    await story.register('Fifi', FIFI)
    await story.phone('4711', 'telegram').texts('IN 60')
    await story.put({ type: 'line-cut', from: FIFI, why: 'blocked' })
    await story.roomHears(/PLEASE RING Fifi: no message gets there any more/)
    await story.forward('60m')
    await story.roomHears(/^#1 OVERDUE, unconfirmed: Fifi/)
    // Any later word revives a line that was only blocked.
    await story.phone('4711', 'telegram').texts('OUT')
    await story.roomHears(/^#1 STOOD DOWN/)
    telegram.heard('4711', /OUT noted/)
  })

  it('riban fault 3: one unreachable supervisor silenced the rest', async () => {
    const sms = new Line('sms')
    const story = await tell({ duty, channels: (inbox, clock) => [sms.open(inbox, clock)] })
    sms.verdict = (text, to) =>
      to.endsWith('301') ? refuses(text, to) : to.endsWith('302') ? hangs(text, to) : undefined
    await story.phone().texts('SOS')
    expect(sms.times('+447700900303', /an alert needs you/)).to.equal(1)
    await story.roomHears(/^#1 SOS/)
  })

  it('riban fault 4: the process died when a session began or ended during a pass of alerts', async () => {
    const door = new RoomDoor()
    const story = await tell({ room: door.wrap })
    const numbers = Array.from({ length: 12 }, (_, i) => `+4477009001${String(10 + i)}`)
    for (const [i, address] of numbers.entries()) {
      await story.register(`Member ${String(i)}.`, { channel: 'simulator', address })
      if (i < 10) await story.phone(address).texts('IN 10')
    }
    await story.forward('9m')
    const held: (() => void)[] = []
    door.verdict = (text) => (/OVERDUE|ROLL-CALL/.test(text) ? new Promise((resolve) => held.push(resolve)) : undefined)
    await story.forward('1m')
    await story.phone(numbers[10]).texts('IN 30')
    for (const address of numbers.slice(0, 3)) await story.phone(address).texts('OUT')
    await story.phone(numbers[11]).texts('SOS')
    door.verdict = works
    for (const release of held) release()
    await story.forward('1m')
    for (const i of [3, 4, 5, 6, 7, 8, 9])
      await story.roomHears(new RegExp(`(?:OVERDUE, unconfirmed: |ROLL-CALL[^]*#\\d+ )Member ${String(i)}\\.`))
    await story.roomHears(/SOS: Member 11\./)
    // Whose alarm nobody had heard need not be stood down.
    for (const i of [0, 1, 2]) {
      const heard = await story.times('room', new RegExp(`(?:OVERDUE, unconfirmed: |#\\d+ )Member ${String(i)}\\.`))
      const over = await story.times(
        'room',
        new RegExp(`STOOD DOWN: OUT came from the phone of Member ${String(i)}\\.`),
      )
      expect(over).to.equal(heard)
    }
    await story.forward('30m')
    await story.roomHears(/ROLL-CALL, unconfirmed[^]*#12 Member 10\./)
  })

  it('riban fault 5: `/begin` twice lost what the session had; IN twice keeps its beginning and restates the deadline', async () => {
    const story = await tell()
    await story.phone().texts('IN 60')
    await story.forward('20m')
    await story.phone().texts('IN 60')
    await story.phone().hears(/^Noted 11:20. Text OUT by 12:20/)
    await story.forward('59m')
    expect(await story.times('room', /OVERDUE/)).to.equal(0)
    await story.forward('1m')
    expect(await story.roomHears(/^#1 OVERDUE/)).to.match(/In 11:00, due 12:20/)
  })

  it('riban fault 6: `/handle` told nobody; a take is said to room and member', async () => {
    const story = await tell()
    await story.phone().texts('SOS')
    await story.admin('take 1', { id: '@asha:example.org', name: 'Asha' })
    await story.roomHears(/^#1 TAKEN by Asha until 11:30/)
    await story.phone().hears(/a person has answered/)
  })

  it('riban fault 7: most of the state was never saved; a crash loses neither watch, alarm, take, note nor name', async () => {
    const story = await tell()
    await story.phone().texts('NAME Momo')
    await story.phone().texts('IN 60')
    await story.crashesAndRestarts('1s')
    await story.phone().texts('STATUS')
    await story.phone().hears(/you are checked in. Text OUT by 12:00/)
    await story.phone().texts('SOS')
    await story.admin('note 1 rang, no answer')
    await story.admin('take 1')
    await story.crashesAndRestarts('1s')
    await story.admin('member Momo')
    await story.roomHears(/Momo: ALARM OPEN/)
    await story.forward('25m')
    await story.roomHears(/Still with it, Admin\?/)
    await story.forward('5m')
    expect(await story.roomHears(/^#1 OPEN AGAIN: Momo/)).to.match(/rang, no answer/)
  })

  it('riban fault 8: queued messages were thrown away at the start and after every error', async () => {
    const sms = new Line('sms')
    const story = await tell({ channels: (inbox, clock) => [sms.open(inbox, clock)] })
    await story.register('Fifi', { channel: 'sms', address: '+447700900002' })
    await story.phone('+447700900002', 'sms').texts('IN 60')
    // It came while nobody ran, and waits at the provider.
    sms.kept.push({
      id: 'sms:SM77',
      heard: {
        type: 'message',
        from: { channel: 'sms', address: '+447700900002' },
        text: 'SOS',
        sentAt: story.clock.now(),
      },
    })
    await story.crashesAndRestarts('5m')
    await story.roomHears(/^#1 SOS: Fifi/)
  })

  it('riban fault 9: anybody could supervise anybody and list everyone', async () => {
    const story = await tell()
    await story.phone().texts('IN 60')
    const stranger = story.phone('+447700900666')
    for (const text of ['members', 'board', 'member Mo', '/supervise', '/sessions', 'take 1'])
      await stranger.texts(text)
    expect(await stranger.heard()).to.deep.equal([])
    // Nor does a member read of others, or order anything.
    for (const text of ['members', 'board', 'member Mo', 'out Mo']) await story.phone().texts(text)
    expect((await story.phone().heard()).join('\n')).not.to.match(/Mo Member|member\b.*:|out until/)
    expect(await story.times('room', /Checked out|Looked up/)).to.equal(0)
  })

  it('riban fault 10: unknown words got no answer and `/okay` no confirmation', async () => {
    const story = await tell()
    await story.phone().texts('is anybody there')
    await story.phone().hears(/Received 11:00 and being passed on. It may not be read soon/)
    await story.roomHears(/From Mo Member, 11:00:[^]*is anybody there/)
    await story.phone().texts('IN 60')
    for (const said of ['OK', 'okay', 'k', '👍']) {
      await story.phone().texts(said)
      expect((await story.phone().heard()).at(-1), said).to.match(/OK noted 11:00. Your time still ends at 12:00/)
    }
    expect(await story.times(MO, /OK noted/)).to.equal(4)
  })
})
