// A real homeserver for tests: Synapse on loopback, with SQLite, and nothing of the network but one listener.
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { createHmac, randomBytes } from 'node:crypto'
import { mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { findSynapse } from './synapse-home.mjs'
import { freePort } from '../../support/free-port.ts'

const SERVER = 'test.invalid'
/** Real milliseconds: it is up in about 4 s alone, and not in ten times that on a busy machine only if something is wrong. */
const LONGEST_START = 60_000

export interface Account {
  userId: string
  user: string
  password: string
}

type Answer = Record<string, unknown>

export interface Synapse {
  url: string
  serverName: string
  /** Its SQLite file, for what a hostile operator does while it is stopped. */
  database: string
  /** Makes an account. `admin`: of the server, as its operator is. */
  register: (user: string, admin?: boolean) => Promise<Account>
  /** Signs in as a new device, for what no client does. */
  login: (account: Account) => Promise<{ token: string; deviceId: string }>
  request: (method: string, path: string, token?: string, body?: unknown) => Promise<{ status: number; body: Answer }>
  /** SIGSTOP: it accepts connections and answers nobody. */
  freeze: () => void
  thaw: () => void
  /** Ends it; its data stay. */
  stop: (signal?: 'SIGTERM' | 'SIGKILL') => Promise<void>
  /** On the same port, with the same data. */
  start: () => Promise<void>
  /** Ends it and takes its data away. */
  remove: () => Promise<void>
}

/** `limits`: `default` are Synapse's own for messages (0.2 a second, ten at once); `raised` are none to speak of. */
export async function startSynapse(options: { limits?: 'default' | 'raised' } = {}): Promise<Synapse> {
  const folder = mkdtempSync(path.join(tmpdir(), 'imok-synapse-'))
  const port = await freePort()
  const secret = randomBytes(16).toString('hex')
  const url = `http://127.0.0.1:${String(port)}`
  writeFileSync(path.join(folder, 'homeserver.yaml'), settings(folder, port, secret, options.limits ?? 'raised'))
  writeFileSync(path.join(folder, 'log.yaml'), LOG.replace('FILE', path.join(folder, 'synapse.log')))
  let child: ChildProcess | undefined

  const request: Synapse['request'] = async (method, where, token, body) => {
    const response = await fetch(url + where, {
      method,
      headers: { ...(token !== undefined && { authorization: `Bearer ${token}` }), 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    return { status: response.status, body: (await response.json()) as Answer }
  }

  const start = async (): Promise<void> => {
    const out = openSync(path.join(folder, 'out'), 'a')
    child = spawn(findSynapse(), ['-m', 'synapse.app.homeserver', '-c', 'homeserver.yaml'], {
      cwd: folder,
      stdio: ['ignore', out, out],
    })
    const gone = new Promise<never>((_resolve, reject) =>
      child?.once('exit', (code) =>
        reject(
          new Error(
            `Synapse ended with ${String(code)}: ${readFileSync(path.join(folder, 'out'), 'utf8').slice(-2000)}`,
          ),
        ),
      ),
    )
    gone.catch(() => undefined)
    const up = async (): Promise<void> => {
      for (const until = Date.now() + LONGEST_START; ;) {
        const answer = await fetch(`${url}/_matrix/client/versions`).catch(() => undefined)
        if (answer?.ok === true) return
        if (Date.now() > until) throw new Error('Synapse did not start')
        await new Promise((resolve) => setTimeout(resolve, 100))
      }
    }
    await Promise.race([up(), gone])
  }

  const stop: Synapse['stop'] = async (signal = 'SIGTERM') => {
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const gone = new Promise((resolve) => child?.once('exit', resolve))
    child.kill('SIGCONT')
    child.kill(signal)
    await gone
  }

  const register: Synapse['register'] = async (user, admin = false) => {
    const password = randomBytes(9).toString('base64url')
    const where = '/_synapse/admin/v1/register'
    const { body } = await request('GET', where)
    const mac = createHmac('sha1', secret)
      .update([String(body['nonce']), user, password, admin ? 'admin' : 'notadmin'].join('\0'))
      .digest('hex')
    const made = await request('POST', where, undefined, { nonce: body['nonce'], username: user, password, admin, mac })
    if (made.status !== 200) throw new Error(`${user} could not be registered: ${JSON.stringify(made.body)}`)
    return { userId: `@${user}:${SERVER}`, user, password }
  }

  const remove = async (): Promise<void> => {
    await stop('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    await start()
  } catch (error) {
    await remove()
    throw error
  }
  return {
    url,
    serverName: SERVER,
    database: path.join(folder, 'homeserver.db'),
    register,
    login: async ({ user, password }) => {
      const { body } = await request('POST', '/_matrix/client/v3/login', undefined, {
        type: 'm.login.password',
        identifier: { type: 'm.id.user', user },
        password,
      })
      return { token: String(body['access_token']), deviceId: String(body['device_id']) }
    },
    request,
    freeze: () => child?.kill('SIGSTOP'),
    thaw: () => child?.kill('SIGCONT'),
    stop,
    start,
    remove,
  }
}

const settings = (folder: string, port: number, secret: string, limits: 'default' | 'raised'): string => `
server_name: ${SERVER}
pid_file: ${folder}/pid
report_stats: false
suppress_key_server_warning: true
trusted_key_servers: []
federation_domain_whitelist: []
enable_registration: false
registration_shared_secret: ${secret}
signing_key_path: ${folder}/signing.key
media_store_path: ${folder}/media
log_config: ${folder}/log.yaml
macaroon_secret_key: ${secret}
form_secret: ${secret}
url_preview_enabled: false
presence: { enabled: false }
database:
  name: sqlite3
  args: { database: ${folder}/homeserver.db }
listeners:
  - port: ${String(port)}
    bind_addresses: ['127.0.0.1']
    type: http
    tls: false
    x_forwarded: false
    resources: [{ names: [client], compress: false }]
rc_login: { address: { per_second: 1000, burst_count: 1000 }, account: { per_second: 1000, burst_count: 1000 }, failed_attempts: { per_second: 1000, burst_count: 1000 } }
rc_registration: { per_second: 1000, burst_count: 1000 }
rc_joins: { local: { per_second: 1000, burst_count: 1000 }, remote: { per_second: 1000, burst_count: 1000 } }
rc_invites: { per_room: { per_second: 1000, burst_count: 1000 }, per_user: { per_second: 1000, burst_count: 1000 }, per_issuer: { per_second: 1000, burst_count: 1000 } }
${limits === 'raised' ? 'rc_message: { per_second: 1000, burst_count: 1000 }' : ''}
`

const LOG = `
version: 1
formatters: { plain: { format: '%(asctime)s %(levelname)s %(name)s %(message)s' } }
handlers: { file: { class: logging.FileHandler, filename: FILE, formatter: plain } }
root: { level: WARNING, handlers: [file] }
disable_existing_loggers: false
`
