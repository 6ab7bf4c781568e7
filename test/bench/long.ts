// npm run bench -- long [--minutes 60 --speed 120 --people 30 --picture docs/long-run.svg]: two kernels on one database for days of their clock, people
// who come and go, and now and then a change of office. What grows without end is seen.
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { MongoClient } from 'mongodb'
import { writesTo } from '../e2e/kernel.ts'
import { newName } from '../e2e/mongodb/harness.ts'
import { startStandIn } from '../e2e/mongodb/stand-in.ts'
import type { Kernel } from './kernel.ts'
import { startKernel } from './kernel.ts'
import { plot } from './long/plot.ts'
import type { Line } from './long/plot.ts'

const { values } = parseArgs({
  args: process.argv.slice(3),
  options: {
    minutes: { type: 'string', default: '60' },
    speed: { type: 'string', default: '120' },
    people: { type: 'string', default: '30' },
    picture: { type: 'string' },
  },
})
const [minutes, speed, people] = [Number(values.minutes), Number(values.speed), Number(values.people)]
const SECOND = 1_000
const MINUTE = 60 * SECOND
/** Real time between two looks, and between two changes of office. */
const LOOK = 10 * SECOND
const CHANGE = 7 * MINUTE
const ADMIN = '@admin:simulator'
const collections = ['documents', 'inbox', 'addresses', 'jobs', 'aside', 'standbys', 'sent'] as const

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
const nameOf = (n: number): string => `Walker${String.fromCharCode(65 + Math.floor(n / 26), 65 + (n % 26))}`
const phoneOf = (n: number): string => `+4477009${String(10_000 + n)}`

const folder = mkdtempSync(path.join(tmpdir(), 'imok-long-'))
const server = await startStandIn()
const url = server.url(newName())
const settings = {
  IMOK_MONGODB_URL: url,
  IMOK_SECRET_KEY: randomBytes(32).toString('base64'),
  IMOK_SIMULATOR: 'on',
  IMOK_SIMULATOR_SPEED: String(speed),
}
const places = ['a', 'b'].map((name) => path.join(folder, name))
const start = (n: number): Promise<Kernel> =>
  startKernel(places[n] ?? '', settings, `${places[n] ?? ''}.log`, ['--max-semi-space-size=4'])
const kernels: (Kernel | undefined)[] = [await start(0), await start(1)]
const began = Date.now()
const end = began + minutes * MINUTE
const isOver = (): boolean => Date.now() >= end

/** Through whichever kernel is there; another try goes to the other one. */
async function writes(text: string, from: string): Promise<void> {
  for (let tries = 0; tries < 60; tries++) {
    const there = kernels.filter((kernel) => kernel !== undefined)
    const kernel = there[Math.floor(Math.random() * there.length)]
    const isStored =
      kernel &&
      (await writesTo(kernel, text, from).then(
        () => true,
        () => false,
      ))
    if (isStored) return
    await pause(SECOND)
  }
  throw new Error('no kernel stores anything any more')
}

/** An hour of the kernel's clock, more or less. */
const aWhile = (): Promise<void> => pause(((0.2 + Math.random()) * 60 * MINUTE) / speed)

/** Goes out, comes back, forgets it now and then, and needs help more seldom. */
async function lives(n: number): Promise<void> {
  while (!isOver()) {
    await writes('IN 60', phoneOf(n))
    await aWhile()
    const fate = Math.random()
    if (fate < 0.1) await writes('SOS at the bridge', phoneOf(n))
    if (fate < 0.25) {
      // Forgotten: somebody takes it, and looks.
      await aWhile()
      await writes(`take ${nameOf(n)}`, ADMIN)
      await aWhile()
    }
    await writes('OUT', phoneOf(n))
    if (fate < 0.1) await writes(`out ${nameOf(n)}`, ADMIN)
    await aWhile()
  }
}

interface Look {
  hours: number
  memory: number[]
  rows: Record<string, number>
}

const looks: Look[] = []
const client = new MongoClient(url)
async function look(): Promise<void> {
  const rows: Record<string, number> = {}
  for (const name of collections) rows[name] = await client.db().collection(name).countDocuments()
  looks.push({
    hours: ((Date.now() - began) / MINUTE / 60) * speed,
    memory: kernels.map((kernel) => kernel?.memory() ?? NaN),
    rows,
  })
  const { hours, memory } = looks.at(-1) ?? { hours: 0, memory: [] }
  if (looks.length % 6 === 0)
    process.stderr.write(
      `${hours.toFixed(0)} h: ${memory.map((it) => it.toFixed(0)).join(' and ')} MB, ${JSON.stringify(rows)}\n`,
    )
}

/** One of them is stopped or killed, and comes back half a minute later. */
async function changes(): Promise<void> {
  for (let n = 0; !isOver(); n++) {
    await pause(Math.min(CHANGE, end - Date.now()))
    if (isOver()) return
    const which = n % 2
    const leaving = kernels[which]
    kernels[which] = undefined
    if (n % 4 < 2) await leaving?.stop()
    else leaving?.signal('SIGKILL')
    await pause(30 * SECOND)
    kernels[which] = await start(which)
  }
}

async function watches(): Promise<void> {
  while (!isOver()) {
    await look()
    await pause(LOOK)
  }
}

try {
  await client.connect()
  for (let n = 0; n < people; n++) await writes(`invite ${phoneOf(n)} ${nameOf(n)}`, ADMIN)
  await pause(10 * SECOND)
  for (let n = 0; n < people; n++) await writes('YES', phoneOf(n))
  await Promise.all([watches(), changes(), ...Array.from({ length: people }, (_, n) => lives(n))])
  const lineOf = (name: string, of: (it: Look) => number): Line => ({
    name,
    points: looks.map((it) => [it.hours, of(it)] as const),
  })
  const hours = looks.at(-1)?.hours ?? 0
  const picture = plot(
    `Two kernels, ${String(people)} people, ${hours.toFixed(0)} hours of their clock (${String(minutes)} minutes at speed ${String(speed)})`,
    'hours of the kernels’ clock',
    [
      {
        title: 'Memory (RSS), MB',
        lines: [0, 1].map((n) => lineOf(`kernel ${String(n + 1)}`, (it) => it.memory[n] ?? NaN)),
      },
      {
        title: 'Rows in the database',
        lines: collections.slice(0, 6).map((name) => lineOf(name, (it) => it.rows[name] ?? NaN)),
      },
      {
        title: 'The simulator’s list, which is kept for ever: rows',
        lines: [lineOf('sent', (it) => it.rows['sent'] ?? NaN)],
      },
    ],
  )
  if (values.picture !== undefined) writeFileSync(values.picture, picture)
  console.log(JSON.stringify(looks.filter((_, n) => n % 30 === 0 || n === looks.length - 1)))
} finally {
  await client.close()
  for (const kernel of kernels) await kernel?.stop()
  await server.stop()
  rmSync(folder, { recursive: true, force: true })
}
