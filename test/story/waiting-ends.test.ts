import { expect } from 'chai'
import { DAY, HOUR } from '../../src/core/time.ts'
import { SendError } from '../../src/ports/channel.ts'
import { Line, RoomDoor, hangs, refuses, works } from '../support/outside.ts'
import type { Story } from '../support/story.ts'
import { tell } from '../support/story.ts'

const FIFI = { channel: 'sms', address: '+447700900002' } as const

const world = async (
  doubt: 'find' | 'cannot-tell' = 'cannot-tell',
): Promise<{ story: Story; sms: Line; texts: (text: string) => Promise<void> }> => {
  const sms = new Line('sms', doubt)
  const story = await tell({ channels: (inbox, clock) => [sms.open(inbox, clock)] })
  await story.register('Fifi', FIFI)
  return { story, sms, texts: (text) => story.phone(FIFI.address, 'sms').texts(text) }
}

/** Stuck is as bad as lost: every waiting state has an end, and is seen before it. */
describe('nothing waits without an end', () => {
  it('claimed: an attempt that never ends is over after 20 s, and the next one is made', async () => {
    const { story, sms, texts } = await world()
    sms.verdict = hangs
    await texts('IN 60')
    expect(sms.attempts).to.have.length(1)
    await story.forward('21s')
    sms.verdict = works
    await story.forward('20s')
    sms.heard(FIFI.address, /OUT by 12:00/)
  })

  it('claimed: one hanging text holds up only itself, and the next to the same phone only until it is given up', async () => {
    const { story, sms, texts } = await world()
    sms.verdict = (text) => (text.startsWith('Noted') ? hangs(text, '') : undefined)
    await texts('IN 60')
    await texts('SOS')
    await story.roomHears(/^#1 SOS/)
    await story.forward('25s')
    sms.heard(FIFI.address, /SOS received/)
  })

  it('unknown: a text that may have arrived is cleared or sent again, never left', async () => {
    const { story, sms, texts } = await world()
    sms.verdict = () => {
      throw new SendError('unknown', 'timeout')
    }
    await texts('IN 60')
    await story.forward('10s')
    sms.verdict = works
    await story.forward('15s')
    sms.heard(FIFI.address, /OUT by 12:00/)
    expect(story.engine.house.overview.oldestWaiting('unknown')).to.equal(undefined)
  })

  it('rate-limited: a Retry-After is kept to, and one of a day is not believed', async () => {
    const { story, sms, texts } = await world()
    sms.verdict = () => {
      throw new SendError('refused', 'twilio-20429', { wait: 30_000 })
    }
    await texts('STATUS')
    await story.forward('29s')
    expect(sms.attempts).to.have.length(1)
    await story.forward('2s')
    expect(sms.attempts).to.have.length(2)
    sms.verdict = () => {
      throw new SendError('refused', 'twilio-20429', { wait: 86_400_000 })
    }
    await story.forward('31s')
    sms.verdict = works
    const tries = sms.attempts.length
    await story.forward('61m')
    expect(sms.attempts.length).to.be.above(tries)
    sms.heard(FIFI.address, /you are not checked in/)
  })

  it('retrying: an answer that nobody takes is given up in the end, and the room is told', async () => {
    const { story, sms, texts } = await world()
    sms.verdict = refuses
    await texts('STATUS')
    await story.forward('10m')
    await story.stops()
    await story.passes(12 * HOUR)
    await story.starts()
    await story.roomHears(/NOT delivered to Fifi: our message of 11:00/)
    expect(story.engine.house.overview.oldestWaiting('pending')).to.equal(undefined)
    const tries = sms.attempts.length
    await story.forward('10m')
    expect(sms.attempts).to.have.length(tries)
  })

  it('an alert that no server takes is seen: in the health, the heartbeat and the room, and it is tried for as long as it is open', async () => {
    const door = new RoomDoor()
    const story = await tell({ room: door.wrap })
    door.verdict = (text) => (text.includes('SOS') ? refuses(text, 'room') : undefined)
    await story.phone().texts('SOS')
    await story.forward('70s')
    expect(story.engine.pulse.ailments()).to.include('stuck-alert')
    await story.roomHears(/^STUCK[^]*an alert that did not go out/)
    const tries = door.attempts.length
    await story.forward('30m')
    expect(door.attempts.length - tries).to.be.at.least((30 * 60) / 5 - 10)
    door.verdict = works
    await story.forward('6s')
    await story.roomHears(/^#1 SOS/)
    expect(story.engine.pulse.ailments()).to.deep.equal([])
  })

  it('a take, a link, a prompt: each has its end', async () => {
    const telegram = new Line('telegram')
    const story = await tell({ channels: (inbox, clock) => [telegram.open(inbox, clock)] })
    await story.admin('invite telegram Fifi')
    const token = /start=(\S+)/.exec(await story.roomHears(/start=/))?.[1] ?? ''
    await story.stops()
    await story.passes(7 * DAY)
    await story.starts()
    await story.put({ type: 'link', from: { channel: 'telegram', address: '4711' }, token })
    expect(telegram.sent, 'a link lasts a week').to.deep.equal([])
    await story.phone().texts('IN 60')
    await story.forward('51m')
    await story.phone().texts('MORE 90')
    await story.forward('35m')
    await story.phone().texts('no')
    expect(story.engine.house.overview.incidents(), 'the question was half an hour ago').to.deep.equal([])
  })

  it('a stop waits for what is being sent, and not a moment longer', async () => {
    const { story, sms, texts } = await world()
    await story.register('Gus', { channel: 'sms', address: '+447700900003' })
    const held: (() => void)[] = []
    sms.verdict = () => new Promise((resolve) => held.push(resolve))
    await texts('STATUS')
    await story.phone('+447700900003', 'sms').texts('STATUS')
    const before = story.clock.now()
    const stopped = story.stops()
    for (const release of held) release()
    await stopped
    expect(story.clock.now() - before).to.be.at.most(500)
    expect(sms.sent).to.have.length(2)
  })
})
