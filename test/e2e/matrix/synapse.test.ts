import { spawn } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { ask, login, Refused, sendEvent } from './client-server.ts'
import { startSynapse, type Synapse } from './synapse.ts'

const LISTENS = '0A' // the state of a listening socket in /proc/net/tcp

/** The addresses, as the kernel writes them, on which a process listens. */
function listening(pid: number): string[] {
  const folder = `/proc/${pid}/fd`
  const inodes = new Set(
    readdirSync(folder).map((fd) => /^socket:\[(\d+)\]$/.exec(readlinkSync(path.join(folder, fd)))?.[1]),
  )
  return ['tcp', 'tcp6'].flatMap((table) =>
    readFileSync(`/proc/${pid}/net/${table}`, 'utf8')
      .trim()
      .split('\n')
      .map((line) => line.trim().split(/\s+/))
      .filter((columns) => columns[3] === LISTENS && inodes.has(columns[9]))
      .map((columns) => columns[1] ?? ''),
  )
}

const isGone = (pid: number): boolean =>
  !existsSync(`/proc/${pid}`) || /State:\s+Z/.test(readFileSync(`/proc/${pid}/status`, 'utf8'))

describe('the homeserver of the tests', () => {
  let synapse: Synapse
  before(async () => {
    synapse = await startSynapse({ rateLimits: 'default' })
  })
  after(() => synapse.stop())

  it('listens on this machine only, at one port', () => {
    const port = Number(new URL(synapse.url).port).toString(16).toUpperCase().padStart(4, '0')
    expect(listening(synapse.pid())).to.deep.equal([`0100007F:${port}`])
  })

  it('speaks to no other server', async () => {
    const paths = ['/_matrix/federation/v1/version', '/_matrix/key/v2/server']
    for (const path of paths) {
      const refused = await ask(synapse.url, 'GET', path).catch((error: unknown) => error)
      expect(refused).to.be.instanceOf(Refused).and.include({ status: 404 })
    }
  })

  it('registers users and admins, logs them in without a limit, and limits their messages as Synapse does', async () => {
    const { userId, name, password } = await synapse.registerUser('mo')
    expect(userId).to.equal('@mo:imok.test')
    const logins = []
    for (let i = 0; i < 10; i++) logins.push(await login(synapse.url, name, password))
    const { access_token: token } = logins.at(-1) ?? { access_token: '' }
    const { room_id: roomId } = await ask<{ room_id: string }>(synapse.url, 'POST', '/_matrix/client/v3/createRoom', {
      token,
      body: {},
    })
    let refused: unknown
    for (let i = 0; i < 15 && refused === undefined; i++)
      await sendEvent(synapse.url, token, roomId, 'm.room.message', { msgtype: 'm.text', body: String(i) }).catch(
        (error: unknown) => (refused = error),
      )
    expect(refused).to.be.instanceOf(Refused).and.include({ status: 429, errcode: 'M_LIMIT_EXCEEDED' })
    expect((refused as Refused).retryAfter).to.be.within(1, 6000) // 0.2 a second
  })

  it('keeps what it was told over a restart, even of a frozen one', async () => {
    const { name, password } = await synapse.registerUser('keeper')
    synapse.pause()
    await synapse.down()
    expect(await fetch(synapse.url).catch(() => 'refused')).to.equal('refused')
    await synapse.up()
    expect(await login(synapse.url, name, password)).to.include({ user_id: '@keeper:imok.test' })
  })

  it('ends with the tests when they are killed', async () => {
    const module = path.join(import.meta.dirname, 'synapse.ts')
    const script = `const { startSynapse } = await import(${JSON.stringify(module)})
const { pid, folder } = await startSynapse(); console.log(JSON.stringify({ pid: pid(), folder }))`
    const tests = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const [line] = (await tests.stdout.take(1).toArray()) as Buffer[]
    const left = JSON.parse(String(line)) as { pid: number; folder: string }
    expect(isGone(left.pid)).to.be.false
    tests.kill('SIGKILL')
    for (const until = Date.now() + 5000; !isGone(left.pid) && Date.now() < until;) await turn()
    expect(isGone(left.pid)).to.be.true
    rmSync(left.folder, { recursive: true }) // nobody was left to do it
  })

  it('leaves nothing behind when it is stopped', async () => {
    const pid = synapse.pid()
    await synapse.stop()
    expect([isGone(pid), existsSync(synapse.folder)]).to.deep.equal([true, false])
  })
})

const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 20))
