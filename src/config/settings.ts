import type { Duration } from '../core/time.ts'
import { DAY, MINUTE, SECOND } from '../core/time.ts'
import type { Part } from './problem.ts'
import { databaseUrl, length, lengths, onOff, oneOf, text, url, whole } from './readers.ts'
import type { Reader } from './readers.ts'
import { region, timezone } from './place-readers.ts'

/** One setting. Its path in yaml gives its name in the environment: `twilio.from` is IMOK_TWILIO_FROM. */
export interface Setting<T> {
  read: Reader<T>
  /** As it stands in config/default.yaml; without one the setting may be absent. */
  fallback?: string
  /** The part that needs it. A mistake in it switches that part off, unless `mild`. */
  part?: Part
  /** A mistake in it is answered by the fallback; the part goes on. */
  mild?: true
  /** Never shown, and also read from a file (`…_FILE`). */
  secret?: true
  /** Numbers and addresses of people: shown masked. */
  personal?: true
  /** A list; in yaml it may also be written as one. */
  list?: true
  /** Without it nobody knows where the records are, or how to read them. */
  fatal?: true
  /** Cannot stand in local.yaml. */
  environmentOnly?: true
  /** Read and checked, but this version does nothing with it yet: always, or for one value. */
  unused?: true | string
}

type Traits = Omit<Setting<unknown>, 'read' | 'fallback'>
type Always<T> = Setting<T> & { fallback: string }

const always = <T>(read: Reader<T>, fallback: string, traits: Traits = {}): Always<T> => ({ read, fallback, ...traits })

const maybe = <T>(read: Reader<T>, traits: Traits = {}): Setting<T> => ({ read, ...traits })

/** Parts whose settings are understood, but which this version does not have yet. */
export const notBuiltYet: ReadonlySet<Part> = new Set<Part>(['android-sms', 'email', 'api'])

const twilio = { part: 'twilio' } as const
const android = { part: 'android-sms' } as const
const telegram = { part: 'telegram' } as const
const matrix = { part: 'matrix' } as const
const email = { part: 'email' } as const
const web = ['http', 'https'] as const
const mode = oneOf(['webhook', 'polling'])
const secretText = (what: string, example: string): Reader<string> => text(what, example, /^[^\p{Cc}]+$/u, 500)
/** What Telegram allows as a secret of a webhook; the Android app takes the same. */
const webhookSecret = text('letters, digits, _ and -, at least 8', 'a-long-random-word', /^[\w-]{8,256}$/, 256)
const secretKey = text(
  '32 random bytes in base64 or hex',
  'what `openssl rand -base64 32` prints',
  /^([0-9a-f]{64}|[\w+/-]{43}=?)$/i,
)
const week: Duration = 7 * DAY

/** Every setting there is. A new one is a line here, a paragraph in config/default.yaml and its place in config.ts. */
export const settings = {
  data_dir: always(text('a folder', '/var/lib/imok', /^[^\p{Cc}]+$/u, 1000), './data', {
    fatal: true,
    environmentOnly: true,
  }),
  'http.host': always(text('an address of this machine', '127.0.0.1', /^[A-Za-z0-9.:[\]-]+$/), '127.0.0.1'),
  'http.port': always(whole(0, 65_535, 'a port', '8080'), '8080'),
  webhook_port: maybe(whole(0, 65_535, 'a port', '8081')),
  public_url: maybe(url(web, 'https://imok.example.org')),
  group_name: always(text('a name of at most 40 characters', 'Friday watch', /^[^\p{Cc}]+$/u, 40), 'imok'),
  timezone: maybe(timezone),
  region: always(region, 'GB'),
  language: always(text('a language code', 'en', /^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/i, 20), 'en'),
  emergency_number: maybe(text('the number people ring in an emergency', '112', /^[\d*#]{2,15}$/)),
  secret_key: maybe(secretKey, { secret: true, fatal: true }),
  mongodb_url: maybe(databaseUrl, { secret: true, fatal: true }),
  heartbeat_url: maybe(url(web, 'https://hc-ping.com/your-check'), { secret: true, part: 'heartbeat' }),
  api_token: maybe(text('at least 16 characters without spaces', 'imok_…', /^\S{16,}$/), { secret: true, part: 'api' }),
  log_level: always(oneOf(['info', 'warn', 'error']), 'info'),

  simulator: maybe(onOff),
  simulator_speed: always(whole(1, 3600, 'a whole number', '60'), '1'),
  flows: always(onOff, 'on', { unused: true }),

  'checkin.duration': maybe(length(SECOND, week, '60m')),
  'checkin.reminders': maybe(lengths(SECOND, DAY, '10m,3m'), { list: true }),
  'checkin.longest': maybe(length(SECOND, week, '12h')),
  'rounds.every': always(length(MINUTE, DAY, '30m'), '30m', { unused: true }),
  'rounds.repeat': always(length(MINUTE, DAY, '4m'), '4m', { unused: true }),
  'rounds.misses': always(whole(1, 20, 'a whole number', '3'), '3', { unused: true }),
  ladder_file: maybe(text('a file', 'ladder.yaml', /^[^\p{Cc}]+$/u, 1000)),
  'retention.sessions': always(length(MINUTE, 366 * DAY, '24h'), '24h'),
  'retention.incidents': always(length(MINUTE, 3660 * DAY, '30d'), '30d'),

  'twilio.account_sid': maybe(
    text('the account SID: AC and letters and digits', 'AC0123456789abcdef0123456789abcdef', /^AC\w+$/),
    twilio,
  ),
  'twilio.auth_token': maybe(secretText('the auth token of the account', 'what the Twilio console shows'), {
    ...twilio,
    secret: true,
  }),
  'twilio.auth_token_previous': maybe(
    secretText('the auth token before the last rotation', 'what the Twilio console showed'),
    { ...twilio, secret: true },
  ),
  'twilio.from': maybe(text('the number that texts come from', '+447700900000', /^[+\d() .-]{3,25}$/), twilio),
  'twilio.api_url': always(url(web, 'https://api.twilio.com'), 'https://api.twilio.com', twilio),
  'twilio.mode': maybe(mode, { ...twilio, mild: true }),

  'android_sms.url': maybe(url(web, 'http://192.168.1.20:8080'), android),
  'android_sms.user': maybe(text('the user name that the app shows', 'sms'), android),
  'android_sms.password': maybe(secretText('the password that the app shows', 'what the app shows'), {
    ...android,
    secret: true,
  }),
  'android_sms.webhook_secret': maybe(webhookSecret, { ...android, secret: true }),
  'android_sms.mode': maybe(mode, { ...android, mild: true }),

  'telegram.token': maybe(text('the token from @BotFather', '123456:ABC-def', /^\d+:[\w-]+$/), {
    ...telegram,
    secret: true,
  }),
  'telegram.api_url': always(url(web, 'https://api.telegram.org'), 'https://api.telegram.org', telegram),
  'telegram.mode': always(mode, 'polling', { ...telegram, mild: true, unused: 'webhook' }),
  'telegram.webhook_secret': maybe(webhookSecret, { ...telegram, secret: true, unused: true }),

  'matrix.homeserver': maybe(url(web, 'https://matrix.example.org'), matrix),
  'matrix.user': maybe(text("the bot's own user id", '@imok:example.org', /^@?[^\s:@]+(:\S+)?$/), matrix),
  'matrix.password': maybe(secretText("the bot's password", 'a long password'), { ...matrix, secret: true }),
  'matrix.access_token': maybe(text('an access token of the bot', 'syt_…', /^\S+$/, 1000), { ...matrix, secret: true }),
  'matrix.room': maybe(text('a room id or alias', '!abc:example.org', /^[!#]\S+$/), matrix),
  'matrix.admins': maybe(text('the admins', '@asha:example.org=owner,@ben:example.org', /^[^\p{Cc}]+$/u, 4000), {
    ...matrix,
    personal: true,
    list: true,
  }),

  smtp_url: maybe(url(['smtp', 'smtps'], 'smtps://user:password@mail.example.org'), { ...email, secret: true }),
  notify_email: maybe(
    text('e-mail addresses', 'watch@example.org', /^[^\s@,]+@[^\s@,]+(\s*,\s*[^\s@,]+@[^\s@,]+)*$/, 1000),
    { ...email, personal: true, list: true },
  ),
  duty: maybe(text('who is nudged', '@ben:example.org=+447700900200', /^[^\p{Cc}]+$/u, 4000), {
    personal: true,
    list: true,
  }),
} satisfies Record<string, Setting<unknown>>

export type Path = keyof typeof settings
type ValueOf<S> = S extends Always<infer T> ? T : S extends Setting<infer T> ? T | undefined : never
/** Every setting's value, by path. */
export type Values = { [P in Path]: ValueOf<(typeof settings)[P]> }

export const paths = Object.keys(settings) as Path[]
export const isPath = (name: string): name is Path => Object.hasOwn(settings, name)
export const settingAt = (path: Path): Setting<unknown> => settings[path]
export const envName = (path: string): string => `IMOK_${path.replace('.', '_').toUpperCase()}`
