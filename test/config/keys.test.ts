import { expect } from 'chai'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { readYaml } from '../../src/config/yaml-file.ts'
import { envName, paths, settingAt } from '../../src/config/settings.ts'
import { load, repository } from './loading.ts'

/** The public names, as DESIGN.md section 5 lists them, each with a value that it must take. */
const published: Record<string, string> = {
  IMOK_DATA_DIR: '/nowhere/imok-data',
  IMOK_HTTP_HOST: '0.0.0.0',
  IMOK_HTTP_PORT: '8090',
  IMOK_WEBHOOK_PORT: '8091',
  IMOK_PUBLIC_URL: 'https://imok.example.org',
  IMOK_GROUP_NAME: 'Friday watch',
  IMOK_TIMEZONE: 'Europe/London',
  IMOK_REGION: 'GB',
  IMOK_LANGUAGE: 'en',
  IMOK_EMERGENCY_NUMBER: '112',
  IMOK_SECRET_KEY: 'x'.repeat(43) + '=',
  IMOK_MONGODB_URL: 'mongodb://127.0.0.1:27017/imok',
  IMOK_HEARTBEAT_URL: 'https://heartbeat.example.org/abc',
  IMOK_API_TOKEN: 'imok_0123456789abcdef',
  IMOK_LOG_LEVEL: 'warn',
  IMOK_SIMULATOR: 'on',
  IMOK_SIMULATOR_SPEED: '1',
  IMOK_FLOWS: 'off',
  IMOK_CHECKIN_DURATION: '90m',
  IMOK_CHECKIN_REMINDERS: '10m,3m',
  IMOK_CHECKIN_LONGEST: '12h',
  IMOK_ROUNDS_EVERY: '20m',
  IMOK_ROUNDS_REPEAT: '4m',
  IMOK_ROUNDS_MISSES: '2',
  IMOK_LADDER_FILE: path.join(repository, 'config/protocols/default.yaml'),
  IMOK_RETENTION_SESSIONS: '48h',
  IMOK_RETENTION_INCIDENTS: '14d',
  IMOK_TWILIO_ACCOUNT_SID: 'AC0123456789abcdef0123456789abcdef',
  IMOK_TWILIO_AUTH_TOKEN: 'a-token',
  IMOK_TWILIO_AUTH_TOKEN_PREVIOUS: 'an-older-token',
  IMOK_TWILIO_FROM: '+447700900000',
  IMOK_TWILIO_API_URL: 'http://127.0.0.1:4010',
  IMOK_TWILIO_MODE: 'webhook',
  IMOK_ANDROID_SMS_URL: 'http://192.168.1.20:8080',
  IMOK_ANDROID_SMS_USER: 'sms',
  IMOK_ANDROID_SMS_PASSWORD: 'a-password',
  IMOK_ANDROID_SMS_WEBHOOK_SECRET: 'a-long-secret',
  IMOK_ANDROID_SMS_MODE: 'webhook',
  IMOK_TELEGRAM_TOKEN: '123456:ABC-def_1',
  IMOK_TELEGRAM_API_URL: 'http://127.0.0.1:4011',
  IMOK_TELEGRAM_MODE: 'webhook',
  IMOK_TELEGRAM_WEBHOOK_SECRET: 'a-long-secret',
  IMOK_MATRIX_HOMESERVER: 'https://matrix.example.org',
  IMOK_MATRIX_USER: '@imok:example.org',
  IMOK_MATRIX_PASSWORD: 'a-password',
  IMOK_MATRIX_ACCESS_TOKEN: 'syt_abc',
  IMOK_MATRIX_ROOM: '!room:example.org',
  IMOK_MATRIX_ADMINS: '@asha:example.org=owner,@ben:example.org=admin',
  IMOK_SMTP_URL: 'smtps://user:secret@mail.example.org',
  IMOK_NOTIFY_EMAIL: 'watch@example.org, second@example.org',
  IMOK_DUTY: '@ben:example.org=+447700900200,@asha:example.org=telegram:12345',
}
/** Secrets by DESIGN.md: each must also be readable from a file. */
const secrets = Object.keys(published).filter((name) =>
  /KEY|TOKEN|PASSWORD|SECRET$|MONGODB_URL|HEARTBEAT_URL|SMTP_URL/.test(name),
)

describe('the names of settings', () => {
  it('are exactly those that were published', () => {
    expect(paths.map(envName)).to.have.members(Object.keys(published))
  })

  it('are all accepted together, those of later parts too', () => {
    const { config, problems } = load(published)
    expect(problems).to.deep.equal([])
    expect(config.unused).to.include.members(['IMOK_SMTP_URL', 'IMOK_FLOWS', 'IMOK_TELEGRAM_MODE'])
    expect(config.unused).not.to.include.members(['IMOK_TWILIO_FROM', 'IMOK_HTTP_PORT', 'IMOK_DUTY'])
  })

  it('have a …_FILE for each secret, and for nothing else', () => {
    expect(paths.filter((one) => settingAt(one).secret).map(envName)).to.have.members(secrets)
    const files = Object.fromEntries(secrets.map((name) => [`/secrets/${name}`, `${published[name] ?? ''}\n`]))
    const env = Object.fromEntries(secrets.map((name) => [`${name}_FILE`, `/secrets/${name}`]))
    const rest = Object.fromEntries(Object.entries(published).filter(([name]) => !secrets.includes(name)))
    expect(load({ ...rest, ...env }, files).problems).to.deep.equal([])
    expect(load({ IMOK_HTTP_PORT_FILE: '/secrets/port' }).problems).to.have.length(1)
  })
})

describe('config/default.yaml', () => {
  const text = readFileSync(path.join(repository, 'config/default.yaml'), 'utf8')
  const content = readYaml('default.yaml', text).content as Record<string, unknown>
  const valueAt = (one: string): unknown =>
    one.split('.').reduce<unknown>((value, key) => (value as Record<string, unknown>)[key], content)

  it('has every key, with the value that is built in', () => {
    for (const one of paths) expect(valueAt(one), one).to.equal(settingAt(one).fallback ?? '')
  })

  it('explains every key under its name in the environment', () => {
    const comments = text
      .split('\n')
      .filter((line) => line.trim().startsWith('#'))
      .join('\n')
    for (const one of paths) expect(comments, one).to.match(new RegExp(`${envName(one)}\\b`))
  })

  it('says of every secret that it is one', () => {
    for (const name of secrets) expect(text, name).to.contain(`${name} (SECRET)`)
  })

  it('can be copied whole to local.yaml but for the folder itself, and changes nothing', () => {
    const copy = text.replace(/^data_dir:.*$/m, '')
    const { config, problems } = load({}, { 'local.yaml': copy })
    expect(problems).to.deep.equal([])
    expect(config).to.deep.equal(load().config)
  })
})

describe('config/example.env', () => {
  const text = readFileSync(path.join(repository, 'config/example.env'), 'utf8')
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  const env = Object.fromEntries(
    lines.map((line) => {
      const [, name = '', value = ''] = /^([A-Z_]+)=(.*)$/.exec(line) ?? expect.fail(line)
      return [name, value.replace(/^"(.*)"$/, '$1')]
    }),
  )

  it('is accepted as it is', () => {
    const { config, problems } = load(env)
    expect(problems).to.deep.equal([])
    expect(config.group.name).to.equal('Friday watch')
    expect(config.duty).to.have.length(2)
  })

  it('is accepted when it is filled in', () => {
    const empty = Object.keys(env).filter((name) => env[name] === '')
    const { config, problems } = load({ ...env, ...Object.fromEntries(empty.map((name) => [name, published[name]])) })
    expect(problems).to.deep.equal([])
    expect([config.twilio?.mode, config.telegram?.mode]).to.deep.equal(['webhook', 'polling'])
  })
})
