import { expect } from 'chai'
import type { RoomMessage } from '../../../src/ports/channel.ts'
import { MatrixFailure } from '../../../src/channels/matrix/failure.ts'
import { withIndexedDb } from './identity/bot.ts'
import { message, trouble } from './messages.ts'
import { ASHA, BEN, BOT, Desk, Phone } from './room-of.ts'

const EVE = '@eve:example.org'
describe('the room, written to', function () {
  this.timeout(20_000)
  withIndexedDb()
  let desk: Desk
  let asha: Phone
  let ben: Phone

  beforeEach(async () => {
    desk = await Desk.open([ASHA, BEN, EVE], [ASHA, BEN])
    asha = await Phone.of(desk.room, ASHA)
    ben = await Phone.of(desk.room, BEN)
    await desk.start()
    desk.told.length = 0
  })
  const send = (it: RoomMessage): Promise<{ readers: number }> => desk.line.sender.message(it)
  const sentEvents = () =>
    desk.room.timeline.filter(({ sender, type }) => sender === BOT && type === 'm.room.encrypted')

  it('reaches every admin, and nobody else who is there', async () => {
    const eve = await Phone.of(desk.room, EVE)
    await desk.round()
    const { readers } = await send(message('e1', '#7 SOS: Mo'))
    expect(readers).to.equal(2)
    expect(await asha.reads()).to.deep.equal(['#7 SOS: Mo'])
    expect(await ben.reads()).to.deep.equal(['#7 SOS: Mo'])
    expect(await eve.reads()).to.deep.equal(['UNREADABLE'])
  })

  it('wakes the admins from inside the ciphertext, and shows the server nothing', async () => {
    await send(message('e1', '#7 SOS: Mo'))
    const [event] = sentEvents()
    expect(Object.keys(event?.content ?? {})).to.have.members([
      'algorithm',
      'ciphertext',
      'device_id',
      'sender_key',
      'session_id',
    ])
    await asha.sync()
    const inner = await asha.opens(event!)
    expect(inner).to.deep.include({ msgtype: 'm.text', 'org.imok.effect': 'e1' })
    expect(inner['m.mentions']).to.deep.equal({ user_ids: [ASHA, BEN], room: true })
  })

  it('says each thing once, whoever dies between the server’s yes and our note', async () => {
    await send(message('e1', '#7 SOS: Mo'))
    await desk.restart()
    await send(message('e1', '#7 SOS: Mo'))
    await send(message('e1', '#7 SOS: Mo'))
    expect(sentEvents()).to.have.length(1)
    expect(await asha.reads()).to.deep.equal(['#7 SOS: Mo'])
  })

  it('reads on a phone whatever happened to the bot between two messages', async () => {
    await send(message('e1', 'one'))
    await desk.restart()
    await send(message('e2', 'two'))
    await asha.write('hello')
    await desk.round()
    await send(message('e3', 'three'))
    await desk.restart()
    await send(message('e4', 'four'))
    for (const phone of [asha, ben]) expect(await phone.reads()).to.deep.equal(['one', 'two', 'three', 'four'])
  })

  it('comes to a new phone from then on, and does not give it what was before', async () => {
    await send(message('e1', 'before'))
    const tablet = await Phone.of(desk.room, ASHA, { device: 'TABLET', isSigned: false })
    await asha.signs(tablet)
    await desk.round()
    await send(message('e2', 'after'))
    expect(await tablet.reads()).to.deep.equal(['UNREADABLE', 'after'])
    expect(await asha.reads()).to.deep.equal(['before', 'after'])
  })

  it('is said again for whoever had no key in time', async () => {
    desk.room.before = (_method, path) =>
      path.endsWith('keys/claim') ? Promise.reject(new MatrixFailure('answered', 502, 'M_UNKNOWN')) : Promise.resolve()
    await Phone.of(desk.room, BEN, { device: 'NEW' })
    await desk.round()
    await desk.line.people.repin(BEN, desk.line.people.find('asha')[0]!)
    const { readers } = await send(message('e1', '#7 SOS: Mo'))
    expect(readers).to.equal(1)
    expect(desk.line.isWaiting()).to.equal(true)
    desk.room.before = () => Promise.resolve()
    await desk.round()
    expect(desk.line.isWaiting()).to.equal(false)
    expect(await asha.reads()).to.deep.equal(['#7 SOS: Mo', '#7 SOS: Mo'])
  })

  it('is not said again once somebody has it, and to each whom it missed when they can read it', async () => {
    desk.room.before = (_method, path) =>
      path.endsWith('keys/claim') ? Promise.reject(new MatrixFailure('answered', 502, 'M_UNKNOWN')) : Promise.resolve()
    await Phone.of(desk.room, BEN, { device: 'NEW' })
    await desk.round()
    await desk.line.people.repin(BEN, desk.line.people.find('asha')[0]!)
    await send(message('e1', '#7 SOS: Mo', { incident: 'i7' }))
    await send(message('e2', '#8 SOS: Ada', { incident: 'i8' }))
    await send(message('e3', '#7 TAKEN', { incident: 'i7', purpose: 'taken', urgency: 'notice' }))
    desk.room.before = () => Promise.resolve()
    await desk.round()
    expect(desk.line.isWaiting()).to.equal(false)
    expect(await asha.reads()).to.deep.equal(['#7 SOS: Mo', '#8 SOS: Ada', '#7 TAKEN', '#8 SOS: Ada'])
  })

  it('waits for a homeserver that does not answer about an admin, and not again for the next alarm; meanwhile orders are read', async () => {
    const { promise, resolve } = Promise.withResolvers<undefined>()
    desk.room.before = async (_method, path, user) => {
      if (user === BOT && path.endsWith('keys/query')) await promise
    }
    await Phone.of(desk.room, BEN, { device: 'NEW', isSigned: false })
    await asha.write('take 7')
    const began = performance.now()
    await desk.round()
    expect(desk.orders).to.deep.equal([`${ASHA}: take 7`])
    await send(message('e1', 'one'))
    const first = performance.now()
    await send(message('e2', 'two'))
    await send(message('e3', 'three'))
    const [all, others] = [performance.now() - began, performance.now() - first]
    expect(await asha.reads()).to.deep.equal(['one', 'two', 'three'])
    expect(await ben.reads()).to.deep.equal(['one', 'two', 'three'])
    expect(all).to.be.lessThan(14_000)
    expect(others).to.be.lessThan(2_500)
    resolve(undefined)
  })

  it('gives no key to an identity that the server shows for the first time while an alarm is on its way', async () => {
    const rogue = await Phone.of(desk.room, BEN, { device: 'ROGUE' })
    await desk.bot.machine.markAllTrackedUsersAsDirty()
    const { readers } = await send(message('e1', '#7 SOS: Mo'))
    expect(readers).to.equal(1)
    expect(await rogue.reads()).to.deep.equal(['UNREADABLE'])
    expect(await asha.reads()).to.deep.equal(['#7 SOS: Mo'])
  })

  it('names who has a device without a key for it, also when the library does not ask for that device again', async () => {
    const one = await Phone.of(desk.room, BEN, { device: 'NEW' })
    while (desk.room.server.keys.oneTimeKeys(BEN, one.device) > 0)
      desk.room.server.keys.claim({ [BEN]: { [one.device]: 'signed_curve25519' } })
    await desk.round()
    await desk.line.people.repin(BEN, desk.line.people.find('asha')[0]!)
    for (const id of ['e1', 'e2']) expect(await send(message(id, id))).to.have.property('readers', 1)
  })

  it('knows when it was put out, and when it may not write', async () => {
    expect([desk.line.isIn(), desk.line.troubleOfRoom()]).to.deep.equal([true, undefined])
    desk.room.setState('m.room.power_levels', '', { users: { [ASHA]: 100 }, events_default: 50 })
    await desk.round()
    expect([desk.line.isIn(), desk.line.troubleOfRoom()]).to.deep.equal([true, 'matrix-may-not-write'])
    desk.room.setState('m.room.member', BOT, { membership: 'leave' })
    await desk.round()
    expect(desk.line.isIn()).to.equal(false)
    expect(await trouble(send(message('e1', '#7 SOS: Mo')))).to.equal('refused matrix-no-reader')
  })

  it('is not sent where nobody could read it', async () => {
    for (const admin of [ASHA, BEN]) desk.room.setState('m.room.member', admin, { membership: 'leave' })
    await desk.round()
    expect(await trouble(send(message('e1', '#7 SOS: Mo')))).to.equal('refused matrix-no-reader')
    expect(sentEvents()).to.deep.equal([])
  })

  it('stays away from a phone that was locked', async () => {
    await send(message('e1', 'before'))
    await desk.line.people.lock(BEN, desk.line.people.find('asha')[0]!)
    expect(await send(message('e2', 'after'))).to.have.property('readers', 1)
    expect(await ben.reads()).to.deep.equal(['before', 'UNREADABLE'])
    expect(await asha.reads()).to.deep.equal(['before', 'after'])
  })

  it('comes in several parts when it is too long for one', async () => {
    const lines = Array.from({ length: 500 }, (_, n) => `${n}: ${'x'.repeat(100)}`)
    await send(message('e1', lines.join('\n')))
    const parts = await asha.reads()
    expect(parts.length).to.be.greaterThan(1)
    expect(parts.join('\n')).to.equal(lines.join('\n'))
    await send(message('e1', lines.join('\n')))
    expect(sentEvents()).to.have.length(parts.length)
  })

  it('says an alarm whatever was said before; what can wait leaves it room', async () => {
    const notice = (id: string): RoomMessage => message(id, id, { urgency: 'notice', loud: false, purpose: 'notice' })
    const answers: unknown[] = []
    for (let n = 0; n < 8; n++) answers.push(await trouble(send(notice(`n${n}`))))
    expect(answers.slice(0, 5)).to.deep.equal(['none', 'none', 'none', 'none', 'none'])
    expect(new Set(answers.slice(5))).to.deep.equal(new Set(['refused matrix-budget']))
    expect(await trouble(send(message('e1', '#7 SOS: Mo')))).to.equal('none')
    expect(await asha.reads()).to.include('#7 SOS: Mo')
  })

  it('waits as long as a server asks', async () => {
    desk.room.before = (method) =>
      method === 'PUT'
        ? Promise.reject(new MatrixFailure('answered', 429, 'M_LIMIT_EXCEEDED', { wait: 5000 }))
        : Promise.resolve()
    const error: unknown = await send(message('e1', '#7 SOS: Mo')).catch((it: unknown) => it)
    expect(error).to.deep.include({ kind: 'refused', trouble: 'matrix-limit-exceeded', wait: 5000 })
  })

  it('counts as doubtful when the answer was lost, and is there once when it is sent again', async () => {
    desk.room.after = (_method, path) => {
      if (path.includes('/send/')) throw new MatrixFailure('unknown', 0, 'timeout')
    }
    expect(await trouble(send(message('e1', '#7 SOS: Mo')))).to.equal('unknown timeout')
    desk.room.after = () => undefined
    expect(await trouble(send(message('e1', '#7 SOS: Mo')))).to.equal('none')
    expect(await asha.reads()).to.deep.equal(['#7 SOS: Mo'])
  })
})
