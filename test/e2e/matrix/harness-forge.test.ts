import { expect } from 'chai'
import { broken, tooMany } from './faults.ts'
import * as forge from './forge.ts'
import { makeRogue } from './rogue.ts'
import { openRoomOfThree, type RoomOfThree } from './room-of-three.ts'
import type { SeenEvent } from './seen-event.ts'

const SEND = /\/rooms\/[^/]+\/send\//

describe('between a client and the homeserver', () => {
  let room: RoomOfThree
  before(async () => {
    room = await openRoomOfThree()
  })
  afterEach(() => room.proxy.clear())
  after(() => room.end())

  /** Asha commands, Ben reads behind the proxy: he stands where the bot will. */
  describe('a malicious homeserver', () => {
    const benSees = (eventId: string, more: (event: SeenEvent) => boolean = () => true): Promise<SeenEvent> =>
      room.ben.waitFor((event) => event.eventId === eventId && event.decryptionFailure === undefined && more(event))
    const command = async (body: string): Promise<SeenEvent> => benSees(await room.asha.say(room.roomId, body))

    it('sends a command in clear as an admin', async () => {
      const { synapse, asha, roomId } = room
      const seen = await benSees(await forge.commandInClear(synapse, asha.userId, roomId, 'resolve 7'))
      expect(seen).to.include({ sender: asha.userId, body: 'resolve 7', encrypted: false })
    })

    it('reacts and redacts as an admin', async () => {
      const { synapse, asha, ben, roomId } = room
      const { eventId } = await command('take 7')
      const reaction = await benSees(await forge.reactAs(synapse, asha.userId, roomId, eventId, '✅'))
      expect(reaction).to.include({ sender: asha.userId, type: 'm.reaction', encrypted: false })
      expect(reaction.relatesTo).to.include({ event_id: eventId, key: '✅' })
      const redaction = await benSees(await forge.redactAs(synapse, asha.userId, roomId, eventId, 'forged'))
      expect(redaction).to.include({ sender: asha.userId, type: 'm.room.redaction', redacts: eventId })
      await ben.waitFor((event) => event.eventId === eventId && event.redacted)
    })

    it('replays a ciphertext, which decrypts as if it were new', async () => {
      const { synapse, asha, roomId } = room
      const first = await command('take 7')
      const again = await benSees(await forge.replay(synapse, roomId, first.eventId))
      expect(again.eventId).to.not.equal(first.eventId)
      expect(again).to.include({ sender: asha.userId, body: 'take 7', encrypted: true })
      expect(again.shield).to.deep.equal({ colour: 'none' })
    })

    it('relates private talk to an alert: in a replay, and in what it answers about the event itself', async () => {
      const { synapse, asha, ben, proxy, roomId } = room
      const alert = await command('#7 OVERDUE')
      const talk = await command('I have it')
      const relation = { 'm.in_reply_to': { event_id: alert.eventId } }
      const replayed = await benSees(await forge.replay(synapse, roomId, talk.eventId, relation))
      expect(replayed).to.include({ body: 'I have it', encrypted: true })
      expect(replayed.outerRelatesTo).to.deep.equal(relation)

      await ben.goOffline()
      const eventId = await asha.say(roomId, 'yes')
      forge.relateOutside(proxy, eventId, relation)
      await ben.goOnline()
      const seen = await benSees(eventId)
      expect(seen).to.include({ body: 'yes', encrypted: true })
      expect(seen.outerRelatesTo).to.deep.equal(relation)
    })

    it('claims another sender, and withholds', async () => {
      const { asha, ben, nia, proxy, roomId } = room
      await room.ben.goOffline()
      const [claimed, withheld] = [await nia.say(roomId, 'take 7'), await asha.say(roomId, 'resolve 7')]
      forge.rewriteEvent(proxy, claimed, (event) => ({ ...event, sender: asha.userId }))
      forge.withhold(proxy, withheld)
      await ben.goOnline()
      const seen = await ben.waitFor((event) => event.eventId === claimed)
      expect(seen.sender).to.equal(asha.userId)
      expect(seen.shield?.reason ?? seen.decryptionFailure)
        .to.be.a('string')
        .and.match(/MISMATCHED_SENDER|UNKNOWN/)
      await command('after')
      expect(ben.events(roomId).filter(({ eventId }) => eventId === withheld)).to.deep.equal([])
    })

    it('shows a false identity, speaks as it, and shows the real one again', async () => {
      const { synapse, asha, ben, proxy, roomId } = room
      const real = await ben.identity(asha.userId)
      const rogue = await makeRogue(synapse, asha.userId)
      await rogue.show(proxy)
      expect(await ben.identity(asha.userId)).to.include({ masterKey: rogue.masterKey, needsApproval: true })
      expect(await ben.deviceVerified(asha.userId, rogue.deviceId)).to.be.true
      expect(await ben.deviceVerified(asha.userId, asha.deviceId)).to.be.false
      const forged = await benSees(await rogue.send(roomId, [ben.userId], { msgtype: 'm.text', body: 'resolve 7' }))
      expect(forged).to.include({ sender: asha.userId, body: 'resolve 7', encrypted: true })
      expect(forged.shield).to.deep.equal({ colour: 'none' })

      await rogue.hide(proxy)
      expect(await ben.identity(asha.userId)).to.deep.equal(real)
      expect(await ben.deviceVerified(asha.userId, rogue.deviceId)).to.be.false
      expect(await ben.deviceVerified(asha.userId, asha.deviceId)).to.be.true
      expect((await asha.devices(asha.userId)).map(({ deviceId }) => deviceId)).to.deep.equal([asha.deviceId])
      rogue.end()
    })
  })

  describe('a bad line to the homeserver', () => {
    /** What became of a request through the proxy: a status, or '' for no answer. */
    const whoami = async (longest = 5000): Promise<string> => {
      const headers = { authorization: `Bearer ${room.ben.accessToken}` }
      const signal = AbortSignal.timeout(longest)
      const url = `${room.proxy.url}/_matrix/client/v3/account/whoami`
      return fetch(url, { headers, signal }).then(
        ({ status }) => String(status),
        () => '',
      )
    }
    const WHOAMI = /\/account\/whoami$/

    it('answers 429 or 500 as often as it is told', async () => {
      const { proxy } = room
      proxy.fault({ path: WHOAMI, times: 1, fault: tooMany(1000) })
      proxy.fault({ path: WHOAMI, times: 1, fault: broken })
      expect([await whoami(), await whoami(), await whoami()]).to.deep.equal(['429', '500', '200'])
    })

    it('only for the token, the method and the path that are named', async () => {
      const { proxy, asha, ben } = room
      const never = [
        proxy.fault({ path: WHOAMI, token: asha.accessToken, fault: broken }),
        proxy.fault({ path: WHOAMI, method: 'PUT', fault: broken }),
        proxy.fault({ path: /\/nowhere/, fault: broken }),
      ]
      expect(await whoami()).to.equal('200')
      expect(never.flatMap(({ hits }) => hits)).to.deep.equal([])
      proxy.fault({ path: WHOAMI, token: ben.accessToken, fault: broken })
      expect(await whoami()).to.equal('500')
    })

    it('resets before the server hears, or drops the reply after the server has done it', async () => {
      const { ben, asha, proxy, roomId } = room
      const sent = (body: string): readonly SeenEvent[] => asha.events(roomId).filter((event) => event.body === body)
      const failed = async (body: string): Promise<boolean> =>
        ben.say(roomId, body).then(
          () => false,
          () => true,
        )
      await ben.say(roomId, 'first') // so that keys are shared
      proxy.fault({ path: SEND, times: 1, fault: { kind: 'cut' } })
      expect(await failed('never sent')).to.be.true
      proxy.fault({ path: SEND, times: 1, fault: { kind: 'drop-reply' } })
      expect(await failed('sent all the same')).to.be.true
      await asha.waitFor((event) => event.body === 'sent all the same')
      expect(sent('never sent')).to.deep.equal([])
      expect(proxy.requests.filter(({ path, status }) => SEND.test(path) && status === undefined)).to.have.length(2)
    })

    it('hangs, and holds a reply back, until the rule is off', async () => {
      const { proxy } = room
      const hanging = proxy.fault({ path: WHOAMI, times: 1, fault: { kind: 'hang' } })
      const first = whoami()
      await hanging.hit()
      hanging.off()
      expect(await first).to.equal('')
      const holding = proxy.fault({ path: WHOAMI, times: 1, fault: { kind: 'hold-reply' } })
      const second = whoami()
      await holding.hit()
      expect(await Promise.race([second, whoami()])).to.equal('200') // the later one overtakes
      expect(proxy.requests.filter(({ path, status }) => WHOAMI.test(path) && status === undefined)).to.have.length(2)
      holding.off()
      expect(await second).to.equal('200')
    })

    it('delays, refuses connections and takes them again', async () => {
      const { proxy } = room
      proxy.fault({ path: WHOAMI, times: 1, fault: { kind: 'delay', ms: 300 } })
      const before = performance.now()
      expect(await whoami()).to.equal('200')
      expect(performance.now() - before).to.be.at.least(299)
      await proxy.refuse()
      expect(await whoami()).to.equal('')
      await proxy.accept()
      expect(await whoami()).to.equal('200')
    })

    it('loses nothing for a client that syncs through it: connections cut, a sync hurried', async () => {
      const { asha, ben, proxy, roomId } = room
      proxy.cut()
      const eventId = await asha.say(roomId, 'after the cut')
      await ben.waitFor((event) => event.eventId === eventId && event.body === 'after the cut')
      const carried = proxy.inSync((sync) => ({ ...sync, 'org.imok.test': true }))
      await carried.hit()
    })
  })
})
