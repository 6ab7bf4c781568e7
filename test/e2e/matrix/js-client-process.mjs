// An admin's app, made of matrix-js-sdk: a client that nobody here wrote. A process of its own that takes commands and tells what it sees, a
// JSON line each. Keys are in memory: what it was not there for it cannot read, as a phone that was just bought.
import { createRequire } from 'node:module'
import path from 'node:path'
import { createInterface } from 'node:readline'

const require = createRequire(path.resolve(import.meta.dirname, '../tools/package.json'))
const load = (name) => import(require.resolve(name))
const tell = (line) => process.stdout.write(`${JSON.stringify(line)}\n`)
// The library talks on the console; this is our line to the test.
for (const method of ['log', 'info', 'warn', 'error', 'debug', 'trace']) console[method] = () => undefined

const sdk = await load('matrix-js-sdk')
sdk.logger?.setLevel?.('silent')
const { decodeRecoveryKey } = await load('matrix-js-sdk/lib/crypto-api/recovery-key.js').catch(() => ({}))

let client
let account
const recovery = new Map()

const shieldOf = async (event) => {
  const info = await client.getCrypto().getEncryptionInfoForEvent(event)
  return info ? { color: info.shieldColour, reason: info.shieldReason } : undefined
}

async function seen(event) {
  if (event.isEncrypted() && (event.isBeingDecrypted() || !event.getClearContent?.()))
    await event.getDecryptionPromise?.()?.catch(() => undefined)
  const content = event.getContent()
  const actions = client.getPushActionsForEvent(event, true)
  tell({
    event: {
      id: event.getId(),
      room: event.getRoomId(),
      at: event.getTs(),
      seenAt: Date.now(),
      sender: event.getSender(),
      type: event.getType(),
      content,
      body: typeof content.body === 'string' ? content.body : undefined,
      encrypted: event.isEncrypted(),
      failed: event.isDecryptionFailure() ? (event.decryptionFailureReason ?? 'unknown') : undefined,
      wire: event.getWireContent(),
      state: event.isState() ? event.getStateKey() : undefined,
      shield: event.isEncrypted() ? await shieldOf(event) : undefined,
      push: actions
        ? { notify: actions.notify, sound: actions.tweaks?.sound, highlight: actions.tweaks?.highlight }
        : undefined,
    },
  })
}

const commands = {
  async login({ url, user, password, deviceId }) {
    const first = sdk.createClient({ baseUrl: url })
    account = await first.loginRequest({
      type: 'm.login.password',
      identifier: { type: 'm.id.user', user },
      password,
      ...(deviceId && { device_id: deviceId }),
    })
    client = sdk.createClient({
      baseUrl: url,
      accessToken: account.access_token,
      userId: account.user_id,
      deviceId: account.device_id,
      cryptoCallbacks: {
        getSecretStorageKey: async ({ keys }) => {
          const id = Object.keys(keys).find((one) => recovery.has(one)) ?? Object.keys(keys)[0]
          return [id, recovery.get(id) ?? recovery.get('any')]
        },
        cacheSecretStorageKey: (id, _info, key) => recovery.set(id, key),
      },
    })
    await client.initRustCrypto({ useIndexedDB: false })
    client.on('event', () => undefined)
    client.on('Room.timeline', (event, _room, toStart, removed) => {
      if (!toStart && !removed) void seen(event)
    })
    client.on('Event.decrypted', (event) => void seen(event))
    client.on('RoomMember.membership', (_event, member) => {
      if (member.userId === account.user_id && member.membership === 'invite') void client.joinRoom(member.roomId)
    })
    await client.startClient({ initialSyncLimit: 0 })
    await new Promise((resolve) => {
      const look = (state) => state === 'PREPARED' && resolve()
      client.on('sync', look)
    })
    return { userId: account.user_id, deviceId: account.device_id, token: account.access_token }
  },
  /** Sets up this person's identity, as Element does at the first login. Returns the recovery key's bytes for another device. */
  async bootstrap({ password, reset = false }) {
    const crypto = client.getCrypto()
    const auth = async (makeRequest) => {
      try {
        return await makeRequest(null)
      } catch (error) {
        const session = error?.data?.session
        return makeRequest({
          type: 'm.login.password',
          identifier: { type: 'm.id.user', user: account.user_id },
          password,
          ...(session && { session }),
        })
      }
    }
    await crypto.bootstrapCrossSigning({ setupNewCrossSigning: reset, authUploadDeviceSigningKeys: auth })
    const key = await crypto.createRecoveryKeyFromPassphrase()
    recovery.set('any', key.privateKey)
    await crypto.bootstrapSecretStorage({
      createSecretStorageKey: async () => key,
      setupNewSecretStorage: true,
      setupNewKeyBackup: false,
    })
    return { recoveryKey: key.encodedPrivateKey }
  },
  /** A new device is verified by the recovery key. */
  async verifySelf({ recoveryKey }) {
    recovery.set('any', decodeRecoveryKey(recoveryKey))
    await client.getCrypto().bootstrapCrossSigning({})
    return {}
  },
  async send({ room, content, type = 'm.room.message' }) {
    const { event_id: id } = await client.sendEvent(room, type, content)
    return { id }
  },
  async rooms() {
    return client.getRooms().map((room) => ({ id: room.roomId, membership: room.getMyMembership() }))
  },
  async join({ room }) {
    await client.joinRoom(room)
    return {}
  },
  async trust({ user, device }) {
    const crypto = client.getCrypto()
    await crypto.userHasCrossSigningKeys(user, true)
    const status = await crypto.getDeviceVerificationStatus(user, device)
    return { signedByOwner: status?.signedByOwner, crossSigned: status?.crossSigningVerified }
  },
  /** Vouches for another device of this person, as scanning its code does. */
  async sign({ device }) {
    await client.getCrypto().getUserDeviceInfo([account.user_id], true)
    await client.getCrypto().crossSignDevice(device)
    return {}
  },
  async devices({ user }) {
    const all = await client.getCrypto().getUserDeviceInfo([user], true)
    return [...(all.get(user)?.keys() ?? [])]
  },
  async state({ room, type, key = '' }) {
    return client.getStateEvent(room, type, key)
  },
  async logout() {
    client.stopClient()
    await client.logout(true)
    return {}
  },
}

for await (const line of createInterface({ input: process.stdin })) {
  const { id, command, args = {} } = JSON.parse(line)
  Promise.resolve()
    .then(() => commands[command](args))
    .then(
      (answer) => tell({ id, answer: answer ?? {} }),
      (error) => tell({ id, error: String(error?.stack ?? error).slice(0, 2000) }),
    )
}
process.exit(0)
