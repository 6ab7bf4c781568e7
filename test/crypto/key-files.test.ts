import { mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { keyId, loadDataKey } from '../../src/crypto/data-key.ts'
import type { DataKey } from '../../src/crypto/data-key.ts'
import { keyPlace, openKeyFile, openSealed, sealKeyFile } from '../../src/crypto/key-files.ts'

const cost = { N: 2 ** 14, r: 8, p: 1 }
const passphrase = 'five words that nobody says'

/** Dies at the n-th step of a move. */
const dying = (n: number): { at: (point: string) => void; points: string[] } => {
  const points: string[] = []
  const at = (point: string): void => {
    points.push(point)
    if (points.length === n) throw new Error(`died when ${point}`)
  }
  return { at, points }
}

describe('the place of the key', () => {
  let folder: string
  let key: DataKey
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'imok-key-'))
    key = await loadDataKey(folder)
  })
  afterEach(async () => rm(folder, { recursive: true }))

  /** The key as the next start finds it, whatever was cut short. */
  const found = async (): Promise<string> => {
    const place = await keyPlace(folder)
    expect(place).not.to.equal('none')
    return keyId(place === 'passphrase' ? await openSealed(folder, passphrase) : await loadDataKey(folder))
  }

  it('is a file, then a passphrase, then a file again; nothing else is left, and nobody else can read it', async () => {
    expect(await keyPlace(folder)).to.equal('file')
    await sealKeyFile(folder, key, passphrase, { cost })
    expect(await readdir(folder)).to.deep.equal(['key.sealed'])
    expect((await stat(join(folder, 'key.sealed'))).mode & 0o777).to.equal(0o600)
    expect(await found()).to.equal(keyId(key))
    await openKeyFile(folder, await openSealed(folder, passphrase))
    expect(await readdir(folder)).to.deep.equal(['key'])
    expect((await stat(join(folder, 'key'))).mode & 0o777).to.equal(0o600)
    expect(await found()).to.equal(keyId(key))
  })

  it('gets another passphrase, and the one before opens nothing', async () => {
    await sealKeyFile(folder, key, 'the passphrase before', { cost })
    await sealKeyFile(folder, key, passphrase, { cost })
    expect(await found()).to.equal(keyId(key))
    expect(await openSealed(folder, 'the passphrase before').catch((error: unknown) => String(error))).to.match(
      /not the right one/,
    )
  })

  for (const [way, begin, move] of [
    ['to a passphrase', async () => {}, (at) => sealKeyFile(folder, key, passphrase, { cost, at })],
    ['to a file', () => sealKeyFile(folder, key, passphrase, { cost }), (at) => openKeyFile(folder, key, { at })],
  ] as [string, () => Promise<void>, (at: (point: string) => void) => Promise<void>][])
    it(`on its way ${way}, whatever step it dies at, there is one that opens, and a second try ends it`, async function () {
      this.timeout(20_000)
      let steps = 0
      for (let n = 1; ; n++) {
        await rm(folder, { recursive: true })
        key = await loadDataKey(folder)
        await begin()
        const { at, points } = dying(n)
        const died = await move(at).then(
          () => false,
          () => true,
        )
        expect(await found(), points.join()).to.equal(keyId(key))
        await move(() => undefined)
        expect(await readdir(folder), points.join()).to.deep.equal([way === 'to a file' ? 'key' : 'key.sealed'])
        expect(await found()).to.equal(keyId(key))
        if (!died) break
        steps = n
      }
      expect(steps).to.be.at.least(6)
    })
})
