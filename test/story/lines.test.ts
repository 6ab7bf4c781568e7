import { expect } from 'chai'
import { Line, RoomDoor, optedOut, refuses, works } from '../support/outside.ts'
import type { Story } from '../support/story.ts'
import { tell } from '../support/story.ts'

const FIFI = { channel: 'sms', address: '+447700900002' } as const
const CHAT = { channel: 'telegram', address: '4711' } as const

const world = async (
  both = false,
): Promise<{ story: Story; sms: Line; telegram: Line; door: RoomDoor; texts: (text: string) => Promise<void> }> => {
  const [sms, telegram, door] = [new Line('sms'), new Line('telegram', 'cannot-tell'), new RoomDoor()]
  const story = await tell({
    room: door.wrap,
    channels: (inbox, clock) => [sms.open(inbox, clock), telegram.open(inbox, clock)],
  })
  await story.register('Fifi', FIFI, ...(both ? [CHAT] : []))
  return { story, sms, telegram, door, texts: (text) => story.phone(FIFI.address, 'sms').texts(text) }
}

describe('lines that die', () => {
  for (const word of ['STOP', 'stop.', 'CANCEL', 'END', 'QUIT', 'STOP ALL', 'ARRET', 'OPT-OUT', 'FIN', 'TD']) {
    it(`${word} cuts the line, not the watch: the admins are told to ring, the deadline still alarms`, async () => {
      const { story, sms, door, texts } = await world()
      await texts('IN 60')
      await texts(word)
      await story.roomHears(/PLEASE RING Fifi: no message gets there any more/)
      expect(door.attempts.at(-1)?.loud, 'somebody is out').to.equal(true)
      const sent = sms.sent.length
      await story.forward('60m')
      await story.roomHears(/^#1 OVERDUE, unconfirmed: Fifi/)
      expect(sms.sent.length, 'nothing is sent to a cut line').to.equal(sent)
    })
  }

  it('a dead line alone raises no incident', async () => {
    const { story, texts } = await world()
    await texts('IN 60')
    await texts('STOP')
    await texts('OUT')
    await story.forward('70m')
    expect(story.engine.house.overview.incidents()).to.deep.equal([])
    expect(await story.times('room', /OVERDUE|SOS/)).to.equal(0)
  })

  it('after STOP only START or UNSTOP revives it; what they text meanwhile is obeyed all the same', async () => {
    const { story, sms, texts } = await world()
    await texts('STOP')
    await texts('IN 60')
    expect(story.engine.house.overview.out()).to.have.length(1)
    expect(sms.sent).to.deep.equal([])
    await texts('START')
    sms.heard(FIFI.address, /we will text you here again/)
    await story.roomHears(/We write to Fifi by .*again/)
    await texts('STATUS')
    sms.heard(FIFI.address, /Text OUT by 12:00/)
  })

  it('an SOS on a line that was cut alarms', async () => {
    const { story, texts } = await world()
    await texts('STOP')
    await texts('SOS')
    await story.roomHears(/^#1 SOS: Fifi/)
  })

  it('a carrier that refuses (21610) is as good as STOP: the other channel takes over, with the same words', async () => {
    const { story, sms, telegram, texts } = await world(true)
    await texts('IN 60')
    sms.verdict = optedOut
    await story.forward('50m')
    expect(telegram.times('4711', /your time ends at 12:00/)).to.equal(1)
    await story.roomHears(/no longer reach Fifi[^]*Another way is used/)
    await story.forward('10m')
    telegram.heard('4711', /an alert was sent/)
    expect(sms.attempts.filter((t) => t.text.includes('time ends')).length).to.equal(1)
  })

  it('the line they last wrote from is written to first', async () => {
    const { story, sms, telegram, texts } = await world(true)
    await texts('IN 60')
    await story.phone('4711', 'telegram').texts('STATUS')
    telegram.heard('4711', /Text OUT by 12:00/)
    await story.forward('50m')
    expect([sms.times(FIFI.address, /time ends/), telegram.times('4711', /time ends/)]).to.deep.equal([0, 1])
  })

  it('a receipt that it was not delivered sends it on to the other line', async () => {
    const { story, sms, telegram, texts } = await world(true)
    await texts('IN 60')
    await story.forward('50m')
    const reminder = sms.sent.findLast((t) => t.text.includes('time ends'))
    expect(reminder).to.not.equal(undefined)
    await story.put({
      type: 'receipt',
      effectId: reminder?.id ?? '',
      providerId: 'SM1',
      status: 'failed',
      trouble: 'twilio-30003',
    })
    await story.forward('5s')
    expect(telegram.times('4711', /time ends/)).to.equal(1)
  })

  it('what cannot be delivered is said in the room; an answer that is no longer true is not', async () => {
    const { story, sms, texts } = await world()
    sms.verdict = refuses
    await texts('IN 10')
    await story.forward('11m')
    await story.roomHears(/^#1 OVERDUE/)
    expect(await story.times('room', /NOT delivered/), 'the answer to IN expired with the session').to.equal(0)
    sms.verdict = works
    await story.forward('6m')
    expect(sms.times(FIFI.address, /^Noted/), 'and is not sent late').to.equal(0)
    sms.heard(FIFI.address, /an alert was sent/)
  })

  it('on Telegram STOP is only a word: it is asked back and read', async () => {
    const { story, telegram } = await world(true)
    const phone = story.phone('4711', 'telegram')
    await phone.texts('IN 60')
    await phone.texts('stop')
    telegram.heard('4711', /Did you mean OUT\?/)
    await story.forward('60m')
    await story.roomHears(/^#1 OVERDUE/)
  })
})

describe('near misses', () => {
  for (const [said, meant] of [
    ['OTU', 'OUT'],
    ['but', 'OUT'],
    ['I am safe', 'OUT'],
    ['done', 'OUT'],
    ['on', 'IN'],
    ['inn', 'IN'],
    ['OUI', 'YES'],
  ] as const) {
    it(`“${said}” gets a question, never an action`, async () => {
      const story = await tell()
      await story.phone().texts('IN 60')
      const before = story.engine.house.overview.out()[0]?.dueAt
      await story.forward('10m')
      await story.phone().texts(said)
      await story.phone().hears(new RegExp(`Did you mean ${meant}\\?`))
      expect(story.engine.house.overview.out()[0]?.dueAt).to.equal(before)
    })
  }

  it('danger words are loud, and raise no incident', async () => {
    const door = new RoomDoor()
    const story = await tell({ room: door.wrap })
    await story.phone().texts('call the police please')
    await story.roomHears(/PLEASE READ NOW. From Mo Member/)
    expect(door.attempts.at(-1)?.loud).to.equal(true)
    expect(story.engine.house.overview.incidents()).to.deep.equal([])
  })

  it('everything gets an answer', async () => {
    const story = await tell()
    const all = [
      '',
      '   ',
      '?',
      'INFO',
      'MENU',
      'YES',
      'START',
      'OK',
      'OUT',
      'MORE',
      'NO',
      'NAME',
      'STATUS',
      'x'.repeat(10_000),
      '🙂',
      'null',
      '{{due}}',
      '/start',
      '/help',
      '12345',
    ]
    for (const [n, text] of all.entries()) {
      await story.phone().texts(text)
      expect((await story.phone().heard()).length, JSON.stringify(text.slice(0, 20))).to.equal(n + 1)
    }
  })
})
