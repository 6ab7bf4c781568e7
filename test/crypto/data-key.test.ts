import { expect } from 'chai'
import { randomBytes } from 'node:crypto'
import { chmod, mkdir, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { keyId, loadDataKey, parseDataKey } from '../../src/crypto/data-key.ts'

const rejection = async (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'nothing was thrown',
    (error: unknown) => (error as Error).message,
  )

describe('the data key', () => {
  const bytes = Buffer.from(Array.from({ length: 32 }, (_, i) => i * 7))

  it('is read from base64, base64url and hex, with or without a newline', () => {
    const names = ['base64', 'base64url', 'hex'] as const
    const ids = names.map((name) => keyId(parseDataKey(`${bytes.toString(name)}\n`, 'here')))
    expect(new Set(ids).size).to.equal(1)
    expect(ids[0]).to.match(/^[0-9a-f]{16}$/)
  })

  for (const [what, text] of [
    ['nothing', ''],
    ['a passphrase', 'correct horse battery staple'],
    ['31 bytes', bytes.subarray(1).toString('base64')],
    ['33 bytes', Buffer.concat([bytes, Buffer.of(1)]).toString('base64')],
    ['a passphrase of 43 letters', 'a'.repeat(43)],
  ] as const) {
    it(`is refused if it is ${what}, saying where, what is expected and how to make one, without repeating it`, () => {
      expect(() => parseDataKey(text, 'IMOK_SECRET_KEY')).to.throw(/IMOK_SECRET_KEY.*openssl rand -base64 32/)
      if (text) expect(() => parseDataKey(text, 'IMOK_SECRET_KEY')).to.not.throw(text)
    })
  }

  it('does not print itself', () => {
    const key = parseDataKey(bytes.toString('hex'), 'here')
    for (const shown of [inspect(key), JSON.stringify(key), JSON.stringify({ key })]) {
      expect(shown).to.not.contain(bytes.toString('hex').slice(0, 8))
      expect(shown).to.not.contain(bytes.toString('base64').slice(0, 8))
    }
  })

  describe('in file mode', () => {
    let folder: string
    beforeEach(async () => {
      folder = await mkdtemp(join(tmpdir(), 'imok-key-'))
    })
    afterEach(async () => rm(folder, { recursive: true }))

    it('is made on the first run, 0600 in a folder 0700, and is the same ever after', async () => {
      const data = join(folder, 'deep', 'data')
      const first = await loadDataKey(data)
      expect((await stat(join(data, 'key'))).mode & 0o777).to.equal(0o600)
      expect((await stat(data)).mode & 0o777).to.equal(0o700)
      expect(await readdir(data)).to.deep.equal(['key'])
      expect(keyId(await loadDataKey(data))).to.equal(keyId(first))
    })

    it('is one key even if several processes make it at once', async () => {
      const keys = await Promise.all(Array.from({ length: 8 }, async () => loadDataKey(folder)))
      expect(new Set(keys.map(keyId)).size).to.equal(1)
      expect(await readdir(folder)).to.deep.equal(['key'])
    })

    it('is closed to others if it was left open', async () => {
      await loadDataKey(folder)
      await chmod(join(folder, 'key'), 0o644)
      await chmod(folder, 0o755)
      await loadDataKey(folder)
      expect((await stat(join(folder, 'key'))).mode & 0o777).to.equal(0o600)
      expect((await stat(folder)).mode & 0o777).to.equal(0o700)
    })

    it('is not made anew beside data that it could not read', async () => {
      await mkdir(join(folder, 'documents'))
      expect(await rejection(loadDataKey(folder))).to.match(/key is missing, but .* holds data/)
      expect(await readdir(folder)).to.deep.equal(['documents'])
    })

    it('is never overwritten when it is unusable', async () => {
      const spoiled = randomBytes(16).toString('base64')
      await writeFile(join(folder, 'key'), spoiled)
      expect(await rejection(loadDataKey(folder))).to.contain(join(folder, 'key'))
      expect(await readFile(join(folder, 'key'), 'utf8')).to.equal(spoiled)
    })
  })
})
