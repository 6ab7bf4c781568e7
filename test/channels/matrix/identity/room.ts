// A room in which somebody talks to the bot, as far as keys are concerned.
import type { TrustRequirement } from '@matrix-org/matrix-sdk-crypto-wasm'
import {
  CollectStrategy,
  DecryptionSettings,
  DeviceId,
  DeviceLists,
  EncryptionSettings,
  OlmMachine,
  RoomId,
  UserId,
} from '@matrix-org/matrix-sdk-crypto-wasm'
import { perform, sendOutgoing } from '../../../../src/channels/matrix/outgoing-requests.ts'
import type { FakeHomeserver } from '../../../support/fake-homeserver.ts'
import { BOT } from './bot.ts'
import type { Bot } from './bot.ts'

export const ASHA = '@asha:example.org'
const ROOM = '!room:example.org'

/** An admin with a cross-signed phone. */
export async function phoneOf(server: FakeHomeserver, user: string): Promise<OlmMachine> {
  const api = server.api(user, 'PHONE')
  const machine = await OlmMachine.initialize(new UserId(user), new DeviceId('PHONE'))
  await sendOutgoing(machine, api)
  const { uploadSigningKeysRequest, uploadSignaturesRequest } = await machine.bootstrapCrossSigning(true)
  const body: unknown = JSON.parse(uploadSigningKeysRequest.body)
  await api.request('POST', '/_matrix/client/v3/keys/device_signing/upload', { body })
  await perform(machine, api, uploadSignaturesRequest)
  return machine
}

export const ashasPhone = (server: FakeHomeserver): Promise<OlmMachine> => phoneOf(server, ASHA)

/** Asha says something to every device of the bot; the event as a sync brings it. Each time with a new room key. */
export async function says(phone: OlmMachine, server: FakeHomeserver, text: string): Promise<string> {
  const api = server.api(ASHA, 'PHONE')
  await phone.updateTrackedUsers([new UserId(BOT)])
  await phone.markAllTrackedUsersAsDirty()
  await sendOutgoing(phone, api)
  const claim = await phone.getMissingSessions([new UserId(BOT)])
  if (claim) await perform(phone, api, claim)
  const settings = new EncryptionSettings()
  settings.sharingStrategy = CollectStrategy.allDevices()
  await phone.invalidateGroupSession(new RoomId(ROOM))
  for (const request of await phone.shareRoomKey(new RoomId(ROOM), [new UserId(BOT)], settings))
    await perform(phone, api, request)
  const content = await phone.encryptRoomEvent(new RoomId(ROOM), 'm.room.message', JSON.stringify({ body: text }))
  return JSON.stringify({
    type: 'm.room.encrypted',
    event_id: `$${text}`,
    sender: ASHA,
    room_id: ROOM,
    origin_server_ts: 0,
    content: JSON.parse(content) as unknown,
  })
}

/** The bot gets what was sent to its device. */
export async function hears(bot: Bot): Promise<void> {
  const { userId, deviceId } = bot.api
  await bot.machine.updateTrackedUsers([new UserId(ASHA)])
  await sendOutgoing(bot.machine, bot.api)
  const events = bot.server.takeToDevice(userId, deviceId)
  const counts = new Map([['signed_curve25519', bot.server.keys.oneTimeKeys(userId, deviceId)]])
  await bot.machine.receiveSyncChanges(JSON.stringify(events), new DeviceLists(), counts)
  await sendOutgoing(bot.machine, bot.api)
}

/** What the bot reads; undefined if it has no key, or not one that it trusts as much as asked. */
export async function reads(bot: Bot, event: string, trust: TrustRequirement): Promise<string | undefined> {
  try {
    const read = await bot.machine.decryptRoomEvent(event, new RoomId(ROOM), new DecryptionSettings(trust))
    return (JSON.parse(read.event) as { content: { body: string } }).content.body
  } catch {
    return undefined
  }
}
