import { expect } from 'chai'
import type { Address } from '../../src/core/address.ts'
import { Line, RoomDoor, hangs, hangsUp, refuses, works } from '../support/outside.ts'
import type { Story } from '../support/story.ts'
import { tell } from '../support/story.ts'

const BEN = '+447700900200'
const CLEO = '+447700900201'
const DAN = '+447700900202'
const sms = (address: string): Address => ({ channel: 'sms', address })
const duty = [
  { id: '@ben:example.org', addresses: [sms(BEN), { channel: 'telegram' as const, address: '77' }] },
  { id: '@cleo:example.org', addresses: [sms(CLEO)] },
  { id: '@dan:example.org', addresses: [sms(DAN)] },
]

const world = async (): Promise<{ story: Story; line: Line; chat: Line; door: RoomDoor }> => {
  const [line, chat, door] = [new Line('sms'), new Line('telegram'), new RoomDoor()]
  const story = await tell({
    duty,
    room: door.wrap,
    channels: (inbox, clock) => [line.open(inbox, clock), chat.open(inbox, clock)],
  })
  return { story, line, chat, door }
}

const counts = (line: Line): number[] => [BEN, CLEO, DAN].map((to) => line.times(to, /an alert needs you/))

/** The provider says that every text arrived. */
const delivered = async (story: Story, line: Line): Promise<void> => {
  for (const { id } of line.sent) await story.put({ type: 'receipt', effectId: id, status: 'delivered' })
}

describe('people on duty are nudged on their own phones', () => {
  it('overdue: the first after 2 min, the next after 5, everyone after 10 and every 5 from then on', async () => {
    const { story, line } = await world()
    await story.phone().texts('IN 10')
    await story.forward('11m')
    expect(counts(line)).to.deep.equal([0, 0, 0])
    await story.forward('1m')
    expect(counts(line)).to.deep.equal([1, 0, 0])
    await delivered(story, line)
    await story.forward('3m')
    expect(counts(line)).to.deep.equal([1, 1, 0])
    await story.forward('5m')
    await delivered(story, line)
    expect(counts(line)).to.deep.equal([2, 2, 1])
    await story.forward('5m')
    expect(counts(line)).to.deep.equal([3, 3, 2])
  })

  it('sos: everyone at once, and every 5 min', async () => {
    const { story, line } = await world()
    await story.phone().texts('SOS')
    expect(counts(line)).to.deep.equal([1, 1, 1])
    await delivered(story, line)
    await story.forward('5m')
    expect(counts(line)).to.deep.equal([2, 2, 2])
  })

  it('without content: no name, no number, no place, no word of the member', async () => {
    const { story, line } = await world()
    await story.phone().texts('IN 10 warehouse')
    await story.phone().texts('SOS behind the mill')
    await story.admin('edit Mo notes diabetic')
    await story.forward('10m')
    expect(line.sent.length).to.be.above(3)
    for (const { text } of line.sent)
      expect(text).to.match(/^imok: (an alert needs you in the room|the room is down, open the board)\. 11:\d\d$/)
  })

  it('a take stops them; those who were nudged hear that it is over when it is', async () => {
    const { story, line, chat } = await world()
    await story.phone().texts('SOS')
    await story.admin('take 1', { id: '@ben:example.org', name: 'Ben' })
    await story.forward('20m')
    expect(counts(line)).to.deep.equal([1, 1, 1])
    await story.admin('resolve 1 reached')
    for (const to of [CLEO, DAN]) expect(line.times(to, /an alert is over/), to).to.equal(1)
    // Nothing proved that Ben's text arrived, so he was called by Telegram too; that is where he hears the end.
    expect(chat.times('77', /an alert is over/)).to.equal(1)
  })

  it('perhaps heard, until it was not worth sending any more: they hear that it is over, too', async () => {
    const { story, line } = await world()
    line.verdict = hangsUp
    await story.phone().texts('SOS')
    await story.admin('take 1', { id: '@ben:example.org', name: 'Ben' })
    await story.forward('11m')
    line.verdict = works
    await story.admin('resolve 1 reached')
    expect(counts(line)).to.deep.equal([0, 0, 0])
    for (const to of [CLEO, DAN]) expect(line.times(to, /an alert is over/), to).to.equal(1)
  })

  it('heard on one line for certain, and on the next one perhaps: they hear on the first that it is over', async () => {
    const { story, line, chat } = await world()
    chat.verdict = hangsUp
    await story.phone().texts('SOS')
    await story.admin('take 1', { id: '@cleo:example.org', name: 'Cleo' })
    await story.forward('12m')
    chat.verdict = works
    await story.admin('resolve 1 reached')
    expect([line.times(BEN, /an alert is over/), chat.times('77', /an alert is over/)]).to.deep.equal([1, 0])
  })

  it('also when the next round reached them on neither', async () => {
    const { story, line, chat } = await world()
    chat.verdict = hangsUp
    await story.phone().texts('SOS')
    await story.forward('4m')
    line.verdict = refuses
    await story.forward('61s')
    line.verdict = works
    chat.verdict = works
    await story.admin('resolve 1 reached')
    expect(counts(line)).to.deep.equal([1, 1, 1])
    expect([line.times(BEN, /an alert is over/), chat.times('77', /an alert is over/)]).to.deep.equal([1, 0])
  })

  it('the holder is asked on their own phone before the take ends', async () => {
    const { story, line } = await world()
    await story.phone().texts('SOS')
    await story.admin('take 1', { id: '@cleo:example.org', name: 'Cleo' })
    await story.forward('25m')
    line.heard(CLEO, /your time with an alert ends soon/)
    expect(line.times(BEN, /ends soon/)).to.equal(0)
  })

  it('a take that lapses calls everyone again', async () => {
    const { story, line } = await world()
    await story.phone().texts('SOS')
    await delivered(story, line)
    await story.admin('take 1', { id: '@cleo:example.org', name: 'Cleo' })
    await story.forward('30m')
    expect(counts(line)).to.deep.equal([2, 2, 2])
  })

  it('not delivered within 60 s: the person’s next channel', async () => {
    const { story, line, chat } = await world()
    await story.phone().texts('SOS')
    await story.forward('59s')
    expect(chat.to('77')).to.deep.equal([])
    await story.forward('2s')
    chat.heard('77', /an alert needs you/)
    expect(line.times(BEN, /needs you/)).to.equal(1)
  })

  it('delivered: no second channel', async () => {
    const { story, line, chat } = await world()
    await story.phone().texts('SOS')
    await delivered(story, line)
    await story.forward('4m')
    expect(chat.to('77')).to.deep.equal([])
  })

  it('refused: the next channel at once', async () => {
    const { story, line, chat } = await world()
    await story.phone().texts('SOS')
    const nudge = line.sent.find((t) => t.to === BEN)
    await story.put({ type: 'receipt', effectId: nudge?.id ?? '', status: 'failed', trouble: 'twilio-30003' })
    await story.forward('1s')
    chat.heard('77', /an alert needs you/)
  })

  it('several alarms within a minute are one round: one nudge each', async () => {
    const { story, line } = await world()
    for (const n of [3, 4, 5]) {
      await story.register(`Member ${String(n)}`, { channel: 'simulator', address: `+44770090000${String(n)}` })
      await story.phone(`+44770090000${String(n)}`).texts('SOS')
    }
    expect(counts(line)).to.deep.equal([1, 1, 1])
    // One of them being over says nothing yet.
    await story.admin('resolve 1 reached')
    expect(line.times(BEN, /is over/)).to.equal(0)
    for (const n of ['2', '3']) await story.admin(`resolve ${n} reached`)
    expect(line.times(BEN, /is over/)).to.equal(1)
  })

  for (const [how, verdict] of [
    ['refuses', refuses],
    ['hangs', hangs],
  ] as const) {
    it(`the room ${how} for 15 s: people are told directly, again and again, while it is down`, async () => {
      const { story, line, door } = await world()
      await story.phone().texts('IN 10')
      await story.forward('9m')
      door.verdict = verdict
      await story.forward('1m14s')
      expect(line.sent).to.deep.equal([])
      await story.forward('1s')
      for (const to of [BEN, CLEO, DAN]) line.heard(to, /the room is down, open the board. 11:10/)
      await story.forward('11m')
      expect(line.times(BEN, /room is down/)).to.be.at.least(2)
      door.verdict = works
      await story.forward('21s')
      await story.roomHears(/^#1 OVERDUE/)
    })
  }

  it('an alarm that is over before a nudge went out takes it back', async () => {
    const { story, line } = await world()
    line.verdict = refuses
    await story.phone().texts('IN 10')
    await story.forward('12m10s')
    await story.phone().texts('OUT')
    line.verdict = works
    await story.forward('5m')
    expect(line.sent, 'neither the call nor “it is over”').to.deep.equal([])
  })

  it('nobody on duty: every IN says so, the room hears it once in an hour, and the ladder climbs all the same', async () => {
    const story = await tell({ watch: () => ({ trouble: 'nobody-on-duty' }) })
    await story.phone().texts('IN 10')
    await story.phone().hears(/Nobody confirmed duty: we still alert everyone. Tell a friend too/)
    await story.roomHears(/NOBODY IS ON DUTY/)
    await story.phone().texts('IN 10')
    expect(await story.times('room', /NOBODY IS ON DUTY/)).to.equal(1)
    await story.forward('25m')
    expect(await story.times('room', /^#1 OVERDUE/)).to.equal(4)
  })

  it('no room beside real phones: perhaps nobody is watching, and every IN says it first', async () => {
    const story = await tell({ watch: () => ({ trouble: 'no-room' }) })
    for (const said of ['IN 10', 'IN until 10:50', 'IN 20h', 'IN by the river']) {
      await story.phone().texts(said)
      expect((await story.phone().heard()).at(-1), said).to.match(/maybe NOBODY IS WATCHING: tell a friend/)
    }
  })
})
