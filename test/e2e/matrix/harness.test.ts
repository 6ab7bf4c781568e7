import { expect } from 'chai'
import { startJsClient } from './js-client.ts'
import type { MatrixClient } from './matrix-client.ts'
import { startNioClient } from './nio-client.ts'
import { openRoomOfThree, type RoomOfThree } from './room-of-three.ts'
import type { SeenEvent } from './seen-event.ts'

const POLL = 'org.matrix.msc3381.poll'
const readable = (event: SeenEvent): boolean => event.encrypted && event.decryptionFailure === undefined

describe('Matrix clients that nobody here wrote', () => {
  let room: RoomOfThree
  before(async () => {
    room = await openRoomOfThree()
  })
  after(() => room.end())

  const sees = (client: MatrixClient, eventId: string): Promise<SeenEvent> =>
    client.waitFor((event) => event.eventId === eventId && readable(event))
  const everybody = (): readonly MatrixClient[] => [room.asha, room.ben, room.nia]

  it('read each other in an encrypted room', async () => {
    for (const sender of everybody()) {
      const eventId = await sender.say(room.roomId, `from ${sender.userId}`)
      for (const reader of everybody()) {
        const seen = await sees(reader, eventId)
        expect(seen).to.include({ sender: sender.userId, type: 'm.room.message', msgtype: 'm.text' })
        expect(seen.body).to.equal(`from ${sender.userId}`)
      }
    }
  })

  it('show no shield for a signed device, and a red one for an unsigned until its owner signs it', async () => {
    const { asha, ben, nia, roomId, users, synapse } = room
    expect((await sees(ben, await asha.say(roomId, 'signed'))).shield).to.deep.equal({ colour: 'none' })
    const eventId = await nia.say(roomId, 'unsigned')
    expect((await sees(ben, eventId)).shield).to.deep.equal({ colour: 'red', reason: 'UNSIGNED_DEVICE' })
    expect(await ben.deviceVerified(nia.userId, nia.deviceId)).to.be.false

    const owner = await startJsClient({ url: synapse.url, user: users.nia.name, password: users.nia.password })
    await owner.crossSign(nia.deviceId)
    expect(await ben.deviceVerified(nia.userId, nia.deviceId)).to.be.true
    expect((await ben.look(eventId)).shield).to.deep.equal({ colour: 'none' })
    await owner.stop()
  })

  it('say what a phone does: a mention inside the ciphertext sounds, plain text is silent, notices and edits are nothing', async () => {
    const { asha, ben, roomId } = room
    const told = { msgtype: 'm.text', body: 'OVERDUE', 'm.mentions': { user_ids: [ben.userId] } }
    const alert = await sees(ben, await asha.send(roomId, told))
    expect(alert.mentions.userIds).to.deep.equal([ben.userId])
    expect(alert.pushActions).to.deep.equal({ notify: true, tweaks: { sound: 'default', highlight: true } })

    const plain = await sees(ben, await asha.say(roomId, 'hello'))
    expect(plain.pushActions?.notify).to.be.true
    expect(plain.pushActions?.tweaks.sound).to.equal(undefined)
    const notice = await sees(ben, await asha.send(roomId, { ...told, msgtype: 'm.notice' }))
    expect(notice.pushActions?.notify).to.be.false
    const edit = await sees(ben, await asha.edit(roomId, alert.eventId, 'OVER'))
    expect(edit.replaces).to.equal(alert.eventId)
    expect(edit.pushActions?.notify).to.be.false
  })

  it('vote in an encrypted poll', async () => {
    const { asha, ben, nia, roomId } = room
    const answers = [
      { id: 'a1', 'org.matrix.msc1767.text': 'I have it' },
      { id: 'a2', 'org.matrix.msc1767.text': 'Not me' },
    ]
    const start = {
      question: { 'org.matrix.msc1767.text': 'Who?' },
      kind: `${POLL}.disclosed`,
      max_selections: 1,
      answers,
    }
    const poll = await asha.send(
      roomId,
      { [`${POLL}.start`]: start, 'org.matrix.msc1767.text': 'Who?' },
      `${POLL}.start`,
    )
    expect((await sees(ben, poll)).content[`${POLL}.start`]).to.deep.equal(start)
    await sees(nia, poll)
    for (const [voter, choice] of [
      [ben, 'a1'],
      [nia, 'a2'],
    ] as const) {
      const vote = await sees(asha, await voter.vote(roomId, poll, [choice]))
      expect(vote).to.deep.include({ type: `${POLL}.response`, sender: voter.userId, answers: [choice] })
      expect(vote.relatesTo).to.include({ rel_type: 'm.reference', event_id: poll })
    }
  })

  it('exchange encrypted attachments, which the server cannot read', async () => {
    const { asha, ben, nia, roomId } = room
    const bytes = Buffer.from('a photo, more or less')
    const photo = { name: 'photo.png', type: 'image/png', msgtype: 'm.image' } as const
    for (const [from, to] of [
      [asha, nia],
      [nia, ben],
    ] as const) {
      const seen = await sees(to, await from.sendFile(roomId, bytes, photo))
      expect(seen).to.include({ msgtype: 'm.image', body: 'photo.png' })
      expect(await to.download(seen)).to.deep.equal(bytes)
    }
  })

  it('show reactions, redactions and replies, and who may do what', async () => {
    const { asha, ben, nia, roomId } = room
    const eventId = await asha.say(roomId, 'react to this')
    await Promise.all([sees(ben, eventId), sees(nia, eventId)])
    const reaction = await ben.waitFor(sent(await nia.react(roomId, eventId, '👍')))
    expect(reaction).to.include({ type: 'm.reaction', encrypted: false })
    expect(reaction.relatesTo).to.include({ event_id: eventId, key: '👍' })
    const reply = { msgtype: 'm.text', body: 'mine', 'm.relates_to': { 'm.in_reply_to': { event_id: eventId } } }
    expect((await sees(asha, await ben.send(roomId, reply))).relatesTo).to.deep.equal(reply['m.relates_to'])
    await asha.redact(roomId, eventId, 'a slip')
    await ben.waitFor((event) => event.eventId === eventId && event.redacted)

    const levels = new Map((await ben.members(roomId)).map(({ userId, powerLevel }) => [userId, powerLevel]))
    expect(levels.get(asha.userId)).to.be.greaterThan(100)
    expect(levels.get(ben.userId)).to.equal(0)
    expect(await nia.state(roomId, 'm.room.history_visibility')).to.include({ history_visibility: 'joined' })
    expect(await ben.state(roomId, 'm.room.topic')).to.equal(undefined)
  })

  it('can speak in clear', async () => {
    const { asha, ben, nia, roomId } = room
    for (const sender of [ben, nia]) {
      const eventId = await sender.sendPlain(roomId, { msgtype: 'm.text', body: 'take 7' })
      const seen = await asha.waitFor(sent(eventId))
      expect(seen).to.include({ body: 'take 7', encrypted: false })
      expect(seen.shield).to.equal(undefined)
    }
  })

  it('catch up after being offline, and after the homeserver was frozen, killed and started again', async () => {
    const { asha, ben, nia, roomId, synapse } = room
    await ben.goOffline()
    const missed = await asha.say(roomId, 'while you were out')
    await ben.goOnline()
    await sees(ben, missed)

    synapse.pause()
    const signal = AbortSignal.timeout(300)
    expect(await fetch(`${synapse.url}/health`, { signal }).catch(() => 'no answer')).to.equal('no answer')
    const slow = asha.say(roomId, 'in the ice')
    synapse.resume()
    await sees(nia, await slow)

    const { url, pid } = synapse
    const before = pid()
    await synapse.restart('SIGKILL')
    expect([synapse.url, pid() === before]).to.deep.equal([url, false])
    const after = await asha.say(roomId, 'back')
    await Promise.all([sees(ben, after), sees(nia, after)])
  })

  it('are the same device again after a restart, where they have a store', async () => {
    const { asha, roomId, synapse } = room
    const user = await synapse.registerUser('nora')
    const settings = { url: synapse.url, user: user.name, password: user.password, storePath: synapse.folder }
    const first = await startNioClient(settings)
    await asha.invite(roomId, user.userId)
    await first.joined(roomId)
    await asha.waitFor((event) => event.stateKey === user.userId && event.content['membership'] === 'join')
    await sees(first, await asha.say(roomId, 'before'))
    await first.stop()
    const again = await startNioClient(settings)
    expect(again.deviceId).to.equal(first.deviceId)
    await sees(again, await asha.say(roomId, 'after'))
    await again.leave(roomId)
    await asha.waitFor((event) => event.stateKey === user.userId && event.content['membership'] === 'leave')
    await again.stop()
  })
})

const sent =
  (eventId: string) =>
  (event: SeenEvent): boolean =>
    event.eventId === eventId
