import { spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect } from 'chai'
import { initiate, readAddress } from '../../config/container/initiate-mongodb.mjs'
import { parseDataKey } from '../../src/crypto/data-key.ts'

const scripts = path.resolve(import.meta.dirname, '../../config/container')

async function run(
  script: string,
  args: readonly string[],
  env = {},
): Promise<{ code: number | null; output: string }> {
  const child = spawn(process.execPath, [path.join(scripts, script), ...args], { env: { ...process.env, ...env } })
  let output = ''
  child.stdout.on('data', (text: Buffer) => (output += text.toString()))
  child.stderr.on('data', (text: Buffer) => (output += text.toString()))
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, output })))
}

describe('the health check of a container', () => {
  let status = 200
  const server = createServer((request, response) => {
    response.writeHead(request.url === '/readyz' ? status : 404).end('{"ready":"said by /readyz"}')
  })
  before((done) => void server.listen(0, '127.0.0.1', done))
  after((done) => void server.close(done))
  const ask = (port = (server.address() as AddressInfo).port): ReturnType<typeof run> =>
    run('healthy.mjs', [], { IMOK_HTTP_PORT: String(port) })

  it('is well when somebody watches', async () => {
    status = 200
    expect((await ask()).code).to.equal(0)
  })

  it('is not when nobody does, and says why', async () => {
    status = 503
    const { code, output } = await ask()
    expect(code).to.equal(1)
    expect(output).to.include('said by /readyz')
  })

  it('is not when nobody answers', async () => {
    const { code, output } = await ask(1)
    expect(code).to.equal(1)
    expect(output).to.include('does not answer at port 1')
  })
})

describe('making the keys', () => {
  let folder: string
  beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), 'imok-keys-'))))
  afterEach(() => rmSync(folder, { recursive: true }))
  const all = (): Record<string, string> =>
    Object.fromEntries(readdirSync(folder).map((name) => [name, readFileSync(path.join(folder, name), 'utf8')]))

  it('makes keys that imok and MongoDB take, and nobody else may read', async () => {
    expect((await run('make-keys.mjs', [folder])).code).to.equal(0)
    const made = all()
    expect(made).to.have.keys('key', 'mongodb-key', 'mongodb-url', 'mongodb-admin')
    for (const name of Object.keys(made)) expect(statSync(path.join(folder, name)).mode & 0o777).to.equal(0o400)
    expect(() => parseDataKey((made['key'] ?? '').trim(), 'key')).not.to.throw()
    expect(made['mongodb-key']?.trim()).to.match(/^[\w+/]{6,1024}$/)
    expect(readAddress(made['mongodb-url']?.trim())).to.deep.include({ user: 'imok', database: 'imok', set: 'imok' })
  })

  it('never touches one that is there', async () => {
    await run('make-keys.mjs', [folder])
    const before = all()
    rmSync(path.join(folder, 'mongodb-admin'))
    expect((await run('make-keys.mjs', [folder])).code).to.equal(0)
    const { 'mongodb-admin': fresh, ...rest } = all()
    expect({ ...rest, 'mongodb-admin': before['mongodb-admin'] }).to.deep.equal(before)
    expect(fresh).to.be.a('string').and.not.equal(before['mongodb-admin'])
  })
})

describe('making three database servers one set', () => {
  const url = 'mongodb://imok:word@a:1,b:2,c:3/imok?replicaSet=set'
  const refusal = (code: number, codeName = ''): Error => Object.assign(new Error('refused'), { code, codeName })

  /** What MongoDB's manual says of a set with a key file: without a user, its own machine may make one, and only in `admin`. */
  function servers({ slow = 0, second = 0 } = {}) {
    const state = { members: [] as string[], users: new Map<string, string>(), did: [] as string[], waits: 0 }
    const connect = async (address: string) => {
      const [, who, password] = /^mongodb:\/\/(?:(\w+):(\w+)@)?/.exec(address) ?? []
      if (who !== undefined && state.users.get(who) !== password) throw refusal(18)
      const run = async (database: string, command: Readonly<Record<string, unknown>>): Promise<object> => {
        const [name = ''] = Object.keys(command)
        const isPrimary = who !== undefined || state.waits >= second
        if (name === 'hello')
          return state.members.length > 0
            ? { setName: 'set', isWritablePrimary: isPrimary, primary: isPrimary ? 'a:1' : 'b:2' }
            : {}
        if (name === 'usersInfo') return { users: state.users.has(String(command['usersInfo'])) ? [{}] : [] }
        if (name === 'replSetInitiate') {
          if (state.waits < slow) throw refusal(74)
          const { members } = command['replSetInitiate'] as { members: { host: string }[] }
          state.members = members.map(({ host }) => host)
        } else if (name === 'createUser') {
          if (!isPrimary) throw refusal(10107, 'NotWritablePrimary')
          if (who !== 'admin' && (state.users.size > 0 || database !== 'admin')) throw refusal(13)
          state.users.set(String(command['createUser']), String(command['pwd']))
        } else throw refusal(59)
        state.did.push(name)
        return {}
      }
      return Promise.resolve({ run, close: () => Promise.resolve() })
    }
    const options = { url, adminPassword: 'secret', connect, say: () => undefined }
    return { state, options: { ...options, pause: async () => Promise.resolve(state.waits++) } }
  }

  it('makes the set, an administrator, and the user of imok', async () => {
    const { state, options } = servers()
    await initiate(options)
    expect(state.members).to.deep.equal(['a:1', 'b:2', 'c:3'])
    expect([...state.users]).to.deep.equal([
      ['admin', 'secret'],
      ['imok', 'word'],
    ])
  })

  it('does nothing when all is there', async () => {
    const { state, options } = servers()
    await initiate(options)
    state.did = []
    await initiate(options)
    expect(state.did).to.deep.equal([])
  })

  it('goes on where an earlier run ended', async () => {
    const { state, options } = servers()
    await initiate(options)
    state.users.delete('imok')
    await initiate(options)
    expect(state.users.get('imok')).to.equal('word')
  })

  it('waits for servers that are not up yet, and not for ever', async () => {
    const patient = servers({ slow: 3 })
    await initiate(patient.options)
    expect(patient.state.members).to.have.length(3)
    const never = servers({ slow: Infinity })
    let now = 0
    const failed = await initiate({ ...never.options, now: () => (now += 10_000) }).catch(String)
    expect(failed).to.include('not one set').and.include('logs mongodb-1')
  })

  it('waits for the first server to be the one to write to: only there may the first user be made', async () => {
    const { state, options } = servers({ second: 3 })
    await initiate(options)
    expect(state.waits).to.equal(3)
    expect([...state.users.keys()]).to.deep.equal(['admin', 'imok'])
  })

  it('needs no such wait where the users are there', async () => {
    const { state, options } = servers({ second: 3 })
    await initiate(options)
    state.waits = 0
    await initiate(options)
    expect(state.waits).to.equal(0)
  })

  it('makes the first user when the first server has lost its place in the very moment, and has it again', async () => {
    const { state, options } = servers()
    let asked = 0
    const connect: typeof options.connect = async (address) => {
      const { run, close } = await options.connect(address)
      return {
        close,
        run: async (database, command) => {
          if ('createUser' in command && asked++ === 0) throw refusal(10107, 'NotWritablePrimary')
          return run(database, command)
        },
      }
    }
    await initiate({ ...options, connect })
    expect([...state.users.keys()]).to.deep.equal(['admin', 'imok'])
  })

  it('says what to do when the password is not the one that the database was made with', async () => {
    const { state, options } = servers()
    await initiate(options)
    state.users.set('admin', 'another')
    const failed = await initiate(options).catch(String)
    expect(failed).to.include('mongodb-admin').and.include('put back')
  })

  it('takes no address that it did not make', () => {
    expect(() => readAddress('mongodb://a:1/imok')).to.throw('mongodb-url')
  })
})
