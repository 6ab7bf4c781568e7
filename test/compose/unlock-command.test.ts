import { createSecretKey, randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect } from 'chai'
import { listenForKey } from '../../src/compose/unlock-socket.ts'
import type { Verdict } from '../../src/compose/unlock-socket.ts'
import { loadDataKey } from '../../src/crypto/data-key.ts'
import { sealKeyFile } from '../../src/crypto/key-files.ts'
import { operator } from '../support/operator.ts'

const passphrase = 'five words that nobody says'

describe('npm run unlock', function () {
  this.timeout(120_000)
  let folder: string
  beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), 'imok-unlock-'))))
  afterEach(() => rmSync(folder, { recursive: true }))

  const run = (more: Record<string, string> = {}, typed = passphrase): Promise<[number | null, string]> =>
    operator(['unlock'], { IMOK_DATA_DIR: folder, ...more }, [typed])

  it('in a folder that is not the one of the group does not say that all is well', async () => {
    expect(await run()).to.deep.equal([
      1,
      `There are no records in ${folder}, and no key.\nIs IMOK_DATA_DIR right? If it is, the first start makes a key there.\n`,
    ])
    const [code, said] = await run({ IMOK_MONGODB_URL: 'mongodb://127.0.0.1:1/imok' })
    expect(code, said).to.equal(1)
    expect(said).to.include(`There is no key in ${folder}`)
  })

  it('names the folder, whatever it answers', async () => {
    mkdirSync(path.join(folder, 'documents'))
    const [code, said] = await run()
    expect(code).to.equal(1)
    expect(said).to.include(`waits for the file ${path.join(folder, 'key')}, or for the one that IMOK_SECRET_KEY_FILE`)

    rmSync(path.join(folder, 'documents'), { recursive: true })
    const key = await loadDataKey(folder)
    expect(await run()).to.deep.equal([
      0,
      `There is nothing to unlock in ${folder}: the key is at hand, and imok starts alone.\n`,
    ])

    await sealKeyFile(folder, key, passphrase, { cost: { N: 2 ** 14, r: 8, p: 1 } })
    expect((await run())[1]).to.include(`No locked imok runs with the data folder ${folder}. Start it first`)
    expect((await run({}, 'another one'))[1]).to.include(`not the passphrase of ${path.join(folder, 'key.sealed')}`)
    for (const [verdict, ended, words] of [
      ['opened', 0, `Unlocked. The imok of ${folder} reads what it missed`],
      ['wrong-key', 1, `${path.join(folder, 'key.sealed')} is from another data folder`],
      [undefined, 1, `The imok of ${folder} ended, or could not open its records`],
    ] as [Verdict | undefined, number, string][]) {
      const shut = await listenForKey(folder, (one) =>
        verdict && one.equals(key) ? Promise.resolve(verdict) : Promise.reject(new Error('it ended')),
      )
      const [code, text] = await run()
      await shut()
      expect([code, text]).to.satisfy(() => code === ended && text.includes(words), text)
    }
  })

  it('has nothing to do where a key is set', async () => {
    const secret = createSecretKey(randomBytes(32)).export().toString('base64')
    const [code, said] = await run({ IMOK_SECRET_KEY: secret })
    expect([code, said]).to.satisfy(() => code === 0 && said.includes(`nothing to unlock in ${folder}`), said)
  })
})
