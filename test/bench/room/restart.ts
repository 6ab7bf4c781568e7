// How soon a kernel reads the room again after a restart, with the keys of many admins and many sessions.
import { mkdtemp, rm } from 'node:fs/promises'
import path from 'node:path'
import type { MatrixApi } from '../../../src/channels/matrix/api.ts'
import { MatrixFailure } from '../../../src/channels/matrix/failure.ts'
import { Proxy } from '../../chaos/room/proxy.ts'
import { BarePhone } from '../../e2e/matrix/bare-phone.ts'
import type { Account } from '../../e2e/matrix/synapse.ts'
import { startSynapse } from '../../e2e/matrix/synapse.ts'
import { startKernel } from '../kernel.ts'
import { embedded, prepare } from '../prepare.ts'

const v3 = '/_matrix/client/v3/'
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

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
    for (const account of accounts) phones.push(await BarePhone.of(synapse, account))
    await prepare(await embedded(path.join(folder, 'data')), [], 0)
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
    for (let n = 0; n < sessions; n++) await phones[n % phones.length]?.share(room, bot.userId)
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
