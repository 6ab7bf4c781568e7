import { expect } from 'chai'
import { HOUR, MINUTE } from '../../src/core/time.ts'
import { Line } from '../support/outside.ts'
import { ELEVEN, tell } from '../support/story.ts'
import type { Story } from '../support/story.ts'

const FIFI = { channel: 'sms', address: '+447700900002' } as const
const at = (minutes: number): number => ELEVEN + minutes * MINUTE

const withSms = async (): Promise<{
  story: Story
  sms: Line
  texts: (text: string, sentAt?: number) => Promise<void>
}> => {
  const sms = new Line('sms')
  const story = await tell({ channels: (inbox, clock) => [sms.open(inbox, clock)] })
  await story.register('Fifi', FIFI)
  return {
    story,
    sms,
    texts: (text, sentAt) => story.phone(FIFI.address, 'sms').texts(text, sentAt === undefined ? {} : { sentAt }),
  }
}

describe('late mail', () => {
  it('an OUT that reached the provider before the deadline stands the alarm down, and says so', async () => {
    const { story, sms, texts } = await withSms()
    await texts('IN 60', at(0))
    await story.forward('63m')
    await story.roomHears(/^#1 OVERDUE/)
    await texts('OUT', at(58))
    await story.roomHears(
      /^#1 STOOD DOWN: OUT from the phone of Fifi reached the provider at 11:58, before 12:00, and us only at 12:03/,
    )
    sms.heard(FIFI.address, /people we alerted are being told/)
    // It was no forgotten one.
    await texts('IN 10', at(63))
    await story.forward('10m')
    expect(await story.roomHears(/^#2 OVERDUE/)).not.to.match(/Forgot/)
  })

  it('an OUT of an earlier visit does not end this one', async () => {
    const { story, sms, texts } = await withSms()
    await story.forward('30m')
    await texts('IN 60', at(30))
    await texts('OUT', at(20))
    sms.heard(FIFI.address, /An old OUT came late, from before your IN. It was not used: your time is still 12:30/)
    await story.forward('60m')
    await story.roomHears(/^#1 OVERDUE/)
  })

  it('an old OUT does not stand down the alarm of a later visit', async () => {
    const { story, texts } = await withSms()
    await story.forward('30m')
    await texts('IN 10', at(30))
    await story.forward('12m')
    await texts('OUT', at(20))
    expect(story.engine.house.overview.incidents()).to.have.length(1)
    expect(await story.times('room', /STOOD DOWN/)).to.equal(0)
  })

  it('an old OUT does not end a session under sos', async () => {
    const { story, sms, texts } = await withSms()
    await story.forward('30m')
    await texts('IN 60', at(30))
    await texts('SOS', at(30))
    await texts('OUT', at(20))
    expect(sms.times(FIFI.address, /OUT noted/)).to.equal(0)
    expect(story.engine.house.overview.out()[0]?.dueAt).to.equal(at(90))
  })

  it('IN and OUT that waited at the provider are applied in the order in which they were sent', async () => {
    const { story, sms, texts } = await withSms()
    await texts('IN 10', at(0))
    await story.stops()
    const said = (
      text: string,
      sentAt: number,
    ): { type: 'message'; from: typeof FIFI; text: string; sentAt: number } => ({
      type: 'message',
      from: FIFI,
      text,
      sentAt,
    })
    sms.kept.push({ id: 'sms:3', heard: said('IN 30', at(20)) }, { id: 'sms:2', heard: said('OUT', at(5)) })
    await story.passes(25 * MINUTE)
    await story.starts()
    expect(await story.times('room', /#\d OVERDUE/)).to.equal(0)
    expect(story.engine.house.overview.out()[0]?.dueAt, 'counted from when it was sent').to.equal(at(50))
    await story.forward('25m')
    await story.roomHears(/^#1 OVERDUE/)
  })

  it('an IN whose whole time has passed alarms at once', async () => {
    const { story, sms } = await withSms()
    await story.stops()
    sms.kept.push({ id: 'sms:2', heard: { type: 'message', from: FIFI, text: 'IN 10', sentAt: at(5) } })
    await story.passes(60 * MINUTE)
    await story.starts()
    expect(await story.roomHears(/^#1 OVERDUE, unconfirmed: Fifi/)).to.match(/In 11:05, due 11:15/)
    expect(sms.times(FIFI.address, /^Noted/), 'nothing that is not true any more').to.equal(0)
  })

  it('an IN that came late counts from when it was sent', async () => {
    const { story, sms, texts } = await withSms()
    await story.forward('10m')
    await texts('IN 60', at(2))
    sms.heard(FIFI.address, /^Noted 11:10.*OUT by 12:02/)
  })

  it('an IN older than the one that opened the watch moves nothing', async () => {
    const { story, texts } = await withSms()
    await story.forward('30m')
    await texts('IN 60', at(30))
    await texts('IN 10', at(10))
    expect(story.engine.house.overview.out()[0]?.dueAt).to.equal(at(90))
    expect(await story.times('room', /OVERDUE/)).to.equal(0)
  })

  it('the room reads when words were said, not when they came', async () => {
    const { story, texts } = await withSms()
    await story.forward('30m')
    await texts('there is a man at the gate', at(12))
    await story.roomHears(/From Fifi, 11:12:[^]*a man at the gate/)
    await texts('SOS', at(14))
    expect(await story.roomHears(/^#1 SOS: Fifi, 11:14/)).to.match(/Last heard 11:14/)
  })

  it('an SOS is never too old', async () => {
    const { story, texts } = await withSms()
    await story.stops()
    await story.passes(30 * HOUR)
    await story.starts()
    await texts('SOS', at(0))
    await story.roomHears(/^#1 SOS: Fifi/)
  })
})
