// A real homeserver, Synapse, on this machine only: SQLite, one client listener, no federation, a folder of its own.
import { type ChildProcess, spawn } from 'node:child_process'
import { createHmac, randomBytes } from 'node:crypto'
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { freePort } from '../kernel.ts'
import { python } from '../python.mjs'
import { ask, login } from './client-server.ts'
import { type RateLimits, SERVER_NAME, writeSettings } from './synapse-settings.ts'

const READY = 60_000 // ms
const LOOK = 50 // ms between two looks whether it answers

/** Ends with us, however we end: the kernel sends SIGKILL when the parent dies (prctl 1 is PR_SET_PDEATHSIG). */
const start = `import ctypes; ctypes.CDLL(None).prctl(1, 9)
from synapse.app.homeserver import main; main()`

export interface User {
  /** @name:imok.test */
  readonly userId: string
  readonly name: string
  readonly password: string
}

export interface Synapse {
  /** http://127.0.0.1:<port>, the same for its whole life. */
  readonly url: string
  readonly serverName: string
  /** Settings, database, media and homeserver.log. */
  readonly folder: string
  /** The token of a server admin who is in no room. */
  readonly adminToken: string
  /** The process of this moment. */
  pid(): number
  /** Makes a user with a random password and no device; `admin` makes a server admin. */
  registerUser(name: string, options?: { readonly admin?: boolean }): Promise<User>
  /** Freezes it (SIGSTOP): connections are accepted by the system and nothing is answered. */
  pause(): void
  resume(): void
  /** Ends it and keeps its folder: connections are refused until up(). */
  down(signal?: NodeJS.Signals): Promise<void>
  /** Starts it again on the same port and database. */
  up(): Promise<void>
  /** down, then up. */
  restart(signal?: NodeJS.Signals): Promise<void>
  /** Ends it and removes its folder. */
  stop(signal?: NodeJS.Signals): Promise<void>
}

export interface SynapseOptions {
  /** Limits on messages, rooms, joins and invites; logins and registrations are never limited. Default: raised. */
  readonly rateLimits?: RateLimits
  /** Default: a free one. */
  readonly port?: number
}

/** Starts a new homeserver and waits until it answers: three to five seconds. */
export async function startSynapse({ rateLimits = 'raised', port }: SynapseOptions = {}): Promise<Synapse> {
  const folder = mkdtempSync(path.join(tmpdir(), 'imok-synapse-'))
  const at = port ?? (await freePort())
  const secret = randomBytes(16).toString('hex')
  const url = `http://127.0.0.1:${at}`
  const settings = writeSettings({ folder, port: at, rateLimits, secret })
  let child: ChildProcess | undefined

  const up = async (): Promise<void> => {
    const log = openSync(path.join(folder, 'homeserver.log'), 'a')
    child = spawn(python, ['-c', start, '-c', settings], { cwd: folder, stdio: ['ignore', log, log] })
    closeSync(log)
    await answering(child, url, folder)
  }
  const down = async (signal: NodeJS.Signals = 'SIGTERM'): Promise<void> => {
    const running = child
    child = undefined
    if (running === undefined || running.exitCode !== null || running.signalCode !== null) return
    const gone = new Promise((resolve) => running.once('exit', resolve))
    running.kill(signal)
    running.kill('SIGCONT') // a frozen one would never hear a SIGTERM
    await gone
  }
  const stop = async (signal?: NodeJS.Signals): Promise<void> => {
    await down(signal)
    rmSync(folder, { recursive: true, force: true })
  }
  const registerUser: Synapse['registerUser'] = (name, options) => register(url, secret, name, options?.admin ?? false)

  try {
    await up()
    const admin = await registerUser('server-admin', { admin: true })
    const { access_token: adminToken } = await login(url, admin.name, admin.password)
    return {
      url,
      serverName: SERVER_NAME,
      folder,
      adminToken,
      pid: () => child?.pid ?? 0,
      registerUser,
      pause: () => void child?.kill('SIGSTOP'),
      resume: () => void child?.kill('SIGCONT'),
      down,
      up,
      restart: async (signal) => {
        await down(signal)
        await up()
      },
      stop,
    }
  } catch (error) {
    await stop('SIGKILL')
    throw error
  }
}

async function answering(child: ChildProcess, url: string, folder: string): Promise<void> {
  for (const until = Date.now() + READY; ; await new Promise((resolve) => setTimeout(resolve, LOOK))) {
    const answer = await fetch(`${url}/health`).catch(() => undefined)
    if (answer?.ok === true) return
    if (child.exitCode !== null || child.signalCode !== null || Date.now() > until)
      throw new Error(
        `Synapse does not answer:\n${readFileSync(path.join(folder, 'homeserver.log'), 'utf8').slice(-3000)}`,
      )
  }
}

/** Synapse's own way to make users: a nonce, and an HMAC that shows that we know the secret. */
async function register(url: string, secret: string, name: string, admin: boolean): Promise<User> {
  const path = '/_synapse/admin/v1/register'
  const { nonce } = await ask<{ nonce: string }>(url, 'GET', path)
  const password = randomBytes(12).toString('hex')
  const signed = [nonce, name, password, admin ? 'admin' : 'notadmin'].join('\0')
  const mac = createHmac('sha1', secret).update(signed).digest('hex')
  const body = { nonce, username: name, password, admin, mac, inhibit_login: true }
  const { user_id: userId } = await ask<{ user_id: string }>(url, 'POST', path, { body })
  return { userId, name, password }
}
