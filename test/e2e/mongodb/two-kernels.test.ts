// Two kernels on one database, as an operator starts them: one watches, the other stands by.
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect } from 'chai'
import type { SimulatedMessage } from '../../../src/ports/store.ts'
import type { RunningKernel } from '../kernel.ts'
import { startKernel, writesTo } from '../kernel.ts'
import { newName } from './harness.ts'
import type { StandIn } from './stand-in.ts'
import { startStandIn } from './stand-in.ts'

/** A minute passes in ten seconds; leases and time-outs are real. */
const SPEED = 6
const MO = '+447700900001'
const SECOND = 1_000

type Entry = SimulatedMessage & { n: number }

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

const entries = async (kernel: RunningKernel): Promise<Entry[]> =>
  (await (await fetch(`${kernel.url}/simulator/messages`)).json()) as Entry[]

/** Whichever kernel gets it stores it. */
const write = (kernel: RunningKernel, text: string): Promise<void> => writesTo(kernel, text, MO)

const roleOf = async (kernel: RunningKernel): Promise<string> => {
  const answer = (await (await fetch(`${kernel.url}/readyz`)).json()) as { ready: boolean; role: string }
  return `${answer.role}${answer.ready ? '' : ' and not ready'}`
}

/** The first entry that fits, when it is there. */
async function heard(kernel: RunningKernel, pattern: RegExp, within: number): Promise<Entry> {
  for (const until = Date.now() + within; ; await sleep(100)) {
    const all = await entries(kernel).catch(() => [])
    const found = all.find(({ text }) => pattern.test(text))
    if (found) return found
    if (Date.now() > until)
      throw new Error(`${String(pattern)} was not said; said was:\n${all.map(({ text }) => text).join('\n--\n')}`)
  }
}

async function becomes(kernel: RunningKernel, role: string, within: number): Promise<number> {
  const began = Date.now()
  for (; ; await sleep(50)) {
    if ((await roleOf(kernel).catch(() => '')) === role) return Date.now() - began
    if (Date.now() - began > within)
      throw new Error(
        `it did not become ${role} but ${await roleOf(kernel).catch(() => 'silent')}:\n${kernel.output()}`,
      )
  }
}

/** Mo is out from now on; the real moment at which the time is over. */
async function goOut(kernel: RunningKernel): Promise<number> {
  const before = Date.now()
  await write(kernel, 'IN 1m')
  const noted = Date.parse((await heard(kernel, /^Noted/, 5 * SECOND)).at)
  // Whole minutes are rounded up.
  const deadline = Math.ceil((noted + 60 * SECOND) / (60 * SECOND)) * 60 * SECOND
  return before + (deadline - noted) / SPEED
}

describe('Two kernels on one database', () => {
  let server: StandIn
  let settings: Record<string, string>
  let a: RunningKernel
  let b: RunningKernel

  before(async () => {
    server = await startStandIn()
  })
  after(() => server.stop())
  beforeEach(async () => {
    settings = {
      IMOK_MONGODB_URL: server.url(newName()),
      IMOK_SECRET_KEY: randomBytes(32).toString('base64'),
      IMOK_SIMULATOR: 'on',
      IMOK_TIMEZONE: 'Europe/London',
      IMOK_SIMULATOR_SPEED: String(SPEED),
    }
    a = await startKernel(settings)
    b = await startKernel(settings)
  })
  afterEach(async () => {
    for (const kernel of [a, b]) {
      kernel.signal('SIGCONT')
      await kernel.stop('SIGKILL')
    }
  })

  it('one watches, the other stands by and takes texts for it', async () => {
    expect(await roleOf(a)).to.equal('active')
    expect(await roleOf(b)).to.equal('standby')
    await write(b, 'IN 5m')
    await heard(a, /^Noted/, 5 * SECOND)
    await write(a, 'OUT')
    await heard(b, /^OUT noted/, 5 * SECOND)
    const texts = (await entries(a)).map(({ text }) => text)
    expect(texts.filter((text) => /^(OUT )?[Nn]oted/.test(text))).to.have.length(2)
  })

  it('doctor says whether another would take over; whoever is left misses the other', async () => {
    const doctor = async (kernel: RunningKernel, pattern: RegExp): Promise<void> => {
      for (const until = Date.now() + 20 * SECOND; ; await sleep(SECOND)) {
        await writesTo(kernel, 'doctor', '@admin:simulator')
        if ((await entries(kernel)).some(({ text }) => pattern.test(text))) return
        if (Date.now() > until) throw new Error((await entries(kernel)).map(({ text }) => text).join('\n--\n'))
      }
    }
    await doctor(a, /· well: this machine is active; machines that would take over from it: 1$/m)
    await a.stop('SIGKILL')
    await becomes(b, 'active', 20 * SECOND)
    await doctor(b, /· NOT well: this machine is active; machines that would take over from it: 0/)
    const metrics = await (await fetch(`${b.url}/metrics`)).text()
    expect(metrics).to.match(/^imok_standbys 0$/m)
  })

  it('killed: the other raises the alarm in time, and once', async () => {
    const deadline = await goOut(a)
    await sleep(deadline - Date.now() - 2 * SECOND)
    await a.stop('SIGKILL')
    await heard(b, /OVERDUE/, 30 * SECOND)
    expect(Date.now() - deadline, 'ms after the deadline').to.be.lessThan(20 * SECOND)
    await heard(b, /BLIND/, 5 * SECOND)
    expect((await entries(b)).filter(({ text }) => text.includes('OVERDUE, unconfirmed'))).to.have.length(1)
  })

  it('frozen and then going on: it sends nothing, and stands by', async () => {
    const deadline = await goOut(a)
    await sleep(deadline - Date.now() - 3 * SECOND)
    a.signal('SIGSTOP')
    await heard(b, /OVERDUE/, 30 * SECOND)
    expect(Date.now() - deadline, 'ms after the deadline').to.be.lessThan(20 * SECOND)
    await write(b, 'OUT')
    await heard(b, /safe|over|OUT noted/i, 5 * SECOND)
    await sleep(2 * SECOND)
    const before = await entries(b)
    a.signal('SIGCONT')
    await becomes(a, 'standby', 15 * SECOND)
    await sleep(3 * SECOND)
    expect(await entries(b)).to.deep.equal(before)
    expect(a.output()).to.include('another kernel has taken over')
    await becomes(b, 'active', SECOND)
  })

  it('with a wrong setting: it does not stand by while nobody is out; while somebody is, it does, and takes over', async () => {
    const wrong = { ...settings, IMOK_HEARTBEAT_URL: 'nonsense' }
    await b.stop('SIGTERM')
    const refused = await startKernel(wrong).catch((error: unknown) => String(error))
    expect(refused).to.include('nobody is out, so it does not start with wrong settings')
    await write(a, 'IN 5m')
    await heard(a, /^Noted/, 5 * SECOND)
    b = await startKernel(wrong)
    expect(await roleOf(b)).to.equal('standby')
    expect(b.output()).to.include('heartbeat_url')
    await write(a, 'OUT')
    await heard(a, /^OUT noted/, 5 * SECOND)
    await a.stop('SIGKILL')
    await becomes(b, 'active', 20 * SECOND)
    await write(b, 'IN 5m')
    await heard(b, /^Noted[^]*$/, 5 * SECOND)
  })

  it('only the one that watches visits the heartbeat, and reads Telegram and Twilio', async () => {
    const calls: string[] = []
    const outside = createServer((request, response) => {
      calls.push(request.url ?? '')
      response.writeHead(404).end()
    }).listen(0, '127.0.0.1')
    await once(outside, 'listening')
    // Real ways are real people's: they live in real time.
    const { IMOK_SIMULATOR_SPEED: _speed, ...slowly } = settings
    const ways = (kernel: string): Record<string, string> => {
      const url = `http://127.0.0.1:${String((outside.address() as AddressInfo).port)}/${kernel}`
      return {
        ...slowly,
        IMOK_HEARTBEAT_URL: `${url}/heartbeat`,
        IMOK_TELEGRAM_TOKEN: '1:token',
        IMOK_TELEGRAM_API_URL: `${url}/telegram`,
        IMOK_TWILIO_ACCOUNT_SID: `AC${'0'.repeat(32)}`,
        IMOK_TWILIO_AUTH_TOKEN: 'token',
        IMOK_TWILIO_FROM: '+447700900500',
        IMOK_TWILIO_API_URL: `${url}/twilio`,
      }
    }
    const kinds = (kernel: string): string[] => {
      const theirs = calls.filter((url) => url.startsWith(`/${kernel}/`))
      return [...new Set(theirs.map((url) => url.split('/')[2] ?? ''))].sort()
    }
    const asksAll = async (kernel: string): Promise<void> => {
      for (const until = Date.now() + 20 * SECOND; kinds(kernel).length < 3; await sleep(100))
        if (Date.now() > until) throw new Error(`it asked for ${kinds(kernel).join()} only`)
    }
    try {
      await b.stop('SIGKILL')
      await a.stop('SIGTERM')
      a = await startKernel(ways('a'))
      b = await startKernel(ways('b'))
      await asksAll('a')
      await sleep(6 * SECOND)
      expect(kinds('b')).to.deep.equal([])
      await a.stop('SIGTERM')
      calls.length = 0
      await becomes(b, 'active', 5 * SECOND)
      await asksAll('b')
      expect(kinds('a')).to.deep.equal([])
    } finally {
      outside.closeAllConnections()
      outside.close()
    }
  })

  it('told to stop: it hands over at once, and back', async () => {
    await write(a, 'IN 5m')
    await heard(a, /^Noted/, 5 * SECOND)
    await a.stop('SIGTERM')
    expect(await becomes(b, 'active', 5 * SECOND), 'ms until the other watches').to.be.lessThan(5 * SECOND)
    await write(b, 'OUT')
    await heard(b, /^OUT noted/, 5 * SECOND)
    a = await startKernel(settings)
    expect(await roleOf(a)).to.equal('standby')
  })
})
