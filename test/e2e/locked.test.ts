// A kernel whose key only a passphrase opens, as an operator has it: killed, locked, unlocked.
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { FakeTwilio } from '../support/fake-twilio.ts'
import { freePort } from '../support/free-port.ts'
import { command, isLocked, startKernel, writesTo } from './kernel.ts'
import type { RunningKernel } from './kernel.ts'

const MO = '+447700900001'
const FIFI = '+447700900002'
const BEN = '+447700900200'
const WORDS = 'five words that nobody says'

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/** What the room was told, when something in it fits. */
async function roomHears({ url, output }: RunningKernel, pattern: RegExp): Promise<string> {
  for (const until = Date.now() + 20_000; Date.now() < until; await sleep(100)) {
    const answer = await fetch(`${url}/simulator/messages`)
    const all = answer.ok ? ((await answer.json()) as { to: string; text: string }[]) : []
    const found = all.find(({ to, text }) => to === 'room' && pattern.test(text))
    if (found) return found.text
  }
  throw new Error(`the room does not hear ${String(pattern)}:\n${output()}`)
}

/** Somebody is out, and a kernel without the key could tell. */
async function writtenDown(folder: string): Promise<void> {
  const list = path.join(folder, 'out.json')
  for (const until = Date.now() + 10_000; Date.now() < until; await sleep(50))
    if (existsSync(list) && /"due":\[\d+\]/.test(readFileSync(list, 'utf8'))) return
  throw new Error('nobody is written down as out')
}

describe('A key that only a passphrase opens', () => {
  let twilio: FakeTwilio
  let settings: Record<string, string>
  let kernel: RunningKernel

  before(async () => {
    twilio = await FakeTwilio.start()
    const port = String(await freePort())
    settings = {
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
    twilio.webhook = `http://127.0.0.1:${port}/sms/twilio`
    kernel = await startKernel(settings)
  })
  after(async () => {
    await kernel.stop('SIGKILL')
    rmSync(kernel.dataFolder, { recursive: true, force: true })
    await twilio.stop()
  })

  it('killed with somebody out: locked, it keeps texts, texts who is on duty, and alarms when it is unlocked', async () => {
    const folder = kernel.dataFolder
    await writesTo(kernel, `invite ${FIFI} Fifi`, '@admin:simulator')
    await twilio.sent(FIFI, /Text YES to join/)
    await twilio.text(FIFI, 'YES')
    await twilio.sent(FIFI, /You are registered/)
    await writesTo(kernel, 'IN 3s', MO)
    await writtenDown(folder)
    expect(await command(['key', '--', 'passphrase'], folder, WORDS)).to.deep.equal([
      1,
      'imok is running. Stop it first, then run this again.\n',
    ])
    await kernel.stop('SIGKILL')

    expect((await command(['key', '--', 'passphrase'], folder, 'too short'))[1]).to.match(/will not do: that is 9 char/)
    expect((await command(['key', '--', 'passphrase'], folder, WORDS))[0]).to.equal(0)
    expect(readdirSync(folder).filter((name) => name.startsWith('key'))).to.deep.equal(['key.sealed'])

    kernel = await startKernel(settings, folder, isLocked)
    twilio.fail({ status: 500 }, { on: 'list' })
    expect((await twilio.text(FIFI, 'SOS behind the mill')).status).to.equal(200)
    await twilio.sent(BEN, /^imok: it is locked, and nobody watches/)
    expect(kernel.output()).to.include(
      `LOCKED and does not watch: on this machine, as this user, run: IMOK_DATA_DIR=${folder} npm run unlock`,
    )

    expect(await command(['unlock'], folder, 'not the passphrase')).to.satisfy(
      ([code, said]: [number, string]) => code === 1 && said.includes('That was not the passphrase'),
    )
    expect((await fetch(`${kernel.url}/readyz`)).status).to.equal(503)
    const [code, said] = await command(['unlock'], folder, WORDS)
    expect([code, said]).to.satisfy(() => code === 0 && said.includes('Unlocked.'), said)

    expect(await roomHears(kernel, /^#\d SOS: Fifi/)).to.include('behind the mill')
    await roomHears(kernel, /^#\d OVERDUE, unconfirmed: Mo Member/)
    expect(await roomHears(kernel, /^BLIND to everything/)).to.match(/Mo Member/)
    expect((await fetch(`${kernel.url}/readyz`)).status).to.equal(200)
    expect(existsSync(path.join(folder, 'locked-inbox'))).to.equal(false)
    expect(kernel.output()).to.match(/is watching/)
    expect(kernel.output()).not.to.match(/mill|7700900/)

    await kernel.stop('SIGKILL')
    expect((await command(['key', '--', 'file'], folder, WORDS))[0]).to.equal(0)
    kernel = await startKernel(settings, folder)
    expect((await command(['unlock'], folder))[1]).to.match(/nothing to unlock/)
  }).timeout(120_000)
})
