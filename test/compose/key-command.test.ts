import { createSecretKey, randomBytes } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect } from 'chai'
import type { DataKey } from '../../src/crypto/data-key.ts'
import { openKeyFile, openSealed, sealKeyFile } from '../../src/crypto/key-files.ts'
import { lockFolder } from '../../src/stores/lowdb/folder-lock.ts'
import { openLowdbStore } from '../../src/stores/lowdb/index.ts'
import { aDocument } from '../contract/store.ts'
import { operator } from '../support/operator.ts'

const passphrase = 'five words that nobody says'
const cost = { N: 2 ** 14, r: 8, p: 1 }
const newKey = (): DataKey => createSecretKey(randomBytes(32))

describe('npm run key', function () {
  // Each answer is a process of its own.
  this.timeout(120_000)
  const [right, wrong] = [newKey(), newKey()]
  let folder: string
  beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), 'imok-key-'))))
  afterEach(() => rmSync(folder, { recursive: true }))

  const run = (command: string, more: Record<string, string> = {}): Promise<[number | null, string]> =>
    operator(['key', command], { IMOK_DATA_DIR: folder, ...more }, [passphrase])
  const hasKey = (key: DataKey): void =>
    writeFileSync(path.join(folder, 'key'), `${key.export().toString('base64')}\n`, { mode: 0o600 })
  const hasSealed = (key: DataKey): Promise<void> => sealKeyFile(folder, key, passphrase, { cost })
  const hasBoth = async (open: DataKey, sealed: DataKey): Promise<void> => {
    await hasSealed(sealed)
    hasKey(open)
  }
  const hasRecords = async (): Promise<void> => {
    const store = await openLowdbStore({ folder, key: right })
    await store.documents.write(aDocument('m1', 1))
    await store.close()
  }
  const files = (): Record<string, string> =>
    Object.fromEntries(
      readdirSync(folder)
        .filter((name) => name.startsWith('key'))
        .map((name) => [name, readFileSync(path.join(folder, name), 'utf8')]),
    )
  /** In either direction, and nothing is lost by it. */
  const refuses = async (said: RegExp, settings?: Record<string, string>): Promise<void> => {
    const before = files()
    for (const command of ['passphrase', 'file']) {
      const [code, text] = await run(command, settings)
      expect(files(), `the keys after npm run key -- ${command}`).to.deep.equal(before)
      expect([code, text]).to.satisfy(() => code === 1 && said.test(text), text)
      expect(text).to.match(/othing was changed/)
    }
  }

  describe('with two different keys destroys neither', () => {
    it('and says that the sealed one is that of the records', async () => {
      await hasRecords()
      await hasBoth(wrong, right)
      await refuses(/hold different keys.*\nkey\.sealed is the one of the records there\. Move "key" to another place/)
      const [, said] = await run('status')
      expect(said).to.match(/both .*key and .*key\.sealed[^]*different keys[^]*Move "key" to another place/)
      rmSync(path.join(folder, 'key'))
      expect((await run('file'))[0]).to.equal(0)
    })

    it('and says that the one in clear is', async () => {
      await hasRecords()
      await hasBoth(right, wrong)
      await refuses(/hold different keys.*\n"key" is the one of the records there\. Move key\.sealed to another place/)
    })

    it('also where only the documents tell, or one is of none of them', async () => {
      await hasRecords()
      rmSync(path.join(folder, 'store.json'))
      await hasBoth(wrong, right)
      await refuses(/key\.sealed is the one of the records there/)
      hasKey(newKey())
      await hasSealed(wrong)
      hasKey(newKey())
      await refuses(/Neither is the one of the records there/)
    })

    it('where nothing tells', async () => {
      await hasBoth(right, wrong)
      await refuses(/Keep the one that your records were sealed with/)
    })

    it('or where one of them cannot be read', async () => {
      await hasBoth(right, right)
      writeFileSync(path.join(folder, 'key.sealed'), '{')
      await refuses(/key\.sealed holds no key that can be read, and key lies beside it.* Move key\.sealed to another/)
      await hasSealed(right)
      writeFileSync(path.join(folder, 'key'), 'half')
      await refuses(/key holds no key that can be read, and key\.sealed lies beside it.* Move key to another/)
    })
  })

  it('does not turn a key that is not the one of the records, unless they are in a database', async () => {
    await hasRecords()
    hasKey(wrong)
    const said = /is not the key of the records in .*\nMove it to another place, and put the right one back/
    await refuses(said)
    await hasSealed(wrong)
    await refuses(said)
    const [code] = await run('file', { IMOK_MONGODB_URL: 'mongodb://127.0.0.1:1/imok' })
    expect(code).to.equal(0)
  })

  it('ends a change that was cut short, and names the folder in what is to be typed', async () => {
    await hasRecords()
    await hasBoth(right, right)
    expect((await run('status'))[1]).to.include(`To end it: IMOK_DATA_DIR=${folder} npm run key -- passphrase, or:`)
    const [code, said] = await run('passphrase')
    expect(code, said).to.equal(0)
    expect(said).to.include(`until somebody runs IMOK_DATA_DIR=${folder} npm run unlock\n`)
    expect(Object.keys(files())).to.deep.equal(['key.sealed'])
    expect((await openSealed(folder, passphrase)).equals(right)).to.equal(true)
    expect((await run('status'))[1]).to.include(`somebody has to run: IMOK_DATA_DIR=${folder} npm run unlock\n`)
    await openKeyFile(folder, right)
    const letGo = await lockFolder(folder)
    expect(await run('passphrase')).to.deep.equal([1, 'imok is running. Stop it first, then run this again.\n'])
    await letGo()
  })

  it('says what is known where there is no key', async () => {
    const mongo = { IMOK_MONGODB_URL: 'mongodb://127.0.0.1:1/imok' }
    const absent = { IMOK_SECRET_KEY_FILE: path.join(folder, 'mounted') }
    expect((await run('status', absent))[1]).to.match(/imok does not start: there are no records in/)
    const nothing = /There are no records in .*, and no key.\nIs IMOK_DATA_DIR right\?/
    const elsewhere = /no key in .*the records are in the database[^]*bring the file "key" from another machine/
    const lost = /no key in .*there are records that only it opens[^]*back from the backup.*IMOK_SECRET_KEY_FILE/
    for (const [command, code] of [
      ['status', 0],
      ['passphrase', 1],
      ['file', 1],
    ] as const) {
      for (const [settings, said] of [
        [{}, nothing],
        [mongo, elsewhere],
      ] as const) {
        const [ended, text] = await run(command, settings)
        expect([ended, text]).to.satisfy(() => ended === code && said.test(text), text)
      }
    }
    await hasRecords()
    expect((await run('status'))[1]).to.match(lost)
    expect((await run('file'))[1]).to.match(lost)
    expect((await run('status', absent))[1]).to.match(/imok starts locked, and goes on when it is/)
    expect(files()).to.deep.equal({})
  })
})
