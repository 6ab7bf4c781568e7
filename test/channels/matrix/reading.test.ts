import { expect } from 'chai'
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

  it('takes an admin’s own word, once', async () => {
    await asha.write('take 7')
    await desk.round()
    await desk.round()
    await desk.restart()
    expect(desk.orders).to.deep.equal([`${ASHA}: take 7`])
  })

  it('stores what was said before it lets the server forget it', async () => {
    await asha.write('take 7')
    const put = desk.inbox.put
    desk.inbox.put = () => Promise.reject(new Error('the disk is full'))
    expect(String(await desk.round().catch((error: unknown) => error))).to.include('disk')
    desk.inbox.put = put
    await desk.restart()
    expect(desk.orders).to.deep.equal([`${ASHA}: take 7`])
  })

  it('reads back what a gap in the timeline hides', async () => {
    for (let n = 1; n <= 25; n++) await asha.write(`take ${n}`)
    desk.room.shown = 2
    await desk.round()
    expect(desk.orders).to.deep.equal(Array.from({ length: 25 }, (_, n) => `${ASHA}: take ${n + 1}`))
    expect(desk.told).to.deep.equal([])
  })

  it('says so when a gap is longer than what it reads back', async () => {
    for (let n = 0; n < 600; n++) desk.room.show({ type: 'm.room.topic', sender: EVE, content: {} })
    desk.room.shown = 2
    await desk.round()
    expect(desk.told).to.deep.include({ id: desk.told[0]?.id, keys: ['room.gap'], loud: true, once: undefined })
  })

  it('says so when the server has forgotten how far it had read', async () => {
    await asha.write('take 7')
    desk.room.forgetsPlaces = true
    expect(String(await desk.round().catch((error: unknown) => error))).to.include('M_UNKNOWN_POS')
    desk.room.forgetsPlaces = false
    await desk.round()
    expect(desk.orders).to.deep.equal([])
    expect(desk.toldKeys).to.deep.equal(['room.gap'])
    await desk.round()
    expect(desk.toldKeys).to.deep.equal(['room.gap'])
  })

  describe('does not obey', () => {
    it('clear text, and says so', async () => {
      desk.room.show({ type: 'm.room.message', sender: ASHA, content: { msgtype: 'm.text', body: 'take 7' } })
      await expectRefused('refused')
    })

    it('a reaction, and says how', async () => {
      const content = { 'm.relates_to': { rel_type: 'm.annotation', event_id: '$1', key: '✅' } }
      desk.room.show({ type: 'm.reaction', sender: ASHA, content })
      await expectRefused('reaction')
    })

    it('a redaction', async () => {
      desk.room.show({ type: 'm.room.redaction', sender: ASHA, content: {}, redacts: '$1' })
      await expectRefused(undefined)
    })

    it('an edit', async () => {
      const { event_id: id } = await asha.write('hello')
      await desk.round()
      desk.inbox.items.length = 0
      const words = { msgtype: 'm.text', body: 'take 7' }
      await asha.write('* take 7', { 'm.new_content': words, 'm.relates_to': { rel_type: 'm.replace', event_id: id } })
      await expectRefused(undefined)
    })

    it('a ciphertext that is shown again as another event', async () => {
      const { content } = await asha.write('hello')
      await desk.round()
      desk.inbox.items.length = 0
      desk.room.show({ type: 'm.room.encrypted', sender: ASHA, content })
      await expectRefused('refused')
    })

    it('the very same event again, when the inbox has forgotten it', async () => {
      const event = await asha.write('hello')
      await desk.round()
      desk.inbox.items.length = 0
      desk.room.show(event)
      await expectRefused(undefined)
    })

    it('a ciphertext that is shown again after a restart', async () => {
      const { content } = await asha.write('hello')
      await desk.round()
      await desk.restart()
      desk.inbox.items.length = 0
      desk.told.length = 0
      desk.room.show({ type: 'm.room.encrypted', sender: ASHA, content })
      await expectRefused('refused')
    })

    it('one admin’s ciphertext in another’s name', async () => {
      const ben = await Phone.of(desk.room, BEN, { device: 'SECOND', isSigned: false })
      const content = await ben.encrypt('m.room.message', { msgtype: 'm.text', body: 'take 7' })
      desk.room.show({ type: 'm.room.encrypted', sender: ASHA, content })
      await expectRefused('refused')
    })

    it('a device that its owner’s identity has not signed', async () => {
      const other = await Phone.of(desk.room, ASHA, { device: 'OTHER', isSigned: false })
      await other.write('take 7')
      await expectRefused(undefined)
      await other.write('take 8')
      await desk.round()
      expect(desk.orders).to.deep.equal([`${ASHA}: take 9`])
    })

    it('a new identity, until another owner has confirmed it', async () => {
      await asha.newIdentity()
      await asha.write('take 7')
      await desk.round()
      await desk.round()
      expect(desk.orders).to.deep.equal([])
      expect(desk.toldKeys).to.include('room.keys-changed')
      const [ben] = desk.line.people.find('ben')
      expect(await desk.line.people.repin(ASHA, ben!)).to.equal('done')
      await asha.write('take 8')
      await desk.round()
      expect(desk.orders).to.deep.equal([`${ASHA}: take 8`])
    })

    it('an identity that the server showed for a while and hid again', async () => {
      const real = desk.room.server.keys.identityOf(ASHA)!
      const rogue = await Phone.of(desk.room, ASHA, { device: 'ROGUE' })
      await rogue.write('take 7')
      await desk.round()
      desk.room.server.keys.putIdentity(ASHA, real)
      await rogue.write('take 8')
      await desk.round()
      await desk.round()
      expect(desk.orders).to.deep.equal([])
      expect(desk.toldKeys).to.include('room.keys-changed')
    })

    it('a lost device’s owner, until the lock is undone', async () => {
      const [ben] = desk.line.people.find('ben')
      await desk.line.people.lock(ASHA, ben!)
      await asha.write('take 7')
      await desk.round()
      expect(desk.orders).to.deep.equal([])
      await desk.line.people.unlock(ASHA, ben!)
      await asha.write('take 8')
      await desk.round()
      expect(desk.orders).to.deep.equal([`${ASHA}: take 8`])
    })

    it('strangers, whatever power the server gives them', async () => {
      desk.room.setState('m.room.power_levels', '', { users: { [EVE]: 100 } })
      const eve = await Phone.of(desk.room, EVE)
      await eve.write('take 7')
      desk.room.show({ type: 'm.room.message', sender: EVE, content: { msgtype: 'm.text', body: 'take 7' } })
      await expectRefused(undefined)
    })

    it('an admin whom the server put out of the room', async () => {
      desk.room.setState('m.room.member', ASHA, { membership: 'leave' })
      await asha.write('take 7')
      await desk.round()
      desk.room.setState('m.room.member', ASHA, { membership: 'join' })
      await expectRefused(undefined)
    })

    it('a relation that the server wrote outside', async () => {
      const content = await asha.encrypt('m.room.message', { msgtype: 'm.text', body: 'take' })
      const forged = { ...content, 'm.relates_to': { 'm.in_reply_to': { event_id: '$7' } } }
      desk.room.show({ type: 'm.room.encrypted', sender: ASHA, content: forged })
      await desk.round()
      const [item] = desk.inbox.items
      expect(item?.heard).to.include({ text: 'take' })
      expect(item?.heard).not.to.have.property('replyTo')
      desk.inbox.items.length = 0
      await expectRefused(undefined)
    })

    it('five hundred lines', async () => {
      await asha.write(Array(600).fill('take 7').join('\n'))
      await expectRefused(undefined)
    })

    it('what is no ciphertext at all', async () => {
      const nonsense = [{}, { algorithm: 'x' }, { algorithm: 'm.megolm.v1.aes-sha2', session_id: 7, ciphertext: [] }]
      for (const content of nonsense) desk.room.show({ type: 'm.room.encrypted', sender: ASHA, content })
      desk.room.show({
        type: 'm.room.encrypted',
        sender: ASHA,
        content: { ...nonsense[2], ciphertext: 'AwgA', session_id: 'x' },
      })
      await desk.round()
      await desk.round()
      expect(desk.orders).to.deep.equal([])
      await asha.write('take 9')
      await desk.round()
      expect(desk.orders).to.deep.equal([`${ASHA}: take 9`])
    })
  })

  it('waits for a key that comes later', async () => {
    const held: object[] = []
    const content = await asha.encrypt('m.room.message', { msgtype: 'm.text', body: 'take 7' })
    held.push(...desk.room.server.takeToDevice(BOT, 'BOTDEVICE'))
    desk.room.show({ type: 'm.room.encrypted', sender: ASHA, content })
    await desk.round()
    expect(desk.orders).to.deep.equal([])
    expect(desk.line.isWaiting()).to.equal(true)
    await desk.restart()
    desk.room.server.giveToDevice(BOT, 'BOTDEVICE', held)
    await desk.round()
    expect(desk.orders).to.deep.equal([`${ASHA}: take 7`])
    expect(desk.line.isWaiting()).to.equal(false)
  })
})
