import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { expect } from 'chai'
import { parse } from 'yaml'
import { loadConfig } from '../../src/config/load.ts'
import { envName, paths, settingAt } from '../../src/config/settings.ts'
import specification from '../support/specs/compose.json' with { type: 'json' }

interface Service {
  readonly profiles?: readonly string[]
  readonly user: string
  readonly init: boolean
  readonly read_only: boolean
  readonly cap_drop: readonly string[]
  readonly security_opt: readonly string[]
  readonly stop_grace_period?: string
  readonly restart: string
  readonly logging: { readonly options: Readonly<Record<string, string>> }
  readonly environment?: Readonly<Record<string, string | number>>
  readonly network_mode?: string
  readonly networks?: readonly string[]
  readonly ports?: readonly string[]
  readonly volumes?: readonly (string | { readonly type: string })[]
  readonly secrets?: readonly string[]
  readonly command?: string | readonly string[]
  readonly extra_hosts?: readonly string[]
  readonly healthcheck?: { readonly test: readonly string[] }
}
interface ComposeFile {
  readonly networks: Readonly<Record<string, unknown>>
  readonly services: Readonly<Record<string, Service>>
  readonly volumes: Readonly<Record<string, unknown>>
  readonly secrets: Readonly<Record<string, { readonly file: string }>>
}

const root = path.resolve(import.meta.dirname, '../..')
const text = readFileSync(path.join(root, 'docker-compose.yml'), 'utf8')
const file = parse(text, { merge: true }) as ComposeFile
const all = Object.entries(file.services)
const kernelNames = ['imok', 'imok-a', 'imok-b']
const databaseNames = ['mongodb-1', 'mongodb-2', 'mongodb-3']
const service = (name: string): Service => {
  const found = file.services[name]
  if (!found) throw new Error(`docker-compose.yml has no service ${name}`)
  return found
}
/** A value as it is when nothing is set outside: `${NAME:-value}` is value. */
const filled = (value: string | number): string => String(value).replace(/\$\{\w+:-([^}]*)\}/g, '$1')
const environmentOf = (name: string): Record<string, string> =>
  Object.fromEntries(Object.entries(service(name).environment ?? {}).map(([key, value]) => [key, filled(value)]))
/** As they stand: two that name the same variable are the same, whatever it says. */
const portsOf = (name: string): (string | number | undefined)[] =>
  ['IMOK_HTTP_PORT', 'IMOK_WEBHOOK_PORT'].map((key) => service(name).environment?.[key])

describe('docker-compose.yml', () => {
  const keys = mkdtempSync(path.join(tmpdir(), 'imok-keys-'))
  before(() => execFileSync(process.execPath, [path.join(root, 'config/container/make-keys.mjs'), keys]))
  after(() => rmSync(keys, { recursive: true }))

  it('is what Compose understands, with no unknown key', () => {
    const check = new Ajv2020({ strict: false, validateFormats: false }).compile(specification)
    check(file)
    expect(check.errors ?? []).to.deep.equal([])
  })

  it('starts one kernel, unless something else is asked for by name', () => {
    expect(all.filter(([, { profiles }]) => profiles === undefined).map(([name]) => name)).to.deep.equal(['imok'])
    const growing = all.filter(([, { profiles }]) => profiles?.includes('growing')).map(([name]) => name)
    expect(growing).to.have.members(['imok-a', 'imok-b', ...databaseNames, 'mongodb-initiate'])
  })

  for (const [name, one] of all)
    it(`${name} may do nothing but its work`, () => {
      expect(one).to.deep.include({ init: true, read_only: true, cap_drop: ['ALL'] })
      expect(one.security_opt).to.deep.equal(['no-new-privileges:true'])
      expect(one.logging.options).to.have.keys('max-size', 'max-file')
      // The one that makes the keys gives them to their readers, so it cannot be one of them; it has no network.
      if (name === 'keys') expect(one.network_mode).to.equal('none')
      else expect(one.user).to.match(/^[1-9]\d*:[1-9]\d*$/)
    })

  for (const name of [...kernelNames, ...databaseNames])
    it(`${name} comes back by itself, has 30 s to stop, and is asked whether it is well`, () => {
      expect(service(name)).to.include({ restart: 'unless-stopped', stop_grace_period: '30s' })
      expect(service(name).healthcheck?.test[0]).to.equal('CMD')
    })

  it('shows no port to anybody but this machine', () => {
    for (const [, { ports = [] }] of all) for (const port of ports) expect(port).to.match(/^127\.0\.0\.1:\d+:\d+$/)
    const onHost = all.filter(([, { network_mode: mode }]) => mode === 'host').map(([name]) => name)
    expect(onHost).to.have.members(kernelNames)
    for (const name of onHost) expect(environmentOf(name)['IMOK_HTTP_HOST']).to.equal('127.0.0.1')
  })

  it('lets the one kernel and the several never watch at the same time: they need the same ports', () => {
    const [alone, a, b] = kernelNames.map(portsOf)
    for (const ports of [alone, a, b]) expect(new Set(ports).size).to.equal(2)
    expect(alone?.filter((port) => a?.includes(port))).to.have.length(1)
    expect(alone?.filter((port) => b?.includes(port))).to.have.length(1)
    expect(a?.filter((port) => b?.includes(port))).to.deep.equal([])
  })

  it('keeps what each one has in a volume of its own, which is defined', () => {
    const used = all.flatMap(([, { volumes = [] }]) => volumes.filter((volume) => typeof volume === 'string'))
    expect(used.map((volume) => volume.split(':')[0])).to.have.members(Object.keys(file.volumes))
    for (const name of kernelNames)
      expect(service(name).volumes).to.deep.equal([`${name}:${environmentOf(name)['IMOK_DATA_DIR'] ?? ''}`])
  })

  it('holds no secret: each is a file outside the clone, which only those who need it see', () => {
    for (const { file: place } of Object.values(file.secrets)) expect(filled(place)).to.match(/^\.\.\//)
    for (const [, { secrets = [], networks = [] }] of all) {
      expect(file.secrets).to.include.keys('key', ...secrets)
      expect(Object.keys(file.networks)).to.include.members(networks)
    }
    for (const name of kernelNames) expect(service(name).secrets).to.include('key')
    for (const name of databaseNames) expect(service(name).secrets).to.deep.equal(['mongodb-key'])
    const secretNames = paths.filter((one) => settingAt(one).secret).map(envName)
    for (const name of kernelNames) expect(environmentOf(name)).not.to.have.any.keys(...secretNames)
    expect(text).not.to.match(/:\/\/[^/\s]*:[^/\s]*@|[\w+/]{32,}/)
  })

  for (const name of kernelNames)
    it(`gives ${name} settings that there are, and that are right`, () => {
      const readFile = (place: string): string => {
        if (place === '/run/secrets/key') return Buffer.alloc(32, 7).toString('base64')
        if (place === '/run/secrets/mongodb-url') return readFileSync(path.join(keys, 'mongodb-url'), 'utf8')
        return readFileSync(place, 'utf8')
      }
      const { config, problems } = loadConfig({ env: environmentOf(name), readFile })
      expect(problems).to.deep.equal([])
      expect(config.secretKey).not.to.equal(undefined)
      expect(config.mongodbUrl === undefined).to.equal(name === 'imok')
    })

  it('names no setting anywhere that there is not', () => {
    const known = paths.flatMap((one) => [envName(one), ...(settingAt(one).secret ? [`${envName(one)}_FILE`] : [])])
    for (const [name] of text.matchAll(/\bIMOK_\w+/g)) expect(known).to.include(name)
  })

  it('has three servers that are one set, under the names and ports that kernels and keys know', () => {
    const hosts = /const hosts = '(.+)'/.exec(readFileSync(path.join(root, 'config/container/make-keys.mjs'), 'utf8'))
    expect(hosts?.[1]?.split(',')).to.have.length(3)
    for (const host of hosts?.[1]?.split(',') ?? []) {
      const [name = '', port = ''] = host.split(':')
      const { command, ports } = service(name)
      const words = String(command).split(' ')
      const after = (option: string): string | undefined => words[words.indexOf(option) + 1]
      expect(ports).to.deep.equal([`127.0.0.1:${port}:${port}`])
      expect([after('--port'), after('--replSet')]).to.deep.equal([port, 'imok'])
      expect(after('--keyFile')).to.equal('/run/secrets/mongodb-key')
      for (const kernel of ['imok-a', 'imok-b']) expect(service(kernel).extra_hosts).to.include(`${name}:127.0.0.1`)
    }
  })
})
