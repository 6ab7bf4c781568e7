import type { Address, Role } from '../core/address.ts'
import type { Duration } from '../core/time.ts'
import type { Protocol } from './protocol.ts'
import type { Secret } from './secret.ts'

/** How we hear from a provider: it calls us, or we ask it. */
export type Mode = 'webhook' | 'polling'

export interface Admin {
  /** `@asha:example.org` */
  id: string
  role: Role
}

/** Somebody who is nudged, and where. */
export interface DutyPerson {
  /** As the room knows them: `@ben:example.org`. */
  id: string
  address: Address
}

export interface TwilioConfig {
  accountSid: string
  /** The current token first, then the one before the last rotation, if any: a signature by either is good. */
  authTokens: [Secret, ...Secret[]]
  /** E.164, or a short code. */
  from: string
  apiUrl: string
  mode: Mode
}

export interface AndroidSmsConfig {
  url: string
  user: string
  password: Secret
  webhookSecret?: Secret
  mode: Mode
}

export interface TelegramConfig {
  token: Secret
  apiUrl: string
  mode: Mode
  webhookSecret?: Secret
}

export interface MatrixConfig {
  homeserver: string
  user: string
  password?: Secret
  accessToken?: Secret
  /** Without one the bot makes a room. */
  room?: string
  admins: Admin[]
}

export interface EmailConfig {
  smtpUrl: Secret
  to: string[]
}

/** Every setting, read and checked. A part that is absent is not configured, or off because its settings are wrong. */
export interface Config {
  /** Absolute. */
  dataDir: string
  http: { host: string; port: number; webhookPort?: number }
  publicUrl?: string
  /** The address at which providers call us, without a slash at its end: signatures are checked against it. */
  webhookBase: string
  group: { name: string; timezone: string; region: string; language: string; emergencyNumber: string }
  secretKey?: Secret
  /** Where the key should be, and is not, or not yet (a mount that is late). Its problem is reported as well. */
  secretKeyFile?: string
  mongodbUrl?: Secret
  heartbeatUrl?: Secret
  apiToken?: Secret
  logLevel: 'info' | 'warn' | 'error'
  /** On whenever nobody could be heard or told otherwise. `speed`: kernel minutes in a real one, 1 beside a real channel. */
  simulator: { on: boolean; speed: number }
  flows: boolean
  protocol: Protocol
  rounds: { every: Duration; repeat: Duration; misses: number }
  retention: { sessions: Duration; incidents: Duration }
  twilio?: TwilioConfig
  androidSms?: AndroidSmsConfig
  telegram?: TelegramConfig
  matrix?: MatrixConfig
  email?: EmailConfig
  duty: DutyPerson[]
  /** Names of settings that somebody has set and that this version does nothing with: say so at start. */
  unused: string[]
  /** Every setting as it may be shown to an operator, secrets hidden: see `redactedConfig`. */
  shown: ShownSetting[]
}

export interface ShownSetting {
  path: string
  env: string
  /** Empty: not set. */
  value: string
  /** `default`, `the environment`, or a file and line. */
  from: string
}
