import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect } from 'chai'
import { openStore } from '../../src/compose/open-store.ts'
import { loadConfig } from '../../src/config/load.ts'
import { Secret } from '../../src/config/secret.ts'
import { lockFolder } from '../../src/stores/lowdb/folder-lock.ts'
import { silent } from '../support/memory-ports.ts'

describe('a kernel on a database', () => {
  let folder: string
  beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), 'imok-open-'))))
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  const warned: string[] = []
  /** How it fails: no driver understands this address. */
  const opens = (dataDir: string): Promise<unknown> => {
    const { config } = loadConfig({ env: { IMOK_DATA_DIR: dataDir } })
    const log = { ...silent.log, warn: (message: string) => void warned.push(message) }
    return openStore({ ...config, mongodbUrl: new Secret('mongodb://[') }, log, Date.now).then(
      () => 'opened',
      (error: unknown) => (error as { code?: string }).code,
    )
  }

  it('does not begin beside another kernel in its data folder, whatever store that one has', async () => {
    const letGo = await lockFolder(folder)
    expect(await opens(folder)).to.equal('locked')
    await letGo()
    expect(await opens(folder)).to.equal('mongodb-address')
    // It has let go of it, though it failed.
    await (
      await lockFolder(folder)
    )()
  })

  it('begins also where its data folder cannot be held, and says so', async () => {
    expect(await opens('/dev/null/imok')).to.equal('mongodb-address')
    expect(warned.join()).to.match(/the data folder cannot be held/)
  })
})
