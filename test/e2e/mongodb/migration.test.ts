// The operator's `npm run store -- copy`, to MongoDB and back: what lies there afterwards, killed at random, and beside a kernel.
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect } from 'chai'
import { MongoClient } from 'mongodb'
import { loadDataKey } from '../../../src/crypto/data-key.ts'
import { openLowdbStore } from '../../../src/stores/lowdb/index.ts'
import { openMongoStore } from '../../../src/stores/mongodb/index.ts'
import type { MongoStore } from '../../../src/stores/mongodb/index.ts'
import { seededRandom } from '../../support/seeded-random.ts'
import { contentOf, fillStore } from '../../support/store-content.ts'
import type { RunningKernel } from '../kernel.ts'
import { startKernel, writesTo } from '../kernel.ts'
import { newName } from './harness.ts'
import type { StandIn } from './stand-in.ts'
import { startStandIn } from './stand-in.ts'
import { withoutSettings } from '../../support/environment.ts'

const root = path.resolve(import.meta.dirname, '../../..')
const MEMBERS = 300
const MO = '+447700900001'
/** Kills that left an unfinished copy, each way; and how often it is tried at most. */
const KILLS = 6
const TRIES = 40
/** Around the time at which the store was filled: ids of what is done are known. */
const now = (): number => 1_700_000_100_000

interface Ended {
  code: number | null
  said: string
  /** Milliseconds from when it began to copy. */
  copying: number
}

/** Runs the command; killed, with all that it started, so many milliseconds after it began to copy. */
function run(folder: string, url: string, args: readonly string[], killAfter = Infinity): Promise<Ended> {
  const child = spawn('npm', ['run', '-s', 'store', '--', ...args], {
    cwd: root,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...withoutSettings(), IMOK_DATA_DIR: folder, IMOK_MONGODB_URL: url },
  })
  let said = ''
  let began: number | undefined
  let timer: NodeJS.Timeout | undefined
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (text: Buffer) => {
      said += text.toString()
      if (began !== undefined || !said.includes('in all')) return
      began = performance.now()
      if (killAfter < Infinity) timer = setTimeout(() => process.kill(-(child.pid ?? 0), 'SIGKILL'), killAfter)
    })
  return new Promise((resolve) =>
    child.once('close', (code) => {
      clearTimeout(timer)
      resolve({ code, said, copying: performance.now() - (began ?? Infinity) })
    }),
  )
}

const there = ['copy', '--from', 'lowdb', '--to', 'mongodb']
const back = ['copy', '--from', 'mongodb', '--to', 'lowdb']

/** Of every file. */
function digestOf(folder: string): string {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((it) => it.isFile())
    .map(({ parentPath, name }) => path.join(parentPath, name))
  const hash = createHash('sha256')
  for (const file of files.sort()) hash.update(path.relative(folder, file)).update(readFileSync(file))
  return hash.digest('hex')
}

describe('A group that moves to MongoDB and back', function () {
  this.timeout(300_000)
  const seed = Date.now() % 1_000_000
  const random = seededRandom(seed)
  const folders: string[] = []
  let server: StandIn
  let client: MongoClient
  let home: string

  const newFolder = (): string => {
    const folder = mkdtempSync(path.join(tmpdir(), 'imok-move-'))
    folders.push(folder)
    return folder
  }
  /** Empty but for the key. */
  const emptyFolder = (): string => {
    const folder = newFolder()
    cpSync(path.join(home, 'key'), path.join(folder, 'key'))
    return folder
  }
  const seenIn = async (folder: string): Promise<unknown> => {
    const copy = newFolder()
    cpSync(folder, copy, { recursive: true })
    const store = await openLowdbStore({ folder: copy, key: await loadDataKey(copy), now })
    const content = await contentOf(store, MEMBERS)
    await store.close()
    return content
  }
  const rowsIn = async (name: string): Promise<unknown> => {
    const all: Record<string, unknown[]> = {}
    for (const { name: collection } of await client.db(name).listCollections().toArray())
      all[collection] = await client.db(name).collection(collection).find().sort({ _id: 1 }).toArray()
    return all
  }
  const fails = (ended: Ended, said: RegExp): void => {
    expect(ended.code, ended.said).to.equal(1)
    expect(ended.said).to.match(said)
    expect(ended.said, 'no trace of the code').not.to.match(/\.[jt]s:\d/)
  }
  const succeeds = ({ code, said }: Ended): void => {
    expect(code, said).to.equal(0)
    expect(said).to.match(/records were copied, read back and compared: all are the same\.\n\nNext: /)
  }

  before(async () => {
    server = await startStandIn()
    client = await MongoClient.connect(server.url(''))
    home = newFolder()
    const store = await openLowdbStore({ folder: home, key: await loadDataKey(home), now })
    await fillStore(store, MEMBERS, random)
    await store.close()
  })
  after(async () => {
    await client.close()
    await server.stop()
    for (const folder of folders) rmSync(folder, { recursive: true })
  })

  it('finds everything as it was; the old stores are not changed; what is tried only changes nothing', async () => {
    const name = newName()
    const url = server.url(name)
    const untouched = digestOf(home)
    const dry = await run(home, url, [...there, '--dry-run'])
    expect(dry.code, dry.said).to.equal(0)
    expect(dry.said).to.match(/members +299 .*\n[^]*in all +1201 .*\nNothing was changed/)
    expect(await rowsIn(name)).to.deep.equal({})

    succeeds(await run(home, url, there))
    expect(digestOf(home)).to.equal(untouched)
    const rows = await rowsIn(name)
    const returned = emptyFolder()
    const isDry = await run(returned, url, [...back, '--dry-run'])
    expect(isDry.code, isDry.said).to.equal(0)
    expect(readdirSync(returned)).to.deep.equal(['key'])
    succeeds(await run(returned, url, back))
    expect(await rowsIn(name)).to.deep.equal(rows)

    const original = await seenIn(home)
    expect(await seenIn(returned)).to.deep.equal(original)
    const store: MongoStore = await openMongoStore({ url, key: () => loadDataKey(home), now })
    try {
      await store.office.take(AbortSignal.timeout(10_000))
      expect(await contentOf(store, MEMBERS)).to.deep.equal(original)
      expect(store.damage).to.deep.equal([])
    } finally {
      await store.close()
    }

    const nowhere = path.join(newFolder(), 'data')
    fails(await run(nowhere, url, there), /data holds no records; look whether IMOK_DATA_DIR is right/)
    expect(existsSync(nowhere)).to.equal(false)
    fails(await run(home, url, ['copy', '--to', 'mongodb']), /^Write: npm run store -- copy --from lowdb/)
    fails(await run(home, url, there), /holds records of its own; nothing was changed/)
    fails(await run(returned, url, back), /an imok is at work|holds records of its own; nothing was changed/)
  })

  /**
   * Kills the copy in the middle, again and again, at random moments of it; what it leaves is refused. Then it is copied to its end. Where a
   * copy was whole before it was killed, the next one begins in another place, and moments are taken from the time that the fastest one took.
   */
  async function harassed(
    copy: (place: string, killAfter?: number) => Promise<Ended>,
    newPlace: () => string,
    open: (place: string) => Promise<{ close: () => Promise<void> }>,
  ): Promise<string> {
    let { copying } = await copy(newPlace())
    let place = newPlace()
    let unfinished = 0
    for (let tries = 0; unfinished < KILLS; tries++) {
      expect(tries, `tries, of which ${String(unfinished)} left an unfinished copy`).to.be.below(TRIES)
      const ended = await copy(place, copying * random())
      const opened = await open(place).then(
        async (store) => store.close().then(() => 'whole'),
        (error: unknown) => (error as { code?: string }).code,
      )
      if (opened === 'unfinished-copy') unfinished++
      else place = newPlace()
      if (ended.code === 0) copying = Math.min(copying, ended.copying)
    }
    succeeds(await copy(place))
    return place
  }

  it(`killed at random and repeated, there and back (seed ${String(seed)})`, async () => {
    const key = await loadDataKey(home)
    const untouched = digestOf(home)
    const name = await harassed(
      (place, killAfter) => run(home, server.url(place), there, killAfter),
      newName,
      (place) => openMongoStore({ url: server.url(place), key: () => Promise.resolve(key) }),
    )
    const returned = await harassed(
      (folder, killAfter) => run(folder, server.url(name), back, killAfter),
      emptyFolder,
      (folder) => openLowdbStore({ folder, key }),
    )
    expect(digestOf(home)).to.equal(untouched)
    expect(await seenIn(returned)).to.deep.equal(await seenIn(home))
  })

  it('is watched over by the kernel of the new store; beside a kernel nothing is copied', async () => {
    const settings = { IMOK_SIMULATOR: 'on', IMOK_TIMEZONE: 'Europe/London' }
    const folder = newFolder()
    const returned = newFolder()
    const url = server.url(newName())
    let kernel = await startKernel(settings, folder)
    try {
      await writesTo(kernel, 'IN 5m', MO)
      await hears(kernel, /^Noted/)
      fails(await run(folder, url, there), /another imok is using .*: stop it/)
      await kernel.stop('SIGKILL')
      succeeds(await run(folder, url, there))

      kernel = await startKernel({ ...settings, IMOK_MONGODB_URL: url }, folder)
      await hears(kernel, /BLIND[^]*Mo Member/)
      await writesTo(kernel, 'MORE 5m', MO)
      await hears(kernel, /^Noted/, 2)
      cpSync(path.join(folder, 'key'), path.join(returned, 'key'))
      fails(await run(returned, url, back), /an imok is at work in the database; stop every imok of this group/)
      await kernel.stop('SIGKILL')
      succeeds(await run(returned, url, back))

      kernel = await startKernel(settings, returned)
      await hears(kernel, /BLIND[^]*Mo Member/, 2)
      await writesTo(kernel, 'OUT', MO)
      await hears(kernel, /^OUT noted/)
    } finally {
      await kernel.stop('SIGKILL')
    }
  })
})

/** Waits until so many entries of the simulator's list are like this. */
async function hears({ url }: RunningKernel, pattern: RegExp, count = 1): Promise<void> {
  for (const until = Date.now() + 15_000; ; await new Promise((resolve) => setTimeout(resolve, 100))) {
    const entries = (await (await fetch(`${url}/simulator/messages`)).json()) as { text: string }[]
    if (entries.filter(({ text }) => pattern.test(text)).length >= count) return
    if (Date.now() > until) throw new Error(`${String(pattern)} was not said; said was ${JSON.stringify(entries)}`)
  }
}
