import { expect } from 'chai'
import { Line, hangs } from '../support/outside.ts'
import type { Story } from '../support/story.ts'
import { tell } from '../support/story.ts'

const ANA = '+447700900101'
const BEN = '+447700900102'

describe('just before a deadline', () => {
  const withWebhooks = async (line: Line, byWebhook = true): Promise<Story> => {
    const story = await tell({ channels: (inbox, clock) => [{ ...line.open(inbox, clock), byWebhook }] })
    await story.register('Ana', { channel: 'sms', address: ANA })
    await story.register('Ben', { channel: 'sms', address: BEN })
    return story
  }
  const out = (address: string) =>
    ({ id: `sms:${address}`, heard: { type: 'message', from: { channel: 'sms', address }, text: 'OUT' } }) as const

  it('a check-out that the webhook lost is read from the provider, and nobody is alarmed', async () => {
    const line = new Line('sms', 'find')
    const story = await withWebhooks(line)
    await story.phone(ANA, 'sms').texts('in 30')
    line.kept.push(out(ANA))
    await story.forward('31m')
    expect(await story.times('room', /OVERDUE/)).to.equal(0)
    line.heard(ANA, /OUT noted/)
  })

  it('one call does for all who are due, and none is made without need', async () => {
    const line = new Line('sms', 'find')
    const story = await withWebhooks(line)
    await story.phone(ANA, 'sms').texts('in 30')
    await story.phone(BEN, 'sms').texts('in 30')
    await story.phone().texts('in 40')
    await story.forward('29m40s')
    expect(line.asked).to.deep.equal([])
    await story.forward('20s')
    expect(line.asked).to.have.length(1)
    await story.forward('9m30s')
    expect(line.asked).to.have.length(1)
    await story.forward('2m')
    expect(line.asked).to.have.length(2)
  })

  it('a provider that cannot be read, or hangs, holds no alarm up; it is asked again meanwhile', async () => {
    for (const reading of [() => Promise.reject(new Error('503')), () => hangs('', '')]) {
      const line = new Line('sms', 'find')
      line.reading = reading
      const story = await withWebhooks(line)
      await story.phone(ANA, 'sms').texts('in 30')
      await story.forward('30m')
      expect(await story.times('room', /^#1 OVERDUE/)).to.equal(1)
      expect(line.asked.length).to.be.within(1, 3)
    }
  })

  it('a channel that asks by itself all the time is left alone', async () => {
    const line = new Line('sms', 'find')
    const story = await withWebhooks(line, false)
    await story.phone(ANA, 'sms').texts('in 30')
    await story.forward('31m')
    expect(line.asked).to.deep.equal([])
  })
})
