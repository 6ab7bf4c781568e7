import { expect } from 'chai'
import { MatrixFailure } from '../../../src/channels/matrix/failure.ts'
import { withIndexedDb } from './identity/bot.ts'
import { ASHA, BEN, BOT, Desk, Phone } from './room-of.ts'

const EVE = '@eve:example.org'

describe('the room, read', function () {
  this.timeout(20_000)
  withIndexedDb()
  let desk: Desk
  let asha: Phone

  beforeEach(async () => {
    desk = await Desk.open([ASHA, BEN, EVE], [ASHA, BEN])
    asha = await Phone.of(desk.room, ASHA)
    await Phone.of(desk.room, BEN)
    await desk.start()
    desk.told.length = 0
    desk.room.heard.length = 0
  })

  /** Nothing was obeyed, and the room heard at most one line. */
  const expectRefused = async (why: string | undefined): Promise<void> => {
    await desk.round()
    await desk.round()
    expect(desk.orders).to.deep.equal([])
    expect(desk.told.map(({ id }) => id.split(':')[0])).to.deep.equal(why === undefined ? [] : [why])
    await asha.write('take 9')
    await desk.round()
    expect(desk.orders).to.deep.equal([`${ASHA}: take 9`])
  }

  it('goes on behind what is no event, or larger than any may be, and keeps none of it', async () => {
    const long = 'x'.repeat(300)
    const content = { msgtype: 'm.text', body: 'take 7' }
    for (const event of [
      { type: 'm.room.message', sender: ASHA },
      { type: 'm.room.message', sender: ASHA, content, event_id: long },
      { type: 'm.room.member', sender: ASHA, content: { membership: 'join' }, event_id: '$m', state_key: `@${long}` },
      { type: 'm.room.encrypted', sender: ASHA, content: { ciphertext: 'x'.repeat(70_000) }, event_id: '$1' },
    ])
      desk.room.timeline.push(event as never)
    await expectRefused(undefined)
  })

  it('names what it tells the room by no more than a server may call an event', async () => {
    const id = `$${'x'.repeat(250)}`
    desk.room.show({ type: 'm.room.message', sender: ASHA, content: { body: 'x' }, event_id: id })
    await desk.round()
    expect(desk.told.map((told) => told.id.length <= 255)).to.deep.equal([true])
  })

  it('asks once more for a vote whose poll cannot be fetched, reads on, and says so', async () => {
    const poll = { rel_type: 'm.reference', event_id: '$poll' }
    desk.room.before = (_method, path) =>
      path.includes('/event/') ? Promise.reject(new MatrixFailure('answered', 500, 'M_UNKNOWN')) : Promise.resolve()
    await asha.send('org.matrix.msc3381.poll.response', {
      'm.relates_to': poll,
      'org.matrix.msc3381.poll.response': { answers: ['a'] },
    })
    await asha.write('take 9')
    await desk.round()
    expect(desk.orders).to.deep.equal([`${ASHA}: take 9`])
    expect(desk.line.isWaiting()).to.equal(true)
    desk.later(11_000)
    await desk.round()
    await desk.round()
    expect(desk.toldKeys).to.deep.equal(['room.vote-unread'])
  })

  it('says of many that cannot be read that there is something, once for each sender', async () => {
    for (let n = 0; n < 120; n++) {
      const { content } = await asha.write('hello')
      desk.room.timeline.pop()
      desk.room.show({ type: 'm.room.encrypted', sender: ASHA, content: { ...content, session_id: `unknown${n}` } })
    }
    await desk.round()
    const told = desk.told.filter(({ keys }) => keys.includes('room.unreadable'))
    expect(told).to.have.length(20)
    expect(new Set(told.map(({ once }) => once)).size).to.equal(1)
  })

  it('declines to compare emojis', async () => {
    await asha.send('m.room.message', {
      msgtype: 'm.key.verification.request',
      body: 'asks to verify',
      to: BOT,
      from_device: asha.device,
      methods: ['m.sas.v1'],
    })
    await desk.round()
    const [answer] = desk.room.timeline.filter(({ type }) => type === 'm.key.verification.cancel')
    expect(answer?.content).to.include({ code: 'm.user' })
    expect(desk.orders).to.deep.equal([])
  })
})
