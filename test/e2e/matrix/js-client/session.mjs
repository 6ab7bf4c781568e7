// Logging in, encryption, the sync loop.
import { fileCommands } from './files.mjs'
import { interruptibleSync } from './offline.mjs'
import { roomCommands } from './rooms.mjs'
import { sdk, crypto } from './sdk.mjs'
import { watch } from './seen.mjs'
import { trustCommands } from './trust.mjs'

const RETRY = 300 // ms

const quiet = Object.assign(
  Object.fromEntries(['trace', 'debug', 'info'].map((level) => [level, () => undefined])),
  Object.fromEntries(
    ['warn', 'error'].map((level) => [
      level,
      (...what) => process.stderr.write(`${level} ${what.map(String).join(' ')}\n`),
    ]),
  ),
  { getChild: () => quiet },
)

/** identity: 'create' (cross-sign this device with new keys), 'none' (leave it unsigned), {recoveryKey} (sign it with the keys in 4S). */
export async function start({ url, user, password, deviceId, identity = 'create', acceptInvites = true }, say) {
  const anybody = sdk.createClient({ baseUrl: url, logger: quiet })
  const session = await anybody.loginRequest({
    type: 'm.login.password',
    identifier: { type: 'm.id.user', user },
    password,
    ...(deviceId ? { device_id: deviceId } : {}),
  })
  const secret = { key: identity.recoveryKey ? crypto.decodeRecoveryKey(identity.recoveryKey) : undefined }
  const { fetch: fetchFn, goOffline, goOnline } = interruptibleSync()
  const client = sdk.createClient({
    baseUrl: url,
    fetchFn,
    logger: quiet,
    accessToken: session.access_token,
    userId: session.user_id,
    deviceId: session.device_id,
    timelineSupport: true,
    cryptoCallbacks: {
      getSecretStorageKey: async ({ keys }) => (secret.key ? [Object.keys(keys)[0], secret.key] : null),
      cacheSecretStorageKey: (_id, _info, key) => (secret.key = key),
    },
  })
  await client.initRustCrypto({ useIndexedDB: false })
  const seen = watch(client, say)
  client.on(sdk.RoomMemberEvent.Membership, (event, member) => {
    if (member.userId !== client.getUserId() || member.membership !== 'invite') return
    say({ invited: { roomId: member.roomId, sender: event.getSender() } })
    if (acceptInvites) client.joinRoom(member.roomId).catch((error) => say({ problem: `join: ${error.message}` }))
  })
  await synced(client, () => client.startClient({ initialSyncLimit: 50, threadSupport: true }))

  // After a lost connection the SDK waits 5 to 10 s before it looks again: tests have no patience for that.
  setInterval(() => {
    if (['ERROR', 'RECONNECTING'].includes(client.getSyncState())) client.retryImmediately()
  }, RETRY)

  const authenticate = async (request) => {
    try {
      return await request(null)
    } catch (error) {
      if (error.httpStatus !== 401) throw error
      const identifier = { type: 'm.id.user', user: session.user_id }
      return request({ type: 'm.login.password', identifier, password, session: error.data.session })
    }
  }
  const trust = trustCommands(client, authenticate, secret)
  if (identity !== 'none') await trust.devices({ userId: session.user_id }) // its public keys must be known before they are imported
  if (identity !== 'none') await client.getCrypto().bootstrapCrossSigning({ authUploadDeviceSigningKeys: authenticate })

  const rooms = roomCommands(client)
  return {
    whoami: () => ({ userId: session.user_id, deviceId: session.device_id, accessToken: session.access_token }),
    goOffline,
    goOnline,
    ...seen,
    ...trust,
    ...rooms,
    ...fileCommands(client, rooms.send),
  }
}

/** Resolves at the first sync that succeeds. */
const synced = (client, begin) =>
  new Promise((resolve, reject) => {
    const hear = (state) => {
      if (state !== 'PREPARED' && state !== 'SYNCING') return
      client.off(sdk.ClientEvent.Sync, hear)
      resolve()
    }
    client.on(sdk.ClientEvent.Sync, hear)
    begin().catch(reject)
  })
