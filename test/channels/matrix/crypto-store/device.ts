// A device in a process of its own, which kills itself at one of the store's steps, or is killed by whoever plays the homeserver. It asks by IPC,
// one thing at a time, and does everything in the order of a real one: keys durable, then told, then the token.
import {
  DecryptionSettings,
  DeviceLists,
  EncryptionSettings,
  RequestType,
  RoomId,
  TrustRequirement,
  UserId,
} from '@matrix-org/matrix-sdk-crypto-wasm'
import type { KeysClaimRequest, OlmMachine, ToDeviceRequest } from '@matrix-org/matrix-sdk-crypto-wasm'
import { openCryptoStore } from '../../../../src/channels/matrix/crypto-store/open-crypto-store.ts'
import { openMachine } from '../../../../src/channels/matrix/open-machine.ts'
import type { SyncAnswer } from '../../../support/tiny-homeserver.ts'
import { testSeal } from './folder.ts'

const [folder = '', user = '', peer = '', dieAt = '0', turns = '0'] = process.argv.slice(2)
const device = 'IMOK'
const room = new RoomId('!room:test')
/** Calls take their arguments for themselves: each needs its own. */
const reading = (): DecryptionSettings => new DecryptionSettings(TrustRequirement.Untrusted)

let step = 0
const store = await openCryptoStore({
  folder,
  seal: testSeal,
  onFailure: (code) => process.exit(code.length),
  small: 60_000,
  hook: () => {
    if (++step === Number(dieAt)) process.kill(process.pid, 'SIGKILL')
  },
})
const { olm } = await openMachine({ store, userId: user, deviceId: device })

let asked = 0
/** What the homeserver, or whoever plays the rest of imok, answers. */
async function ask<T>(what: string, ...args: unknown[]): Promise<T> {
  const id = ++asked
  return new Promise((resolve) => {
    process.once('message', (answer: { id: number; answer: unknown }) => {
      if (answer.id !== id) throw new Error(`the answer to another question came: ${what}`)
      resolve(answer.answer as T)
    })
    process.send?.({ id, what, args })
  })
}

type Outgoing = Awaited<ReturnType<OlmMachine['outgoingRequests']>>[number] | KeysClaimRequest | ToDeviceRequest

async function perform(request: Outgoing): Promise<void> {
  const body = JSON.parse(request.body) as unknown
  const done = async (asking: Promise<unknown>): Promise<void> => {
    const answer = JSON.stringify(await asking)
    // Those of the bootstrap have no id.
    if (request.id !== undefined) await olm.markRequestAsSent(request.id, request.type, answer)
  }
  if (request.type === RequestType.KeysUpload) await done(ask('uploadKeys', user, device, body))
  else if (request.type === RequestType.KeysQuery) await done(ask('query', body))
  else if (request.type === RequestType.KeysClaim) await done(ask('claim', body))
  else if (request.type === RequestType.SignatureUpload) await done(ask('uploadSignatures', user, body))
  else if ('event_type' in request && 'messages' in (body as object))
    await done(ask('sendToDevice', user, request.event_type, request.txn_id, body))
  else throw new Error(`what is a request of type ${request.type}?`)
}

async function performAll(): Promise<void> {
  for (const request of await olm.outgoingRequests()) await perform(request)
}

async function sync(): Promise<void> {
  const [since, from] = [Number(store.get('token') ?? 0), Number(store.get('from') ?? 0)]
  const answer = await ask<SyncAnswer>('sync', user, device, since, from)
  await store.together(() =>
    olm.receiveSyncChanges(
      JSON.stringify(answer.toDevice),
      new DeviceLists(answer.changed.map((id) => new UserId(id))),
      new Map(Object.entries(answer.counts)),
      new Set(answer.unusedFallback),
      reading(),
    ),
  )
  await performAll()
  for (const message of answer.messages) {
    const found = await olm.decryptRoomEvent(JSON.stringify(message), room, reading()).then(
      ({ event }) => (JSON.parse(event) as { content: { body: string } }).content.body,
      (error: unknown) => `cannot be read: ${String((error as { description?: string }).description ?? error)}`,
    )
    await ask('read', user, message.event_id, found)
  }
  store.set({ token: String(answer.next), from: String(from + answer.messages.length) })
}

async function bootstrap(): Promise<void> {
  const signing = await olm.bootstrapCrossSigning(false)
  if (signing.uploadKeysRequest) await perform(signing.uploadKeysRequest as Outgoing)
  await ask('uploadSigning', user, JSON.parse(signing.uploadSigningKeysRequest.body))
  await perform(signing.uploadSignaturesRequest)
  store.set({ bootstrapped: 'yes' })
}

async function write(): Promise<void> {
  const people = (): UserId[] => [new UserId(user), new UserId(peer)]
  await olm.updateTrackedUsers(people())
  await performAll()
  if ((await olm.getUserDevices(new UserId(peer))).devices().length === 0) return
  const claim = await olm.getMissingSessions(people())
  if (claim) await perform(claim)
  const share = async (): Promise<ToDeviceRequest[]> => {
    const settings = new EncryptionSettings()
    settings.rotationPeriodMessages = 4n
    return olm.shareRoomKey(room, people(), settings)
  }
  let shares = await share()
  // When a first message of theirs crosses ours, the wasm shares a session in use once more, from where it stands now. Who gets both in one
  // sync keeps the second and cannot read what came before (also with its own store in memory, and nobody killed). So: a new session.
  if (shares.length > 0 && store.get('used') === 'yes') {
    await olm.invalidateGroupSession(room)
    shares = await share()
  }
  if (shares.length > 0) store.set({ used: undefined })
  for (const request of shares) await perform(request)
  const { id, text } = await ask<{ id: string; text: string }>('toWrite', user)
  store.set({ used: 'yes' })
  const content = await olm.encryptRoomEvent(room, 'm.room.message', JSON.stringify({ msgtype: 'm.text', body: text }))
  await ask('send', user, id, JSON.parse(content))
}

for (let turn = 0; turn < Number(turns); turn++) {
  await sync()
  if (store.get('bootstrapped') !== 'yes') await bootstrap()
  await write()
}
await sync()
store.close()
process.disconnect()
