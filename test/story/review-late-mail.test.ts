import { expect } from 'chai'
import { MINUTE } from '../../src/core/time.ts'
import { Line } from '../support/outside.ts'
import { ELEVEN, tell } from '../support/story.ts'
import type { Story } from '../support/story.ts'

const FIFI = { channel: 'sms', address: '+447700900002' } as const
const at = (minutes: number): number => ELEVEN + minutes * MINUTE

/** Like Twilio's webhook: it brings no time. What was lost on that way is read back later, and has one. */
const world = async (): Promise<{
  story: Story
  sms: Line
  brings: (text: string) => Promise<void>
  isReadBack: (text: string, sentAt: number) => Promise<void>
}> => {
  const sms = new Line('sms')
  const story = await tell({ channels: (inbox, clock) => [sms.open(inbox, clock)] })
  await story.register('Fifi', FIFI)
  const phone = story.phone(FIFI.address, 'sms')
  return {
    story,
    sms,
    brings: (text) => phone.texts(text),
    isReadBack: (text, sentAt) => phone.texts(text, { sentAt }),
  }
}

describe('late mail where the webhook brings no time', () => {
  it('an OUT of an earlier visit does not end this one', async () => {
    const { story, sms, brings, isReadBack } = await world()
    await brings('IN 60')
    await story.forward('30m')
    await brings('IN 60')
    await isReadBack('OUT', at(20))
    sms.heard(FIFI.address, /An old OUT came late, from before your IN. It was not used: your time is still 12:30/)
    await story.forward('60m')
    await story.roomHears(/^#1 OVERDUE/)
  })

  it('an OUT of this visit does', async () => {
    const { story, brings, isReadBack } = await world()
    await brings('IN 60')
    await story.forward('30m')
    await isReadBack('OUT', at(28))
    expect(story.engine.house.overview.out()).to.deep.equal([])
  })

  it('nor does one end what an admin opened later', async () => {
    const { story, isReadBack } = await world()
    await story.forward('30m')
    await story.admin('in Fifi 60')
    await isReadBack('OUT', at(20))
    expect(story.engine.house.overview.out()).to.have.length(1)
  })

  it('a MORE of an earlier visit moves nothing, and says what holds', async () => {
    const { story, sms, brings, isReadBack } = await world()
    await story.forward('30m')
    await brings('IN 60')
    await isReadBack('MORE 60', at(20))
    expect(story.engine.house.overview.out()[0]?.dueAt).to.equal(at(90))
    sms.heard(FIFI.address, /Your time ends at 12:30/)
  })

  it('an IN whose OUT was faster raises no alarm after we said that there was nothing to end', async () => {
    const { story, sms, brings, isReadBack } = await world()
    await story.forward('50m')
    await brings('OUT')
    await isReadBack('IN 30', at(10))
    await story.forward('1m')
    expect(await story.times('room', /OVERDUE/)).to.equal(0)
    sms.heard(FIFI.address, /11:50: you are not checked in/)
  })

  it('but while its time is not over the watch is opened: better one question than nobody watching', async () => {
    const { story, sms, brings, isReadBack } = await world()
    await story.forward('20m')
    await brings('OUT')
    await isReadBack('IN 60', at(10))
    sms.heard(FIFI.address, /OUT by 12:10/)
    expect(story.engine.house.overview.out()).to.have.length(1)
  })
})
