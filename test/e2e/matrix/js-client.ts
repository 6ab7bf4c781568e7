// matrix-js-sdk with its rust encryption: what Element Web is made of.
import path from 'node:path'
import { startClient, type MatrixClient } from './matrix-client.ts'
import type { SeenEvent } from './seen-event.ts'

const program = path.join(import.meta.dirname, 'js-client/main.mjs')

export interface Device {
  readonly deviceId: string
  /** Signed by its owner's identity, as that identity is now. */
  readonly signedByOwner: boolean
  /** And we have verified that owner. */
  readonly verified: boolean
}

export interface Identity {
  /** The public master key; undefined for a user without cross-signing. */
  readonly masterKey?: string
  readonly known: boolean
  /** We signed it. */
  readonly verified: boolean
  /** It has changed since we first saw it, and nobody said that this is right. */
  readonly needsApproval: boolean
}

export interface JsClient extends MatrixClient {
  /** Creates a room and waits until it is known here, encryption included. Options are those of POST /createRoom. */
  createRoom(options: Readonly<Record<string, unknown>>): Promise<string>
  /** createRoom() for a private room, encrypted from its first event, without history for newcomers. */
  createEncryptedRoom(name: string, invite: readonly string[]): Promise<string>
  invite(roomId: string, userId: string): Promise<void>
  /** An event as it looks now: shields change when devices and identities do. */
  look(eventId: string): Promise<SeenEvent>
  /** No sync until goOnline; sending still works. */
  goOffline(): Promise<void>
  /** Syncs again, from where it stopped. */
  goOnline(): Promise<void>
  /** Puts our cross-signing keys into secret storage; answers the recovery key. */
  createRecoveryKey(): Promise<string>
  /** New cross-signing keys for our user, as after "reset identity" in Element. */
  resetIdentity(): Promise<void>
  /** Signs another device of our user, as after a verification between the two. */
  crossSign(deviceId: string): Promise<void>
  /** The devices of a user, asked anew. */
  devices(userId: string): Promise<readonly Device[]>
  /** Whether a device is there and signed by its owner now. */
  deviceVerified(userId: string, deviceId: string): Promise<boolean>
  /** The identity of a user, asked anew. */
  identity(userId: string): Promise<Identity>
  /** Signs a user's identity, as after comparing emojis. */
  verifyUser(userId: string): Promise<void>
  /** "Withdraw verification", after a verified user's identity has changed. */
  withdrawVerification(userId: string): Promise<void>
  /** MSC4153, "exclude insecure devices": neither gives keys to, nor reads, what is not cross-signed. Off at first. */
  excludeInsecureDevices(on: boolean): Promise<void>
}

export interface JsClientSettings {
  /** The homeserver, or a proxy before it. */
  readonly url: string
  readonly user: string
  readonly password: string
  /** A name for the new device. Keys live in memory: a second start with the same name is a broken device. */
  readonly deviceId?: string
  /** 'create' (the default): new cross-signing keys, this device signed. 'none': an unsigned device. A recovery key: signed with the keys in secret storage. */
  readonly identity?: 'create' | 'none' | { readonly recoveryKey: string }
  /** Default: true. */
  readonly acceptInvites?: boolean
}

/** Logs in as a new device of a user; under a second. */
export async function startJsClient(settings: JsClientSettings): Promise<JsClient> {
  const { client, stranger } = await startClient(process.execPath, [program], { ...settings })
  const done = async (command: string, args?: Readonly<Record<string, unknown>>): Promise<void> => {
    await stranger.ask(command, args)
  }
  const createRoom: JsClient['createRoom'] = (options) => stranger.ask('createRoom', options) as Promise<string>
  const devices: JsClient['devices'] = (userId) => stranger.ask('devices', { userId }) as Promise<Device[]>
  return {
    ...client,
    createRoom,
    createEncryptedRoom: (name, invite) => createRoom({ preset: 'private_chat', name, invite, initial_state: secret }),
    invite: (roomId, userId) => done('invite', { roomId, userId }),
    look: (eventId) => stranger.ask('look', { eventId }) as Promise<SeenEvent>,
    goOffline: () => done('goOffline'),
    goOnline: () => done('goOnline'),
    createRecoveryKey: () => stranger.ask('createRecoveryKey') as Promise<string>,
    resetIdentity: () => done('resetIdentity'),
    crossSign: (deviceId) => done('crossSign', { deviceId }),
    devices,
    deviceVerified: async (userId, deviceId) =>
      (await devices(userId)).some((device) => device.deviceId === deviceId && device.signedByOwner),
    identity: (userId) => stranger.ask('identity', { userId }) as Promise<Identity>,
    verifyUser: (userId) => done('verifyUser', { userId }),
    withdrawVerification: (userId) => done('withdrawVerification', { userId }),
    excludeInsecureDevices: (on) => done('excludeInsecureDevices', { on }),
  }
}

const secret = [
  { type: 'm.room.encryption', state_key: '', content: { algorithm: 'm.megolm.v1.aes-sha2' } },
  { type: 'm.room.history_visibility', state_key: '', content: { history_visibility: 'joined' } },
]
