import { expect } from 'chai'
import { DAY, HOUR, MINUTE, SECOND } from '../../../../src/core/time.ts'
import { StoreError } from '../../../../src/ports/store.ts'
import { MO, NOON, US, line, outgoing } from './line.ts'
import type { Line } from './line.ts'

/** A text that Twilio got and the webhook never heard of. */
const lost = (on: Line, body: string, at: number, from = MO) => on.twilio.text(from, body, { deliver: false, at })

const troubleIn = async (attempt: Promise<void>): Promise<string> => {
  try {
    await attempt
  } catch (error) {
    return (error as Error).message
  }
  return 'none'
}

describe('Twilio: reading back', () => {
  let on: Line
  beforeEach(async () => void (on = await line()))
  afterEach(() => on.hangUp())

  it('finds what was missed, oldest first, under the webhook’s ids, with the time Twilio got it', async () => {
    await lost(on, 'OUT', NOON - MINUTE)
    const { sid } = await lost(on, 'IN 60', NOON - 9 * MINUTE)
    await lost(on, 'SOS', NOON - 5 * MINUTE, '+447700900002')
    await on.channel.readBack(NOON - 10 * MINUTE)
    expect(on.texts()).to.deep.equal(['IN 60', 'SOS', 'OUT'])
    expect(on.inbox.items[0]).to.deep.equal({
      id: `sms:${sid}`,
      sender: `sms:${MO}`,
      receivedAt: NOON,
      heard: { type: 'message', from: { channel: 'sms', address: MO }, text: 'IN 60', sentAt: NOON - 9 * MINUTE },
    })
  })

  it('in the order they were written within one second too', async () => {
    for (const body of ['IN', 'MORE 10', 'OUT']) await lost(on, body, NOON - SECOND)
    await on.channel.readBack(NOON - MINUTE)
    expect(on.texts()).to.deep.equal(['IN', 'MORE 10', 'OUT'])
  })

  it('what the webhook brought, before or after, is one item', async () => {
    await on.twilio.text(MO, 'IN')
    const late = await lost(on, 'OUT', NOON)
    await on.channel.readBack(NOON - MINUTE)
    await on.twilio.deliver(late.sid)
    expect(on.texts()).to.deep.equal(['IN', 'OUT'])
  })

  it('takes neither our own texts nor what is older than asked', async () => {
    await on.channel.send(outgoing({ to: { channel: 'sms', address: US } }))
    on.twilio.sentTo(US)[0]!.status = 'sent'
    await lost(on, 'old', NOON - 2 * HOUR)
    await lost(on, 'new', NOON - MINUTE)
    await on.channel.readBack(NOON - HOUR)
    expect(on.texts()).to.deep.equal(['new'])
  })

  it('never reaches back more than 72 h, however far it is asked to', async () => {
    await lost(on, 'four days old', NOON - 4 * DAY)
    await lost(on, 'two days old', NOON - 2 * DAY)
    await on.channel.readBack(0)
    expect(on.texts()).to.deep.equal(['two days old'])
  })

  it('not even when our clock says 1970: Twilio’s is the better one', async () => {
    const young = await line({ apiUrl: on.twilio.url })
    young.clock.time = 60_000
    await lost(on, 'four days old', NOON - 4 * DAY)
    await lost(on, 'two days old', NOON - 2 * DAY)
    await young.channel.readBack(0)
    await young.hangUp()
    expect(young.texts()).to.deep.equal(['two days old'])
  })

  it('finds them although our clock is an hour ahead of Twilio’s', async () => {
    const ahead = await line({ apiUrl: on.twilio.url })
    ahead.clock.time = NOON + HOUR
    await lost(on, 'SOS', NOON - MINUTE)
    await ahead.channel.readBack(NOON + HOUR - 10 * MINUTE)
    await ahead.hangUp()
    expect(ahead.texts()).to.deep.equal(['SOS'])
  })

  it('reads every page', async () => {
    for (let n = 0; n < 2_345; n++) await lost(on, `text ${n}`, NOON - HOUR + n * SECOND)
    await on.channel.readBack(NOON - 2 * HOUR)
    expect(on.texts()).to.have.length(2_345)
    expect([on.texts()[0], on.texts().at(-1)]).to.deep.equal(['text 0', 'text 2344'])
    expect(on.twilio.asked('list')).to.equal(3)
  })

  it('a page that fails is an error, but what was read before it is not held back', async () => {
    for (let n = 0; n < 1_001; n++) await lost(on, `text ${n}`, NOON - HOUR + n * SECOND)
    on.twilio.fail({ status: 503 }, { on: 'list', after: 1 })
    expect(await troubleIn(on.channel.readBack(NOON - 2 * HOUR))).to.equal('Twilio: http-503')
    expect(on.texts()).to.have.length(1_000)
    expect(on.texts().at(-1)).to.equal('text 1000')
  })

  it('the next look reaches as far back as the one that failed', async () => {
    await lost(on, 'SOS', NOON - HOUR)
    await on.twilio.down()
    expect(await troubleIn(on.channel.readBack(NOON - 2 * HOUR))).to.equal('Twilio: ECONNREFUSED')
    await on.twilio.up()
    await on.channel.readBack(NOON - MINUTE)
    expect(on.texts()).to.deep.equal(['SOS'])
  })

  it('a store that cannot write is an error', async () => {
    await lost(on, 'SOS', NOON)
    on.inbox.refuse = new StoreError('ENOSPC', 'no space')
    expect(await troubleIn(on.channel.readBack(NOON - MINUTE))).to.equal('no space')
  })

  it('bad credentials, a hotel’s welcome page, a redirect: an error each, and no private word in it', async () => {
    const said: string[] = []
    for (const fault of [{ code: 20003 }, 'garbage', { status: 302 }] as const) {
      on.twilio.fail(fault, { on: 'list', times: 1 })
      said.push(await troubleIn(on.channel.readBack(NOON - MINUTE)))
    }
    expect(said).to.deep.equal(['Twilio: twilio-20003', 'Twilio: bad-answer', 'Twilio: http-302'])
    expect(on.logged()).not.to.match(/7700|welcome/)
  })

  it('our credentials go to no other address, whatever a next page says', async () => {
    const thief = await line()
    on.twilio.misdirect(`${thief.twilio.url}/2010-04-01/Accounts/${on.twilio.accountSid}/Messages.json`)
    await lost(on, 'IN', NOON)
    expect(await troubleIn(on.channel.readBack(NOON - MINUTE))).to.equal('Twilio: foreign-address')
    const asked = thief.twilio.asked('list')
    await thief.hangUp()
    expect(asked).to.equal(0)
  })
})
