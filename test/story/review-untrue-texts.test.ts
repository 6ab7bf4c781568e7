import { expect } from 'chai'
import { Line, RoomDoor, refuses, works } from '../support/outside.ts'
import { tell } from '../support/story.ts'
import type { Phone, Story } from '../support/story.ts'

const FIFI = '+447700900002'

/** Fifi has two lines, and both providers and the room have bad minutes. */
const world = async (): Promise<{ story: Story; sms: Line; chat: Line; door: RoomDoor; fifi: Phone }> => {
  const [sms, chat, door] = [new Line('sms'), new Line('telegram'), new RoomDoor()]
  const channels = (inbox: Parameters<Line['open']>[0], clock: Parameters<Line['open']>[1]) => [
    sms.open(inbox, clock),
    chat.open(inbox, clock),
  ]
  const story = await tell({ room: door.wrap, channels })
  await story.register('Fifi', { channel: 'sms', address: FIFI }, { channel: 'telegram', address: '77' })
  return { story, sms, chat, door, fifi: story.phone(FIFI, 'sms') }
}

const neverArrived = async (story: Story, sms: Line, pattern: RegExp): Promise<void> => {
  const effectId = sms.sent.find((s) => pattern.test(s.text))?.id ?? ''
  await story.put({ type: 'receipt', effectId, status: 'failed', trouble: 'twilio-30003' })
  await story.forward('1m')
}

describe('what is not true any more is not said', () => {
  it('a reminder that did not arrive is not sent elsewhere after OUT', async () => {
    const { story, sms, chat, fifi } = await world()
    await fifi.texts('IN 60')
    await story.forward('51m')
    await fifi.texts('OUT')
    await neverArrived(story, sms, /your time ends/)
    expect(chat.sent.map((s) => s.text)).to.deep.equal([])
  })

  it('while they are out it is', async () => {
    const { story, sms, chat, fifi } = await world()
    await fifi.texts('IN 60')
    await story.forward('51m')
    await neverArrived(story, sms, /your time ends/)
    chat.heard('77', /your time ends at 12:00/)
  })

  it('“an alert was sent” is not sent elsewhere once the alarm is over, and nobody is asked to ring', async () => {
    const { story, sms, chat, fifi } = await world()
    await fifi.texts('IN 10')
    await story.forward('11m')
    await fifi.texts('OUT')
    await neverArrived(story, sms, /alert was sent/)
    expect(chat.sent.map((s) => s.text)).to.deep.equal([])
    expect(await story.times('room', /NOT delivered/)).to.equal(0)
  })

  it('an answer with the old time does not come after the one with the new time', async () => {
    const { story, sms, fifi } = await world()
    sms.verdict = refuses
    await fifi.texts('IN 60')
    await story.forward('3m')
    await fifi.texts('MORE 30')
    sms.verdict = works
    await story.forward('10m')
    sms.heard(FIFI, /Your time ends at 12:30/)
    expect(sms.times(FIFI, /12:00/)).to.equal(0)
  })

  it('“nobody has it yet” does not come after “alert sent”', async () => {
    const { story, sms, door, fifi } = await world()
    door.verdict = refuses
    sms.verdict = refuses
    await fifi.texts('SOS')
    await story.forward('20s')
    door.verdict = works
    await story.forward('6s')
    sms.verdict = works
    await story.forward('9m')
    sms.heard(FIFI, /Alert sent 11:00 to 1 person/)
    expect(sms.times(FIFI, /nobody has it yet/)).to.equal(0)
  })

  it('TAKEN does not come after the alarm is over, nor after somebody else took it', async () => {
    const { story, door, fifi } = await world()
    await fifi.texts('SOS')
    await story.forward('1m')
    door.verdict = (text) => (text.includes('TAKEN') ? refuses(text, 'room') : undefined)
    await story.admin('take 1', { id: '@asha:x', name: 'Asha' })
    await story.forward('1m')
    await story.admin('take 1', { id: '@ben:x', name: 'Ben' })
    door.verdict = works
    await story.forward('1m')
    expect(await story.times('room', /TAKEN by Asha/)).to.equal(0)
    expect(await story.times('room', /TAKEN by Ben/)).to.equal(1)
    door.verdict = (text) => (text.includes('TAKEN') ? refuses(text, 'room') : undefined)
    await story.admin('take 1', { id: '@asha:x', name: 'Asha' })
    await story.admin('resolve 1 reached')
    door.verdict = works
    await story.forward('1m')
    expect(await story.times('room', /TAKEN/)).to.equal(1)
  })

  it('“a person has answered” is still said when the take is lengthened before it went out', async () => {
    const { story, sms, fifi } = await world()
    await fifi.texts('SOS')
    sms.verdict = refuses
    await story.admin('take 1')
    await story.forward('10s')
    await story.admin('take 1 until 12:00')
    sms.verdict = works
    await story.forward('1m')
    expect(sms.times(FIFI, /a person has answered/)).to.equal(1)
  })
})
