// The whole of it for a test: a homeserver, the kernel with a room on it, admins with their apps, and Mo's simulated phone.
import { spawnSync } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { freePort } from '../../support/free-port.ts'
import type { IsUp, RunningKernel } from '../kernel.ts'
import { startKernel, writesTo } from '../kernel.ts'
import type { JsClient } from './js-client.ts'
import { startJsClient } from './js-client.ts'
import type { Account, Synapse } from './synapse.ts'
import { startSynapse } from './synapse.ts'

export const MO = '+447700900001'

export interface MatrixHouse {
  synapse: Synapse
  bot: Account
  /** By their names: `asha` is an owner, the others are admins. */
  apps: Record<string, JsClient>
  accounts: Record<string, Account>
  kernel: () => RunningKernel
  /** The room's id, once somebody read something in it. */
  room: () => string
  /** Mo, or somebody else with a simulated phone, writes. */
  phone: (text: string, from?: string) => Promise<void>
  /** What the simulated phones were sent. */
  phones: () => Promise<{ n: number; to: string; text: string }[]>
  /** Ends the kernel as the power does, and starts it again on what is left. */
  killAndRestart: () => Promise<void>
  kill: () => Promise<void>
  /** `npm run matrix -- …`, as the operator runs it while imok is stopped; `typed` answers its question. */
  command: (args: readonly string[], typed?: string) => { output: string; code: number | null }
  dataFolder: string
  settings: Readonly<Record<string, string>>
  /** `isUp`: what `/readyz` must answer; else that all is well. */
  restart: (more?: Record<string, string>, isUp?: IsUp) => Promise<void>
  remove: () => Promise<void>
}

interface HouseOptions {
  later?: readonly string[]
  limits?: 'default' | 'raised'
  settings?: Record<string, string>
  /** What stands between imok and the homeserver. */
  front?: (homeserver: string) => Promise<{ url: string }>
  /** The first of them made a room already, and invited imok and the others. */
  hasRoom?: true
  /** Where imok keeps what it knows; else a new folder. */
  dataFolder?: string
}

/** `names`: admins that have an app; `later`: admins on the list who have none yet. */
export async function matrixHouse(
  names: readonly [string, ...string[]],
  options: HouseOptions = {},
): Promise<MatrixHouse> {
  /** How to end what has begun, the last first. */
  const ends: (() => Promise<void>)[] = []
  const remove = async (): Promise<void> => {
    for (const end of ends.splice(0).reverse()) await end()
  }
  try {
    return { ...(await openHouse(names, options, ends)), remove }
  } catch (error) {
    // What was left would take the machine from every test after this one.
    await remove()
    throw error
  }
}

async function openHouse(
  names: readonly [string, ...string[]],
  options: HouseOptions,
  ends: (() => Promise<void>)[],
): Promise<Omit<MatrixHouse, 'remove'>> {
  const synapse = await startSynapse({ limits: options.limits ?? 'raised' })
  ends.push(synapse.remove)
  const bot = await synapse.register('imok')
  const accounts: Record<string, Account> = {}
  const apps: Record<string, JsClient> = {}
  for (const name of [...names, ...(options.later ?? [])]) accounts[name] = await synapse.register(name)
  for (const name of names) {
    const account = accounts[name]
    if (!account) continue
    const app = await startJsClient(synapse, account)
    ends.push(app.stop)
    apps[name] = app
  }
  const dataFolder = options.dataFolder ?? mkdtempSync(path.join(tmpdir(), 'imok-matrix-'))
  const settings = {
    IMOK_HTTP_PORT: String(await freePort()),
    IMOK_MATRIX_HOMESERVER: (await options.front?.(synapse.url))?.url ?? synapse.url,
    IMOK_MATRIX_USER: bot.userId,
    IMOK_MATRIX_PASSWORD: bot.password,
    IMOK_MATRIX_ADMINS: Object.values(accounts)
      .map(({ userId }) => userId)
      .join(','),
    IMOK_SIMULATOR: 'on',
    IMOK_TIMEZONE: 'UTC',
    ...(options.hasRoom && { IMOK_MATRIX_ROOM: await roomOf(synapse, bot, Object.values(apps)) }),
    ...options.settings,
  }
  let kernel = await startKernel(settings, dataFolder)
  ends.push(() => kernel.stop())
  const [first] = names
  const said = await apps[first]?.reads(/^Admin here: /)
  const kill = (): Promise<void> => kernel.stop('SIGKILL')
  const restart = async (more: Record<string, string> = {}, isUp?: IsUp): Promise<void> => {
    kernel = await startKernel({ ...settings, ...more }, dataFolder, isUp)
  }
  return {
    synapse,
    bot,
    apps,
    accounts,
    kernel: () => kernel,
    room: () => said?.room ?? '',
    phone: (text, from = MO) => writesTo(kernel, text, from),
    phones: async () =>
      (await (await fetch(`${kernel.url}/simulator/messages`)).json()) as { n: number; to: string; text: string }[],
    kill,
    dataFolder,
    settings,
    command: (args, typed = '') => {
      const ran = spawnSync('npm', ['run', '-s', 'matrix', '--', ...args], {
        input: typed,
        encoding: 'utf8',
        env: { ...process.env, ...settings, IMOK_DATA_DIR: dataFolder },
      })
      return { output: ran.stdout, code: ran.status }
    },
    restart,
    killAndRestart: async () => {
      await kill()
      await restart()
    },
  }
}

/** A room as a careful admin makes one. */
async function roomOf(synapse: Synapse, bot: Account, [first, ...others]: JsClient[]): Promise<string> {
  const invited = [bot.userId, ...others.map(({ userId }) => userId)]
  const { status, body } = await synapse.request('POST', '/_matrix/client/v3/createRoom', first?.token ?? '', {
    preset: 'private_chat',
    invite: invited,
    power_level_content_override: { users: Object.fromEntries(invited.map((user) => [user, 50])) },
    initial_state: [
      { type: 'm.room.encryption', state_key: '', content: { algorithm: 'm.megolm.v1.aes-sha2' } },
      { type: 'm.room.history_visibility', state_key: '', content: { history_visibility: 'joined' } },
    ],
  })
  if (status !== 200) throw new Error(`the room could not be made: ${JSON.stringify(body)}`)
  return String(body['room_id'])
}
