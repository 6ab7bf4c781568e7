import {
  DeviceId,
  DeviceLists,
  OlmMachine,
  RoomId,
  RoomMessageRequest,
  UserId,
} from '@matrix-org/matrix-sdk-crypto-wasm'
import { CollectStrategy, EncryptionSettings, ToDeviceRequest } from '@matrix-org/matrix-sdk-crypto-wasm'
import { expect } from 'chai'
import type { MatrixApi } from '../../../src/channels/matrix/api.ts'
import { MatrixFailure } from '../../../src/channels/matrix/failure.ts'
import { ForeignIdentity } from '../../../src/channels/matrix/identity/foreign-identity.ts'
import { heldKeys } from '../../../src/channels/matrix/identity/held-keys.ts'
import { perform, sendOutgoing, SignaturesRefused } from '../../../src/channels/matrix/outgoing-requests.ts'
import { FakeHomeserver } from '../../support/fake-homeserver.ts'

const BOT = '@imok:example.org'
const ASHA = '@asha:example.org'

async function machineOf(user: string, device: string): Promise<OlmMachine> {
  return OlmMachine.initialize(new UserId(user), new DeviceId(device))
}

/** A phone of an admin: its keys are on the server. */
async function phone(server: FakeHomeserver, user: string, device: string): Promise<OlmMachine> {
  const machine = await machineOf(user, device)
  await sendOutgoing(machine, server.api(user, device))
  return machine
}

describe('what the crypto machine wants to send', () => {
  let server: FakeHomeserver
  let machine: OlmMachine
  let api: MatrixApi

  beforeEach(async () => {
    server = new FakeHomeserver()
    machine = await machineOf(BOT, 'BOTDEVICE')
    api = server.api(BOT, 'BOTDEVICE')
  })

  it('goes out, and once', async () => {
    expect(await sendOutgoing(machine, api)).to.deep.equal([])
    expect(server.keys.device(BOT, 'BOTDEVICE')?.keys['ed25519:BOTDEVICE']).to.equal(
      machine.identityKeys.ed25519.toBase64(),
    )
    expect(server.keys.oneTimeKeys(BOT, 'BOTDEVICE')).to.equal(50)
    server.heard.length = 0
    await sendOutgoing(machine, api)
    expect(server.heard).to.deep.equal([])
  })

  it('leads to a room key that a phone can read', async () => {
    const asha = await phone(server, ASHA, 'PHONE')
    await sendOutgoing(machine, api)
    await machine.updateTrackedUsers([new UserId(ASHA)])
    await sendOutgoing(machine, api)
    const claim = await machine.getMissingSessions([new UserId(ASHA)])
    await perform(machine, api, claim!)
    const settings = new EncryptionSettings()
    settings.sharingStrategy = CollectStrategy.allDevices()
    const room = new RoomId('!room:example.org')
    for (const request of await machine.shareRoomKey(room, [new UserId(ASHA)], settings))
      await perform(machine, api, request)
    const events = server.takeToDevice(ASHA, 'PHONE')
    expect(events.length).to.equal(1)
    await asha.receiveSyncChanges(JSON.stringify(events), new DeviceLists(), new Map())
    expect((await asha.roomKeyCounts()).total).to.equal(1)
  })

  it('sends a message to a device under its own id, so that it arrives once', async () => {
    await phone(server, ASHA, 'PHONE')
    const body = JSON.stringify({ messages: { [ASHA]: { PHONE: { hello: 1 } } } })
    const request = new ToDeviceRequest('id-1', 'org.example.hello', 'id-1', body)
    server.judge(() => 'answer-lost')
    await perform(machine, api, request).catch(() => undefined)
    server.heal()
    await perform(machine, api, request)
    expect(server.heard.at(-1)?.path).to.equal('sendToDevice/org.example.hello/id-1')
    expect(server.takeToDevice(ASHA, 'PHONE').length).to.equal(1)
  })

  it('sends a room message under its transaction id', async () => {
    await perform(machine, api, new RoomMessageRequest('id-2', '!a/b:example.org', 'txn 2', 'm.key', '{"a":1}'))
    expect(server.heard.at(-1)?.path).to.equal('rooms/!a%2Fb%3Aexample.org/send/m.key/txn%202')
    expect(server.sentToRooms).to.deep.equal([{ room: '!a/b:example.org', type: 'm.key', content: { a: 1 } }])
  })

  it('reports what failed, keeps no other, and tries it again in the next run only', async () => {
    server.judge(({ path }) => (path === 'keys/upload' ? { status: 500, code: 'M_UNKNOWN' } : undefined))
    const failed = await sendOutgoing(machine, api)
    expect(failed.map(({ request }) => request)).to.deep.equal(['KeysUpload'])
    expect(failed[0]?.error).to.be.instanceOf(MatrixFailure)
    expect(server.heard.map(({ path }) => path).sort()).to.deep.equal(['keys/query', 'keys/upload'])
    server.heal()
    expect(await sendOutgoing(machine, api)).to.deep.equal([])
    expect(server.keys.devicesOf(BOT)).to.deep.equal(['BOTDEVICE'])
  })

  it('is not kept waiting by a server that answers no questions about keys', async () => {
    let release = (): void => undefined
    const uploaded = new Promise<void>((resolve) => (release = resolve))
    const slow: MatrixApi = {
      ...api,
      request: async <Answer>(...args: Parameters<MatrixApi['request']>): Promise<Answer> => {
        if (args[1].endsWith('keys/query')) await uploaded
        const answer = await api.request<Answer>(...args)
        if (args[1].endsWith('keys/upload')) release()
        return answer
      },
    }
    expect(await sendOutgoing(machine, slow)).to.deep.equal([])
  })

  it('has one run at a time: a call during one gets the next, which all who wait share', async () => {
    let running = 0
    let most = 0
    const counted: MatrixApi = {
      ...api,
      request: async <Answer>(...args: Parameters<MatrixApi['request']>): Promise<Answer> => {
        if (!args[1].endsWith('keys/upload')) return api.request<Answer>(...args)
        running += 1
        most = Math.max(most, running)
        const answer = await api.request<Answer>(...args)
        running -= 1
        return answer
      },
    }
    const first = sendOutgoing(machine, counted)
    await new Promise((resolve) => setImmediate(resolve))
    const second = sendOutgoing(machine, counted)
    expect(sendOutgoing(machine, counted)).to.equal(second)
    await Promise.all([first, second])
    expect(most).to.equal(1)
    expect(server.heard.filter(({ path }) => path === 'keys/upload').length).to.equal(1)
  })

  it('says so when the homeserver keeps no signature', async () => {
    await sendOutgoing(machine, api)
    const { uploadSignaturesRequest } = await machine.bootstrapCrossSigning(true)
    const error: unknown = await perform(machine, api, uploadSignaturesRequest).catch((thrown: unknown) => thrown)
    expect(error).to.be.instanceOf(SignaturesRefused)
  })

  it('never shows the machine an identity of ours that is not ours: it would throw the private keys away', async () => {
    await sendOutgoing(machine, api)
    await machine.bootstrapCrossSigning(true)
    const held = await heldKeys(machine)
    const liar = await machineOf(BOT, 'LIAR')
    const lie = await liar.bootstrapCrossSigning(true)
    server.keys.setIdentity(BOT, JSON.parse(lie.uploadSigningKeysRequest.body) as Record<string, unknown>)
    await phone(server, ASHA, 'PHONE')
    await machine.updateTrackedUsers([new UserId(ASHA)])
    await machine.markAllTrackedUsersAsDirty()
    const failed = await sendOutgoing(machine, api)
    expect(failed.map(({ request }) => request)).to.deep.equal(['KeysQuery'])
    expect(failed[0]?.error).to.be.instanceOf(ForeignIdentity)
    expect(await heldKeys(machine)).to.deep.equal(held)
    const known = await machine.getUserDevices(new UserId(ASHA))
    expect(known.devices().length, 'the rest of the answer is taken').to.equal(1)
  })
})
