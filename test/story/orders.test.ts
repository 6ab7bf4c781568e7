import { expect } from 'chai'
import { Line, RoomDoor, optedOut } from '../support/outside.ts'
import type { Story } from '../support/story.ts'
import { MO, tell } from '../support/story.ts'

const ASHA = { id: '@asha:example.org', name: 'Asha' }
const BEN = { id: '@ben:example.org', name: 'Ben' }

const alarm = async (): Promise<{ story: Story; door: RoomDoor }> => {
  const door = new RoomDoor()
  const story = await tell({ room: door.wrap })
  await story.phone().texts('SOS')
  return { story, door }
}

describe('orders in the room: an alarm', () => {
  it('take: it is quiet, the member is told, the number is shown to the one who took it', async () => {
    const { story } = await alarm()
    expect((await story.room()).join('\n'), 'no number before that').not.to.contain(MO)
    await story.admin('take 1', ASHA)
    expect(await story.roomHears(/^#1 TAKEN by Asha until 11:30/)).to.contain(MO)
    await story.phone().hears(/11:00: a person has answered and may contact you/)
    await story.forward('29m')
    expect(await story.times('room', /^#1 SOS/)).to.equal(1)
  })

  it('before a take ends its holder is asked; then the incident is open again, and louder', async () => {
    const { story, door } = await alarm()
    await story.admin('take 1', ASHA)
    await story.forward('25m')
    await story.roomHears(/Still with it, Asha\? You have Mo Member until 11:30/)
    expect(await story.times('room', /OPEN AGAIN/)).to.equal(0)
    await story.forward('5m')
    await story.roomHears(/^#1 OPEN AGAIN: Mo Member, 11:30. Asha has not confirmed. Nobody has it/)
    expect(door.attempts.at(-1)?.loud).to.equal(true)
    await story.phone().hears(/has gone quiet, so we are alerting the others again/)
    await story.forward('5m')
    expect(await story.times('room', /^#1 (SOS|OPEN AGAIN)/)).to.equal(3)
  })

  it('taken once more before the end, it goes on from there', async () => {
    const { story } = await alarm()
    await story.admin('take 1', ASHA)
    await story.forward('25m')
    await story.admin('take 1', ASHA)
    await story.roomHears(/TAKEN by Asha until 11:55/)
    await story.forward('29m')
    expect(await story.times('room', /OPEN AGAIN/)).to.equal(0)
    expect(await story.times(MO, /a person has answered/), 'said once').to.equal(1)
    await story.forward('1m')
    await story.roomHears(/OPEN AGAIN/)
  })

  it('take until a named time, at most twelve hours', async () => {
    const { story } = await alarm()
    await story.admin('take 1 until 12:30', ASHA)
    await story.roomHears(/TAKEN by Asha until 12:30/)
    await story.forward('1h29m')
    expect(await story.times('room', /OPEN AGAIN/)).to.equal(0)
    await story.admin('take 1 20h', ASHA)
    await story.roomHears(/TAKEN by Asha until 00:29/)
  })

  it('take until a time that has passed is refused, and the alarm goes on', async () => {
    const { story } = await alarm()
    await story.admin('take 1 until 10:30', ASHA)
    await story.roomHears(/Not done: 10:30 has passed/)
    await story.forward('5m')
    expect(await story.times('room', /^#1 SOS/)).to.equal(2)
  })

  it('somebody else may take it over, and it says from whom', async () => {
    const { story } = await alarm()
    await story.admin('take 1', ASHA)
    await story.admin('take 1', BEN)
    expect(await story.roomHears(/TAKEN by Ben/)).to.match(/Taken over from Asha/)
  })

  it('hand: nothing changes until the other one takes it', async () => {
    const { story } = await alarm()
    await story.admin('take 1', ASHA)
    await story.admin('hand 1 @ben', ASHA)
    await story.roomHears(/For @ben[^]*Asha asks you to take over Mo Member. Nothing changes until you write: take 1/)
    await story.forward('30m')
    await story.roomHears(/OPEN AGAIN: Mo Member, 11:30. Asha has not confirmed/)
    await story.admin('take 1', BEN)
    await story.roomHears(/TAKEN by Ben/)
  })

  it('a bare take is enough while exactly one alarm is open; with two it asks which', async () => {
    const { story } = await alarm()
    await story.register('Fifi', { channel: 'simulator', address: '+447700900002' })
    await story.phone('+447700900002').texts('SOS')
    await story.admin('take')
    await story.roomHears(/Which one\? Open now: 1, 2/)
    expect(await story.times('room', /TAKEN/)).to.equal(0)
    await story.admin('resolve 1 reached')
    await story.admin('take')
    await story.roomHears(/^#2 TAKEN/)
  })

  it('say is the only way to the member, and what became of it is said', async () => {
    const { story } = await alarm()
    await story.admin('hold on, I am ringing Mo now')
    await story.admin('say 1 are you still inside?')
    await story.phone().hears(/From the people watching, 11:00: are you still inside\?/)
    await story.roomHears(/Sent to Mo Member at 11:00/)
    expect((await story.phone().heard()).join('\n')).not.to.match(/ringing/)
  })

  it('say to a phone that is gone is said to have failed', async () => {
    const sms = new Line('sms')
    const story = await tell({ channels: (inbox, clock) => [sms.open(inbox, clock)] })
    await story.register('Fifi', { channel: 'sms', address: '+447700900002' })
    await story.phone('+447700900002', 'sms').texts('SOS')
    sms.verdict = optedOut
    await story.admin('say 1 are you there')
    await story.forward('5s')
    await story.roomHears(/NOT sent to Fifi/)
  })

  it('note: it stands in every later alert', async () => {
    const { story } = await alarm()
    await story.admin('note 1 rang, no answer', ASHA)
    await story.roomHears(/Noted for Mo Member/)
    await story.forward('5m')
    expect((await story.room()).at(-1)).to.match(/^#1 SOS[^]*Note by Asha, 11:00:[^]*rang, no answer/)
  })

  it('an order that came twice is obeyed once', async () => {
    const { story } = await alarm()
    for (let i = 0; i < 2; i++) await story.put({ type: 'order', by: ASHA, text: 'take 1' }, 'room:77')
    expect(await story.times('room', /TAKEN/)).to.equal(1)
    for (let i = 0; i < 2; i++) await story.put({ type: 'order', by: ASHA, text: 'members' }, 'room:78')
    expect(await story.times('room', /^1 member/)).to.equal(1)
  })

  it('talk that merely sounds like an order changes nothing', async () => {
    const { story } = await alarm()
    const heard = (await story.room()).length
    for (const text of [
      "out Mo isn't answering",
      'take care all',
      'I will take 1 of the cars',
      'resolve this please?',
      'anybody near Mo?',
    ])
      await story.admin(text)
    expect(await story.times('room', /TAKEN|CLOSED|Checked out/)).to.equal(0)
    expect((await story.room()).length - heard).to.be.at.most(2)
  })
})

describe('orders in the room: people', () => {
  it('in, extend, out: for somebody whose phone is flat', async () => {
    const story = await tell()
    await story.admin('in Mo 60', ASHA)
    await story.roomHears(/Checked in by Asha: Mo Member, until 12:00/)
    await story.phone().hears(/checked you in at 11:00. Text OUT by 12:00/)
    await story.admin('extend Mo 30', ASHA)
    await story.roomHears(/More time from Asha: Mo Member, until 12:30/)
    await story.admin('in Mo', ASHA)
    await story.roomHears(/Checked in already: Mo Member, until 12:30/)
    await story.forward('90m')
    await story.roomHears(/^#1 OVERDUE/)
    for (const order of ['out Mo', 'extend Mo 30', 'in Mo']) {
      await story.admin(order)
      expect((await story.room()).at(-1), order).to.match(
        /Not done: an alarm is open for Mo Member. End it first: resolve 1/,
      )
    }
    await story.admin('resolve 1 home')
    await story.admin('out Mo')
    await story.roomHears(/Not checked in: Mo Member/)
  })

  it('edit changes what it says, and says who did', async () => {
    const story = await tell()
    await story.admin('edit Mo notes diabetic', ASHA)
    await story.roomHears(/Changed by Asha: notes of Mo Member/)
    await story.admin('edit Mo duration 90m', ASHA)
    await story.admin('edit Mo quiet on', ASHA)
    await story.admin('edit Mo name Momo', ASHA)
    await story.phone().texts('IN')
    await story.phone().hears(/OUT by 12:30/)
    await story.forward('90m')
    expect(await story.times(MO, /time ends/), 'quiet').to.equal(0)
    expect(await story.roomHears(/^#1 OVERDUE, unconfirmed: Momo/)).to.match(/Notes: diabetic/)
    for (const [order, answer] of [
      ['edit Momo language xx', /Not understood, nothing changed|cannot be/],
      ['edit Momo duration 5m banana', /cannot be|Write it like/],
      ['edit Momo number 12', /is not a phone number/],
      ['edit Nobody name X', /No member is called/],
    ] as const) {
      await story.admin(order)
      expect((await story.room()).at(-1), order).to.match(answer)
    }
  })

  it('edit number: the new phone writes and is written to', async () => {
    const sms = new Line('sms')
    const story = await tell({ channels: (inbox, clock) => [sms.open(inbox, clock)] })
    await story.register('Fifi', { channel: 'sms', address: '+447700900002' })
    await story.admin('edit Fifi number +447700900003')
    await story.phone('+447700900003', 'sms').texts('IN 60')
    sms.heard('+447700900003', /OUT by 12:00/)
    // The old phone is hers no more: somebody else may have found it.
    await story.phone('+447700900002', 'sms').texts('OUT')
    expect(story.engine.house.overview.out()).to.have.length(1)
    await story.roomHears(/UNVERIFIED: \+447700900002/)
  })

  it('invite: a text, YES, one word to the admins; before YES everything works', async () => {
    const sms = new Line('sms')
    const story = await tell({ channels: (inbox, clock) => [sms.open(inbox, clock)] })
    await story.admin('invite +447700900123 Fifi', ASHA)
    sms.heard('+447700900123', /imok invites you. Text YES to join. Unexpected\? Ignore it/)
    await story.roomHears(/Invited by Asha: Fifi/)
    const fifi = story.phone('+447700900123', 'sms')
    await fifi.texts('SOS')
    await story.roomHears(/^#1 SOS: Fifi/)
    for (const word of ['yes', 'YES', 'Y', 'START']) await fifi.texts(word)
    expect(await story.times('room', /Joined at 11:00: Fifi/)).to.equal(1)
    sms.heard('+447700900123', /You are registered/)
    await story.admin('invite +447700900123 Fifi')
    await story.roomHears(/a member has that number already/)
  })

  it('invite telegram: a personal link that works once, for whoever opens it first', async () => {
    const telegram = new Line('telegram')
    const story = await tell({ channels: (inbox, clock) => [telegram.open(inbox, clock)] })
    await story.admin('invite telegram Fifi')
    const link = /start=(\S+)/.exec(await story.roomHears(/https:\/\/t.me\/imok_bot\?start=/))?.[1] ?? ''
    const opens = (address: string): Promise<void> =>
      story.put({ type: 'link', from: { channel: 'telegram', address }, token: link })
    await opens('4711')
    telegram.heard('4711', /You are registered/)
    await opens('666')
    expect(telegram.to('666')).to.deep.equal([])
    await story.phone('4711', 'telegram').texts('IN 60')
    telegram.heard('4711', /OUT by 12:00/)
    await story.roomHears(/Joined at 11:00: Fifi/)
  })
})
