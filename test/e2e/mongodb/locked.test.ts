// Of two kernels on one database one starts without the key: the other goes on, and nothing that came to the locked one is lost.
import { randomBytes } from 'node:crypto'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect } from 'chai'
import { openStore } from '../../../src/compose/open-store.ts'
import { loadConfig } from '../../../src/config/load.ts'
import { FakeTwilio } from '../../support/fake-twilio.ts'
import { freePort } from '../../support/free-port.ts'
import { silent } from '../../support/memory-ports.ts'
import { command, isLocked, startKernel, writesTo } from '../kernel.ts'
import type { RunningKernel } from '../kernel.ts'
import { newName } from './harness.ts'
import type { StandIn } from './stand-in.ts'
import { startStandIn } from './stand-in.ts'

const FIFI = '+447700900002'
const BEN = '+447700900200'
const WORDS = 'five words that nobody says'

const failure = (promise: Promise<unknown>): Promise<string> => promise.then(() => 'it started', String)

const readyz = async ({ url }: RunningKernel): Promise<unknown> => (await fetch(`${url}/readyz`)).json()

async function roomHears({ url, output }: RunningKernel, pattern: RegExp): Promise<void> {
  for (const until = Date.now() + 20_000; Date.now() < until; await new Promise((go) => setTimeout(go, 100))) {
    const all = (await (await fetch(`${url}/simulator/messages`)).json()) as { to: string; text: string }[]
    if (all.some(({ to, text }) => to === 'room' && pattern.test(text))) return
  }
  throw new Error(`the room does not hear ${String(pattern)}:\n${output()}`)
}

describe('A locked kernel beside one that watches', () => {
  let server: StandIn
  let twilio: FakeTwilio
  const kernels: RunningKernel[] = []

  before(async () => {
    server = await startStandIn()
    twilio = await FakeTwilio.start()
  })
  after(async () => {
    for (const kernel of kernels) {
      await kernel.stop('SIGKILL')
      rmSync(kernel.dataFolder, { recursive: true, force: true })
    }
    await twilio.stop()
    await server.stop()
  })

  it('is no candidate, keeps texts on its own disk, and brings them when it is unlocked', async () => {
    const settings = async (): Promise<Record<string, string>> => {
      const port = String(await freePort())
      return {
        IMOK_MONGODB_URL: database,
        IMOK_HTTP_PORT: port,
        IMOK_PUBLIC_URL: `http://127.0.0.1:${port}`,
        IMOK_SIMULATOR: 'on',
        IMOK_TIMEZONE: 'Europe/London',
        IMOK_DUTY: `@ben:example.org=${BEN}`,
        IMOK_TWILIO_ACCOUNT_SID: twilio.accountSid,
        IMOK_TWILIO_AUTH_TOKEN: twilio.authToken,
        IMOK_TWILIO_FROM: twilio.number,
        IMOK_TWILIO_API_URL: twilio.url,
      }
    }
    const database = server.url(newName())
    const folders = ['a', 'b'].map(() => mkdtempSync(path.join(tmpdir(), 'imok-e2e-')))
    const [mine = '', theirs = ''] = folders
    const key = `${randomBytes(32).toString('base64')}\n`
    for (const folder of folders) writeFileSync(path.join(folder, 'key'), key, { mode: 0o600 })
    const a = await startKernel(await settings(), mine)
    kernels.push(a)
    const ofB = await settings()
    const before = await startKernel(ofB, theirs)
    await before.stop('SIGKILL')
    expect((await command(['key', '--', 'passphrase'], theirs, WORDS))[0]).to.equal(0)

    twilio.webhook = `${a.url}/sms/twilio`
    await writesTo(a, `invite ${FIFI} Fifi`, '@admin:simulator')
    await twilio.sent(FIFI, /Text YES to join/)
    await twilio.text(FIFI, 'YES')
    await twilio.sent(FIFI, /You are registered/)

    // The folder is its own, though the records are in the database.
    expect(await command(['key', '--', 'passphrase'], mine, WORDS)).to.deep.equal([
      1,
      'imok is running. Stop it first, then run this again.\n',
    ])
    const { IMOK_MONGODB_URL: _, ...alone } = await settings()
    expect(await failure(startKernel(alone, mine))).to.match(/another imok is using .*: stop it/)

    const b = await startKernel(ofB, theirs, isLocked)
    kernels.push(b)
    twilio.webhook = `${b.url}/sms/twilio`
    twilio.fail({ status: 500 }, { on: 'list' })
    expect((await twilio.text(FIFI, 'SOS behind the mill')).status).to.equal(200)
    expect(await readyz(b)).to.deep.equal({ ready: false, reasons: ['locked'] })
    expect(await readyz(a)).to.deep.equal({ ready: true, reasons: [], role: 'active' })

    for (const until = Date.now() + 20_000; Date.now() < until && !b.output().includes('another kernel watches');)
      await new Promise((go) => setTimeout(go, 100))
    expect(b.output(), 'it sees without the key that the other one acts').to.include('locked; another kernel watches')

    const [code, said] = await command(['unlock'], theirs, WORDS)
    expect(code, said).to.equal(0)
    await roomHears(a, /^#1 SOS: Fifi[^]*behind the mill/)
    expect(
      twilio
        .sentTo(BEN)
        .map(({ body }) => body)
        .join('\n'),
    ).not.to.include('locked')
    for (const until = Date.now() + 10_000; Date.now() < until && !(await fetch(`${b.url}/readyz`)).ok;)
      await new Promise((go) => setTimeout(go, 100))
    expect(await readyz(b)).to.deep.equal({ ready: true, reasons: [], role: 'standby' })
    expect((await command(['key', '--', 'file'], theirs, WORDS))[1]).to.match(/^imok is running/)
    // Only a kernel that ends by itself takes its lock away.
    expect(readdirSync(theirs)).to.include('lock')
    b.signal('SIGTERM')
    for (const until = Date.now() + 20_000; Date.now() < until && readdirSync(theirs).includes('lock');)
      await new Promise((go) => setTimeout(go, 100))
    expect(readdirSync(theirs)).not.to.include('lock')
  }).timeout(120_000)

  it('erases from its folder what could not be read of such texts, when its time has come', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'imok-e2e-'))
    const [old, young] = ['20200101T000000.000Z', '21000101T000000.000Z'].map((at) => `locked-inbox.damaged-${at}`)
    for (const name of [old, young]) writeFileSync(path.join(folder, name ?? ''), 'what nobody can read')
    const env = { IMOK_MONGODB_URL: server.url(newName()), IMOK_DATA_DIR: folder, IMOK_SIMULATOR: 'on' }
    const { store } = await openStore(loadConfig({ env, argv: [] }).config, silent.log, Date.now)
    await store.tidy({ done: 0, setAside: Date.now() })
    expect(readdirSync(folder).filter((name) => name.includes('damaged'))).to.deep.equal([young])
    await store.close()
    rmSync(folder, { recursive: true, force: true })
  })
})
