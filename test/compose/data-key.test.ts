import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect } from 'chai'
import { dataKeyOf, isOpenBesideSealed, missingKey } from '../../src/compose/data-key.ts'
import { loadConfig } from '../../src/config/load.ts'
import type { Config } from '../../src/config/config.ts'
import { KeyError, keyId, loadDataKey } from '../../src/crypto/data-key.ts'
import { openKeyFile, sealKeyFile } from '../../src/crypto/key-files.ts'

const passphrase = 'five words that nobody says'
const given = Buffer.from(Array.from({ length: 32 }, (_, i) => i * 7)).toString('base64')

const failure = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    (value) => `nothing was thrown, but ${String(value)} came`,
    (error: unknown) => error,
  )

describe('whether the key is at hand', () => {
  let folder: string
  beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), 'imok-key-'))))
  afterEach(() => rmSync(folder, { recursive: true }))

  const configOf = (env: Record<string, string> = {}): Config =>
    loadConfig({ env: { IMOK_DATA_DIR: folder, ...env } }).config
  const holdsData = (): void => mkdirSync(path.join(folder, 'documents'))
  const seals = async (): Promise<string> => {
    const key = await loadDataKey(folder)
    await sealKeyFile(folder, key, passphrase, { cost: { N: 2 ** 14, r: 8, p: 1 } })
    return keyId(key)
  }

  it('it is where it is set, where its file lies, and where there is nothing that a new one could not read', async () => {
    expect(await missingKey(configOf())).to.equal(undefined)
    holdsData()
    expect(await missingKey(configOf({ IMOK_SECRET_KEY: given }))).to.equal(undefined)
    rmSync(path.join(folder, 'documents'), { recursive: true })
    await loadDataKey(folder)
    holdsData()
    expect(await missingKey(configOf())).to.equal(undefined)
  })

  it('a passphrase has to be typed where only a sealed one lies, unless a key is set', async () => {
    await seals()
    expect(await missingKey(configOf())).to.deep.equal({ why: 'passphrase', where: path.join(folder, 'key.sealed') })
    expect(await missingKey(configOf({ IMOK_SECRET_KEY: given }))).to.equal(undefined)
  })

  it('it is where both lie, and that is noticed: the passphrase protects nothing then', async () => {
    const key = await loadDataKey(folder)
    expect(await isOpenBesideSealed(configOf())).to.equal(false)
    await seals()
    await openKeyFile(folder, key, {
      at: (point) => {
        if (point === 'checked') throw new Error('killed')
      },
    }).catch(() => undefined)
    expect(await missingKey(configOf())).to.equal(undefined)
    expect(await isOpenBesideSealed(configOf())).to.equal(true)
  })

  it('its file has to appear where it is gone and the folder holds data', async () => {
    holdsData()
    expect(await missingKey(configOf())).to.deep.equal({ why: 'file', where: path.join(folder, 'key') })
  })

  it('its file has to appear where the data are in a database, and this folder has served before; else it is brought there', async () => {
    const mongo = { IMOK_MONGODB_URL: 'mongodb://127.0.0.1/imok' }
    expect(await missingKey(configOf(mongo))).to.equal(undefined)
    writeFileSync(path.join(folder, 'locked-inbox.key'), '{}')
    expect(await missingKey(configOf(mongo))).to.deep.equal({ why: 'file', where: path.join(folder, 'key') })
    await loadDataKey(folder)
    expect(await missingKey(configOf(mongo))).to.equal(undefined)
  })

  it('a file that was named has to appear, also beside a file in the folder, and where the data are elsewhere', async () => {
    await loadDataKey(folder)
    holdsData()
    const named = { IMOK_SECRET_KEY_FILE: path.join(folder, 'mounted') }
    const missing = { why: 'file', where: path.join(folder, 'mounted') }
    expect(await missingKey(configOf(named))).to.deep.equal(missing)
    rmSync(path.join(folder, 'documents'), { recursive: true })
    const mongo = { ...named, IMOK_MONGODB_URL: 'mongodb://127.0.0.1/imok' }
    expect(await missingKey(configOf(mongo))).to.deep.equal(missing)
  })

  it('a file that was named and is not there stops a start that has nothing to watch, and says what to do', async () => {
    const error = await failure(missingKey(configOf({ IMOK_SECRET_KEY_FILE: path.join(folder, 'mounted') })))
    expect(error).to.be.instanceOf(KeyError)
    expect(String(error)).to.match(/mounted, which is not there.*put the key there.*or name another file/)
  })

  it('whoever does not wait is told, and whoever can ask gets it', async () => {
    const id = await seals()
    expect(await failure(dataKeyOf(configOf()))).to.be.instanceOf(KeyError)
    expect(keyId(await dataKeyOf(configOf(), undefined, () => Promise.resolve(passphrase)))).to.equal(id)
    const named = configOf({ IMOK_SECRET_KEY_FILE: path.join(folder, 'mounted') })
    expect(await failure(dataKeyOf(named, undefined, () => Promise.resolve(passphrase)))).to.be.instanceOf(KeyError)
  })
})
