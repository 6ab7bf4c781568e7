import {
  DeviceId,
  DeviceLists,
  OtherUserIdentity,
  RoomId,
  UserId,
  VerificationRequest,
} from '@matrix-org/matrix-sdk-crypto-wasm'
import type { VerificationRequest as Request, OlmMachine } from '@matrix-org/matrix-sdk-crypto-wasm'
import { expect } from 'chai'
import { cancelVerifications } from '../../../../src/channels/matrix/identity/cancel-verification.ts'
import type { VerificationEvent } from '../../../../src/channels/matrix/identity/cancel-verification.ts'
import { ensureIdentity } from '../../../../src/channels/matrix/identity/ensure-identity.ts'
import { perform, sendOutgoing } from '../../../../src/channels/matrix/outgoing-requests.ts'
import { Bot, BOT, withIndexedDb } from './bot.ts'
import { ASHA, ashasPhone } from './room.ts'

describe('a verification request', () => {
  withIndexedDb()
  let bot: Bot
  let phone: OlmMachine

  beforeEach(async () => {
    bot = await Bot.start()
    await ensureIdentity(bot)
    phone = await ashasPhone(bot.server)
    await phone.updateTrackedUsers([new UserId(BOT)])
    await sendOutgoing(phone, bot.server.api(ASHA, 'PHONE'))
    await bot.machine.updateTrackedUsers([new UserId(ASHA)])
    await sendOutgoing(bot.machine, bot.api)
  })

  /** Brings a machine what was sent to its device. */
  async function sync(machine: OlmMachine): Promise<VerificationEvent[]> {
    const events = bot.server.takeToDevice(machine.userId.toString(), machine.deviceId.toString())
    await machine.receiveSyncChanges(JSON.stringify(events), new DeviceLists(), new Map())
    return events as VerificationEvent[]
  }

  async function asked(): Promise<Request> {
    const device = await phone.getDevice(new UserId(BOT), new DeviceId('BOTDEVICE'))
    const [request, message] = device!.requestVerification()
    await perform(phone, bot.server.api(ASHA, 'PHONE'), message)
    return request
  }

  it('is declined at once, with the code for it and an explanation', async () => {
    const request = await asked()
    const events = await sync(bot.machine)
    expect(events.map(({ type }) => type)).to.deep.equal(['m.key.verification.request'])
    expect(await cancelVerifications(bot.machine, bot.api, events)).to.deep.equal([])
    await sync(phone)
    expect(request.isCancelled()).to.be.true
    expect(request.cancelInfo?.cancelCode()).to.equal('m.user')
    const messages = bot.server.heard.at(-1)?.body.messages as Record<string, Record<string, object>>
    expect(messages[ASHA]?.PHONE).to.include({ code: 'm.user' }).and.property('reason').to.include('bot')
  })

  it('is declined once', async () => {
    await asked()
    const events = await sync(bot.machine)
    await cancelVerifications(bot.machine, bot.api, events)
    const before = bot.server.heard.length
    await cancelVerifications(bot.machine, bot.api, events)
    expect(bot.server.heard.length).to.equal(before)
  })

  it('with anything in it, from anybody, does not stop whoever reads', async () => {
    const start = 'm.key.verification.start'
    const poisoned: unknown[] = [
      { sender: ASHA, type: start, content: { transaction_id: ['x'] } },
      { sender: ASHA, type: start, content: { transaction_id: 7 } },
      { sender: 'nobody', type: start, content: {} },
      { sender: ASHA, type: 7, content: {} },
      { sender: ASHA, type: start, content: null },
      { type: start },
      null,
    ]
    await cancelVerifications(bot.machine, bot.api, poisoned as VerificationEvent[])
    await asked()
    const events = await sync(bot.machine)
    expect(
      await cancelVerifications(bot.machine, bot.api, [...(poisoned as VerificationEvent[]), ...events]),
    ).to.have.length(1)
    const messages = bot.server.heard.at(-1)?.body.messages as Record<string, Record<string, object>>
    expect(messages[ASHA]?.PHONE).to.include({ code: 'm.user' })
  })

  it('is declined in a room, too', async () => {
    const room = '!room:example.org'
    const content = VerificationRequest.request(new UserId(ASHA), new DeviceId('PHONE'), new UserId(BOT))
    const event = {
      type: 'm.room.message',
      event_id: '$asked',
      sender: ASHA,
      room_id: room,
      origin_server_ts: Date.now(),
      content: { ...(JSON.parse(content) as object), msgtype: 'm.key.verification.request' },
    }
    await bot.machine.receiveVerificationEvent(JSON.stringify(event), new RoomId(room))
    expect(await cancelVerifications(bot.machine, bot.api, [event])).to.deep.equal([])
    const [sent] = bot.server.sentToRooms
    expect(sent).to.include({ room, type: 'm.key.verification.cancel' })
    expect(sent?.content).to.include({ code: 'm.user' })
    expect(sent?.content).to.have.deep.property('m.relates_to', { rel_type: 'm.reference', event_id: '$asked' })
  })

  it('that begins without asking is declined as well', async () => {
    const content = {
      from_device: 'PHONE',
      transaction_id: 'flow-1',
      method: 'm.sas.v1',
      key_agreement_protocols: ['curve25519-hkdf-sha256'],
      hashes: ['sha256'],
      message_authentication_codes: ['hkdf-hmac-sha256.v2'],
      short_authentication_string: ['decimal', 'emoji'],
    }
    const messages = { [BOT]: { BOTDEVICE: content } }
    const api = bot.server.api(ASHA, 'PHONE')
    await api.request('PUT', '/_matrix/client/v3/sendToDevice/m.key.verification.start/1', { body: { messages } })
    await cancelVerifications(bot.machine, bot.api, await sync(bot.machine))
    expect(bot.server.takeToDevice(ASHA, 'PHONE')).to.have.nested.property('[0].content.code', 'm.user')
  })

  it('that cannot be declined is told', async () => {
    await asked()
    const events = await sync(bot.machine)
    bot.server.judge(() => 'unreachable')
    expect((await cancelVerifications(bot.machine, bot.api, events)).length).to.equal(1)
  })

  it('leaves the bot verifying nobody', async () => {
    await asked()
    await cancelVerifications(bot.machine, bot.api, await sync(bot.machine))
    const identity = await bot.machine.getIdentity(new UserId(ASHA))
    expect(identity).to.be.instanceOf(OtherUserIdentity)
    expect(identity?.isVerified()).to.be.false
  })
})
