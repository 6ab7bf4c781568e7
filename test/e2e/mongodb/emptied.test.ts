// Somebody empties the database while people are out. Whoever asked it would hear that nobody is.
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect } from 'chai'
import { compose } from '../../../src/compose.ts'
import type { Running } from '../../../src/compose.ts'
import { loadConfig } from '../../../src/config/load.ts'
import type { Room } from '../../../src/ports/channel.ts'
import { freePort } from '../../support/free-port.ts'
import { silent } from '../../support/memory-ports.ts'
import { writesTo } from '../kernel.ts'
import { newName } from './harness.ts'
import { useStandIn } from './use-stand-in.ts'

const MO = '+447700900001'
/** A minute passes in ten seconds; terms are real. */
const SPEED = '6'
const officeTimes = { lease: 2_000, beat: 400, margin: 200, look: 200, comeBack: 1_000 }

const until = async (what: string, isSo: () => boolean | Promise<boolean>, within: number): Promise<void> => {
  for (const end = Date.now() + within; !(await isSo()); await new Promise((go) => setTimeout(go, 50)))
    if (Date.now() > end) throw new Error(`${what}: it did not become so`)
}

describe('A database that is emptied while somebody is out', () => {
  const { server, client } = useStandIn()
  let folder: string
  let database: string
  const folders: string[] = []
  const said: string[] = []
  const logged: string[] = []
  const kernels: Running[] = []

  const newFolder = (): string => {
    const made = mkdtempSync(path.join(tmpdir(), 'imok-emptied-'))
    folders.push(made)
    return made
  }

  const startIn = async (dataDir: string): Promise<{ kernel: Running; url: string }> => {
    const { config, problems } = loadConfig({
      env: {
        IMOK_DATA_DIR: dataDir,
        IMOK_MONGODB_URL: server().url(database),
        IMOK_SIMULATOR: 'on',
        IMOK_SIMULATOR_SPEED: SPEED,
        IMOK_HTTP_HOST: '127.0.0.1',
        IMOK_HTTP_PORT: String(await freePort()),
      },
    })
    expect(problems).to.deep.equal([])
    const note = (message: string): void => void logged.push(message)
    // A room that does not lie in the database, as in Matrix.
    const room = (room: Room): Room => ({
      ...room,
      send: ({ text }) => {
        said.push(text)
        return Promise.resolve({ readers: 1 })
      },
    })
    const kernel = await compose(
      config,
      { ...silent.log, error: note, warn: note },
      { officeTimes, decorate: { room } },
    )
    kernels.push(kernel)
    return { kernel, url: `http://127.0.0.1:${String(kernel.port)}` }
  }

  const startsWith = (dataDir: string): Promise<unknown> =>
    startIn(dataDir).then(
      () => 'it started',
      (error: unknown) => (error as { code?: string }).code,
    )

  beforeEach(() => {
    folder = newFolder()
    database = newName()
    said.length = logged.length = 0
  })
  afterEach(async () => {
    for (const kernel of kernels.splice(0)) await kernel.stop()
    for (const made of folders.splice(0)) rmSync(made, { recursive: true, force: true })
  })

  it('is not begun anew: the kernel alarms for whom it knows, says so, takes no texts, and nobody takes its office', async () => {
    const { kernel, url } = await startIn(folder)
    const other = newFolder()
    copyFileSync(path.join(folder, 'key'), path.join(other, 'key'))
    const standby = await startIn(other)
    expect(standby.kernel.role()).to.equal('standby')
    await writesTo({ url }, 'IN 1m', MO)
    await until('Mo is out', () => kernel.engine.house.overview.out().length === 1, 5_000)
    await client().db(database).dropDatabase()

    await until('the room hears of it', () => said.some((text) => /^#1 OVERDUE, unconfirmed: Mo/.test(text)), 25_000)
    const answer = await fetch(`${url}/readyz`)
    expect([answer.status, await answer.json()]).to.deep.equal([
      503,
      { ready: false, reasons: ['store'], role: 'active' },
    ])
    expect(logged.join('\n')).to.match(/not in its database any more: it was emptied.*do not restart it before/)
    const refused = await writesTo({ url }, 'OUT', MO).catch((error: unknown) => String(error))
    expect(refused).to.include('503')
    await new Promise((go) => setTimeout(go, 2 * officeTimes.lease))
    expect([kernel.role(), standby.kernel.role()]).to.deep.equal(['active', 'standby'])
    expect((await fetch(`${standby.url}/readyz`)).status).to.equal(503)
    for (const name of ['meta', 'documents'])
      expect(await client().db(database).collection(name).countDocuments(), name).to.equal(0)
    const jobs = client().db(database).collection('jobs')
    const before = await jobs.countDocuments()
    await new Promise((go) => setTimeout(go, 12_000))
    expect(await jobs.countDocuments(), 'recurring work is not begun anew there').to.equal(before)
  })

  it('is not filled with an empty group by one that starts then: only by a folder that is new', async () => {
    const { kernel } = await startIn(folder)
    await kernel.stop()
    await client().db(database).dropDatabase()
    expect(await startsWith(folder)).to.equal('mongodb-emptied')
    expect(await client().db(database).listCollections().toArray()).to.deep.equal([])
    expect(await startsWith(newFolder())).to.equal('it started')
  })
})
