import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect } from 'chai'
import { operator } from '../support/operator.ts'

describe('npm run matrix', () => {
  let folder: string
  beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), 'imok-matrix-'))))
  afterEach(() => rmSync(folder, { recursive: true }))

  const run = (more: Record<string, string> = {}): Promise<[number | null, string]> =>
    operator(['matrix', 'status'], {
      IMOK_DATA_DIR: folder,
      IMOK_MATRIX_HOMESERVER: 'http://127.0.0.1:1',
      IMOK_MATRIX_USER: '@imok:example.org',
      IMOK_MATRIX_PASSWORD: 'a password',
      IMOK_MATRIX_ADMINS: '@ben:example.org',
      ...more,
    })

  it('makes no key where the records are in a database', async () => {
    const [code, said] = await run({ IMOK_MONGODB_URL: 'mongodb://127.0.0.1:1/imok' })
    expect(readdirSync(folder)).to.deep.equal([])
    expect(code).to.equal(1)
    expect(said).to.match(/key is missing, but the database, if an imok ever ran with it, .*bring the file "key"/)
  })

  it('makes no key where the account was used with one that is elsewhere', async () => {
    mkdirSync(path.join(folder, 'matrix'))
    const [code, said] = await run()
    expect(readdirSync(folder)).to.deep.equal(['matrix'])
    expect(code).to.equal(1)
    expect(said).to.match(/key is missing, but .*matrix holds data sealed with a key; .*IMOK_SECRET_KEY/)
  })
})
