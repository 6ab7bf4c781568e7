// How soon a kernel reads the room again after a restart, with the keys of many admins and many sessions.
import { mkdtemp, rm } from 'node:fs/promises'
import path from 'node:path'
import { DeviceId, EncryptionSettings, OlmMachine, RoomId, UserId } from '@matrix-org/matrix-sdk-crypto-wasm'
import type { MatrixApi } from '../../../src/channels/matrix/api.ts'
import { MatrixFailure } from '../../../src/channels/matrix/failure.ts'
import { requester } from '../../../src/channels/matrix/client.ts'
import { perform, sendOutgoing } from '../../../src/channels/matrix/outgoing-requests.ts'
import { Proxy } from '../../chaos/room/proxy.ts'
import type { Account, Synapse } from '../../e2e/matrix/synapse.ts'
import { startSynapse } from '../../e2e/matrix/synapse.ts'
import { startKernel } from '../kernel.ts'
import { prepare } from '../prepare.ts'

const v3 = '/_matrix/client/v3/'
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/** An admin's phone without a screen: signed by its owner's identity, in the room. */
async function phone(synapse: Synapse, account: Account): Promise<{ machine: OlmMachine; api: MatrixApi }> {
  const { token, deviceId } = await synapse.login(account)
  const api: MatrixApi = { userId: account.userId, deviceId, ...requester(synapse.url, token) }
  const machine = await OlmMachine.initialize(new UserId(account.userId), new DeviceId(deviceId))
  await sendOutgoing(machine, api)
  const { uploadSigningKeysRequest, uploadSignaturesRequest } = await machine.bootstrapCrossSigning(true)
  const body = JSON.parse(uploadSigningKeysRequest.body) as object
  await api.request('POST', `${v3}keys/device_signing/upload`, { body })
  await perform(machine, api, uploadSignaturesRequest)
  return { machine, api }
}

/** Says something under a new session: one more room key for the bot to keep. */
async function say(
  { machine, api }: { machine: OlmMachine; api: MatrixApi },
  room: string,
  bot: string,
): Promise<void> {
  const people = (): UserId[] => [new UserId(bot)]
  await machine.updateTrackedUsers(people())
  await sendOutgoing(machine, api)
  const claim = await machine.getMissingSessions(people())
  if (claim) await perform(machine, api, claim)
  await machine.invalidateGroupSession(new RoomId(room))
  for (const request of await machine.shareRoomKey(new RoomId(room), people(), new EncryptionSettings()))
    await perform(machine, api, request)
}

/** Milliseconds from the start of the process until the homeserver has answered its first /sync. */
export async function restart(
  parent: string,
  admins: number,
  sessions: number,
): Promise<{ syncing: number; ready: number }> {
  const folder = await mkdtemp(path.join(parent, 'imok-bench-restart-'))
  const synapse = await startSynapse({ limits: 'raised' })
  const proxy = await new Proxy(synapse.url).start()
  try {
    const bot = await synapse.register('imok')
    const accounts: Account[] = []
    for (let n = 0; n < admins; n++) accounts.push(await synapse.register(`admin${String(n)}`))
    const phones = []
    for (const account of accounts) phones.push(await phone(synapse, account))
    await prepare(path.join(folder, 'data'), [], 0)
    const settings = {
      IMOK_SIMULATOR: 'on',
      IMOK_MATRIX_HOMESERVER: proxy.url,
      IMOK_MATRIX_USER: bot.userId,
      IMOK_MATRIX_PASSWORD: bot.password,
      IMOK_MATRIX_ADMINS: accounts.map(({ userId }) => userId).join(','),
    }
    const start = (log: string) => startKernel(path.join(folder, 'data'), settings, path.join(folder, log), [])
    const first = await start('log')
    const room = await invited(phones[0]?.api)
    for (const { api } of phones) await join(api, room)
    for (let n = 0; n < sessions; n++) await say(phones[n % phones.length]!, room, bot.userId)
    // The last keys are on their way into the store.
    await pause(5_000)
    await first.stop()
    const [began, before] = [Date.now(), proxy.synced.length]
    const again = await start('log-again')
    while (proxy.synced.length === before) await pause(5)
    const syncing = (proxy.synced[before] ?? NaN) - began
    await again.stop()
    return { syncing, ready: again.startedIn }
  } finally {
    proxy.stop()
    await synapse.remove()
    await rm(folder, { recursive: true, force: true })
  }
}

/** A server lets few in at a time. */
async function join(api: MatrixApi, room: string): Promise<void> {
  for (;;) {
    try {
      await api.request('POST', `${v3}rooms/${encodeURIComponent(room)}/join`, { body: {} })
      return
    } catch (error) {
      if (!(error instanceof MatrixFailure) || error.status !== 429) throw error
      await pause(error.wait ?? 500)
    }
  }
}

async function invited(api: MatrixApi | undefined): Promise<string> {
  for (;;) {
    const answer = await api?.request<{ rooms?: { invite?: Record<string, unknown> } }>('GET', `${v3}sync`, {
      query: { timeout: 0 },
    })
    const [room] = Object.keys(answer?.rooms?.invite ?? {})
    if (room !== undefined) return room
    await pause(100)
  }
}
