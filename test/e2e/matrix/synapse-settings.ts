// What the homeserver of the tests is told: this machine only, nothing remembered elsewhere, quick rather than safe.
import { randomBytes } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'

export const SERVER_NAME = 'imok.test'

/** 'default': Synapse's own limits on messages, rooms, joins and invites; 'raised': none that a test could meet. */
export type RateLimits = 'default' | 'raised'

export interface SynapseSettings {
  readonly folder: string
  readonly port: number
  readonly rateLimits: RateLimits
  /** Lets whoever knows it register users and admins. */
  readonly secret: string
}

const unlimited = { per_second: 10_000, burst_count: 10_000 }

/** Everybody in a test logs in and registers from one address: never limited. */
const always = {
  rc_registration: unlimited,
  rc_login: { address: unlimited, account: unlimited, failed_attempts: unlimited },
}
const raised = {
  rc_message: unlimited,
  rc_admin_redaction: unlimited,
  rc_joins: { local: unlimited, remote: unlimited },
  rc_joins_per_room: unlimited,
  rc_invites: { per_room: unlimited, per_user: unlimited, per_issuer: unlimited },
  rc_key_requests: unlimited,
  rc_media_create: unlimited,
  rc_room_creation: unlimited,
}

/** Writes the settings and the signing key; answers the path of the settings. */
export function writeSettings({ folder, port, rateLimits, secret }: SynapseSettings): string {
  const place = (name: string): string => path.join(folder, name)
  mkdirSync(place('media'), { recursive: true })
  // A key is a name and an ed25519 seed: writing one is quicker than starting Synapse once more to make it.
  writeFileSync(place('signing.key'), `ed25519 a_test ${randomBytes(32).toString('base64').replace('=', '')}\n`)
  const settings = {
    server_name: SERVER_NAME,
    public_baseurl: `http://127.0.0.1:${port}/`,
    pid_file: place('synapse.pid'),
    listeners: [
      { port, bind_addresses: ['127.0.0.1'], type: 'http', tls: false, resources: [{ names: ['client', 'media'] }] },
    ],
    database: { name: 'sqlite3', args: { database: place('homeserver.db') } },
    media_store_path: place('media'),
    signing_key_path: place('signing.key'),
    registration_shared_secret: secret,
    macaroon_secret_key: secret,
    form_secret: secret,
    // It speaks to nobody: no other homeserver, no key server, no page to preview, no statistics.
    federation_domain_whitelist: [],
    trusted_key_servers: [],
    suppress_key_server_warning: true,
    send_federation: false,
    url_preview_enabled: false,
    report_stats: false,
    presence: { enabled: false },
    bcrypt_rounds: 4, // the fewest there are: passwords of tests need no protection
    enable_registration: false,
    ...always,
    ...(rateLimits === 'raised' ? raised : {}),
  }
  const file = place('homeserver.yaml')
  writeFileSync(file, JSON.stringify(settings, undefined, 2)) // JSON is YAML
  return file
}
