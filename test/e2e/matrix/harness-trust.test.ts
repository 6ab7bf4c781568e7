import { expect } from 'chai'
import { startJsClient, type JsClient, type JsClientSettings } from './js-client.ts'
import type { MatrixClient } from './matrix-client.ts'
import { openRoomOfThree, type RoomOfThree } from './room-of-three.ts'
import type { SeenEvent } from './seen-event.ts'

describe('identities and devices of the Matrix clients', () => {
  let room: RoomOfThree
  const started: JsClient[] = []
  before(async () => {
    room = await openRoomOfThree()
  })
  afterEach(async () => {
    for (const client of started.splice(0)) await client.stop()
  })
  after(() => room.end())

  const another = async (identity: NonNullable<JsClientSettings['identity']>): Promise<JsClient> => {
    const { synapse, users } = room
    const { name: user, password } = users.asha
    const client = await startJsClient({ url: synapse.url, user, password, identity })
    started.push(client)
    return client
  }
  const sees = (client: MatrixClient, eventId: string): Promise<SeenEvent> =>
    client.waitFor((event) => event.eventId === eventId && event.decryptionFailure === undefined)

  it('a second device with the recovery key is signed, one without is not', async () => {
    const { asha, ben, roomId } = room
    const signed = await another({ recoveryKey: await asha.createRecoveryKey() })
    const unsigned = await another('none')
    expect(await ben.deviceVerified(asha.userId, signed.deviceId)).to.be.true
    expect(await ben.deviceVerified(asha.userId, unsigned.deviceId)).to.be.false
    const good = await signed.say(roomId, 'signed')
    const bad = await unsigned.say(roomId, 'unsigned')
    expect((await sees(ben, good)).shield?.colour).to.equal('none')
    expect((await sees(ben, bad)).shield).to.deep.equal({ colour: 'red', reason: 'UNSIGNED_DEVICE' })
  })

  it('one that excludes insecure devices neither reads an unsigned device nor gives it keys', async () => {
    const { asha, ben, nia, roomId } = room
    await asha.excludeInsecureDevices(true)
    await ben.excludeInsecureDevices(true)
    const unsigned = await nia.say(roomId, 'unsigned')
    const failed = await ben.waitFor((event) => event.eventId === unsigned)
    expect(failed).to.include({ encrypted: true, decryptionFailure: 'UNSIGNED_SENDER_DEVICE' })
    const secret = await asha.say(roomId, 'not for unsigned ones')
    await sees(ben, secret)
    const unreadable = await nia.waitFor((event) => event.eventId === secret)
    expect(unreadable.encrypted).to.be.true
    expect(unreadable.decryptionFailure).to.be.a('string')
    await asha.excludeInsecureDevices(false)
    await ben.excludeInsecureDevices(false)
  })

  it('a reset identity is seen as a change, and blocks whoever had verified it until they withdraw that', async () => {
    const { asha, ben, roomId } = room
    const before = await ben.identity(asha.userId)
    expect(before).to.include({ known: true, verified: false, needsApproval: false })
    await ben.verifyUser(asha.userId)
    expect(await ben.identity(asha.userId)).to.deep.equal({ ...before, verified: true })

    await asha.resetIdentity()
    const now = await ben.identity(asha.userId)
    expect(now).to.include({ verified: false })
    expect(now.masterKey).to.be.a('string').and.not.equal(before.masterKey)
    let said = ''
    await ben.say(roomId, 'still there?').catch((error: unknown) => (said = String(error)))
    expect(said).to.match(/verified/)
    await ben.withdrawVerification(asha.userId)
    await sees(asha, await ben.say(roomId, 'as before'))
  })
})
