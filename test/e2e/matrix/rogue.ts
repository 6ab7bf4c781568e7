// A homeserver that shows a false identity for a user, speaks as them from a device that this identity has signed, and then
// shows the real identity again. Made with the same encryption library as ours, so that every signature is right.
import {
  DeviceId,
  EncryptionSettings,
  KeysClaimRequest,
  KeysQueryRequest,
  OlmMachine,
  RequestType,
  RoomId,
  UserId,
} from '@matrix-org/matrix-sdk-crypto-wasm'
import { ask, sendEvent } from './client-server.ts'
import type { Rule, RunningRule } from './faults.ts'
import { tokenOf } from './forge.ts'
import type { Content } from './matrix-client.ts'
import type { Proxy } from './proxy.ts'
import type { Synapse } from './synapse.ts'

/** One answer to /keys/query: by user, the devices and the cross-signing keys. */
interface KeysAnswer {
  readonly device_keys?: Readonly<Record<string, Readonly<Record<string, unknown>>>>
  readonly master_keys?: Readonly<Record<string, unknown>>
  readonly self_signing_keys?: Readonly<Record<string, unknown>>
}

interface Signed {
  readonly signatures?: Readonly<Record<string, Readonly<Record<string, string>>>>
}

export interface Rogue {
  /** The device that the server claims the user to have. Synapse itself never hears of it. */
  readonly deviceId: string
  /** The false public master key. */
  readonly masterKey: string
  /** From now on the client behind this proxy is shown the false identity, beside the user's real devices. Resolves when the client has been told that something changed, asked, and was answered. */
  show(proxy: Proxy): Promise<void>
  /** The real identity again, in the same way. */
  hide(proxy: Proxy): Promise<void>
  /** Sends an encrypted event as the user from the false device, with the room key for the devices of `readers`. Answers the event id. */
  send(roomId: string, readers: readonly string[], content: Content, type?: string): Promise<string>
  /** Frees what it holds. */
  end(): void
}

/** Makes a false identity for a user, with one device. Nothing is shown to anybody yet. */
export async function makeRogue(synapse: Synapse, userId: string, deviceId = 'FALSEDEVICE'): Promise<Rogue> {
  const token = await tokenOf(synapse, userId)
  const machine = await OlmMachine.initialize(new UserId(userId), new DeviceId(deviceId))
  const made = await machine.bootstrapCrossSigning(true)
  const upload = made.uploadKeysRequest as { id: string; body: string }
  const { device_keys: device } = JSON.parse(upload.body) as { device_keys: Signed }
  // Real servers would be given keys to claim: this device only sends, so nobody will ask.
  await machine.markRequestAsSent(upload.id, RequestType.KeysUpload, '{"one_time_key_counts":{"signed_curve25519":50}}')
  const identity = JSON.parse(made.uploadSigningKeysRequest.body) as { master_key: Keys; self_signing_key: Keys }
  const signatures = JSON.parse(made.uploadSignaturesRequest.body) as Record<string, Record<string, Signed>>
  const signed = merged(device, signatures[userId]?.[deviceId] ?? {}, userId)

  const falsified = (answer: KeysAnswer): KeysAnswer =>
    answer.device_keys?.[userId] === undefined
      ? answer
      : {
          ...answer,
          device_keys: { ...answer.device_keys, [userId]: { ...answer.device_keys[userId], [deviceId]: signed } },
          master_keys: { ...answer.master_keys, [userId]: identity.master_key },
          self_signing_keys: { ...answer.self_signing_keys, [userId]: identity.self_signing_key },
        }

  const showing = new Map<Proxy, RunningRule>()
  const post = (path: string, body: string): Promise<Content> =>
    ask(synapse.url, 'POST', `/_matrix/client/v3/keys/${path}`, { token, body: JSON.parse(body) })

  const askForDevices = async (users: readonly string[]): Promise<void> => {
    await machine.updateTrackedUsers(users.map((user) => new UserId(user)))
    for (const request of await machine.outgoingRequests()) {
      if (!(request instanceof KeysQueryRequest)) continue
      const { id, body } = request
      const answer = falsified(await post('query', body)) // about itself it believes the false identity
      await machine.markRequestAsSent(id, RequestType.KeysQuery, JSON.stringify(answer))
    }
    const claim = await machine.getMissingSessions(users.map((user) => new UserId(user)))
    if (claim instanceof KeysClaimRequest)
      await machine.markRequestAsSent(claim.id, RequestType.KeysClaim, JSON.stringify(await post('claim', claim.body)))
  }

  return {
    deviceId,
    masterKey: Object.values(identity.master_key.keys)[0] ?? '',
    show: async (proxy) => {
      showing.set(proxy, proxy.fault(keysQuery((answer) => falsified(answer as KeysAnswer))))
      await announce(proxy, userId)
    },
    hide: async (proxy) => {
      showing.get(proxy)?.off()
      await announce(proxy, userId)
    },
    async send(roomId, readers, content, type = 'm.room.message') {
      await askForDevices(readers)
      const room = new RoomId(roomId)
      const users = readers.map((user) => new UserId(user))
      for (const share of await machine.shareRoomKey(room, users, new EncryptionSettings())) {
        const path = `/_matrix/client/v3/sendToDevice/${share.event_type}/${share.txn_id}`
        const answer = await ask(synapse.url, 'PUT', path, { token, body: JSON.parse(share.body) })
        await machine.markRequestAsSent(share.id, RequestType.ToDevice, JSON.stringify(answer))
      }
      const sealed = JSON.parse(await machine.encryptRoomEvent(room, type, JSON.stringify(content))) as Content
      return sendEvent(synapse.url, token, roomId, 'm.room.encrypted', sealed)
    },
    end: () => machine.close(),
  }
}

interface Keys {
  readonly keys: Readonly<Record<string, string>>
}

/** A device with the signatures of its own key and of the identity, as a server merges them. */
function merged(device: Signed, bySigning: Signed, userId: string): Signed {
  const all = { ...device.signatures?.[userId], ...bySigning.signatures?.[userId] }
  return { ...device, signatures: { [userId]: all } }
}

const keysQuery = (change: (answer: unknown) => unknown): Rule => ({
  method: 'POST',
  path: /^\/_matrix\/client\/\w+\/keys\/query/,
  fault: { kind: 'rewrite', change },
})

/** Tells the client that this user's devices have changed, and waits until it has asked for them. */
async function announce(proxy: Proxy, userId: string): Promise<void> {
  let asked: () => void = () => undefined
  const isAsked = new Promise<void>((resolve) => (asked = resolve))
  const watch = proxy.fault(
    keysQuery((answer) => {
      if ((answer as KeysAnswer).device_keys?.[userId] !== undefined) asked()
      return answer
    }),
  )
  proxy.inSync((sync) => {
    const lists = (sync['device_lists'] ?? {}) as { changed?: readonly string[] }
    return { ...sync, device_lists: { ...lists, changed: [...(lists.changed ?? []), userId] } }
  })
  await isAsked
  watch.off()
}
