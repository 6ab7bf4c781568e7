import { createSecretKey, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect } from 'chai'
import { handKey, listenForKey } from '../../src/compose/unlock-socket.ts'
import type { Verdict } from '../../src/compose/unlock-socket.ts'
import type { DataKey } from '../../src/crypto/data-key.ts'

const key = createSecretKey(randomBytes(32))

describe('the door for the key', () => {
  let folder: string
  let offered: DataKey[]
  let verdict: () => Promise<Verdict>
  let close: () => Promise<void>
  beforeEach(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'imok-unlock-'))
    offered = []
    verdict = () => Promise.resolve('opened')
    close = await listenForKey(folder, (one) => {
      offered.push(one)
      return verdict()
    })
  })
  afterEach(async () => {
    await close()
    rmSync(folder, { recursive: true })
  })

  /** What it answers to these bytes before it hangs up. */
  const answered = async (bytes: string): Promise<string> => {
    const socket = connect(path.join(folder, 'unlock'))
    let text = ''
    socket.on('data', (more) => (text += more.toString()))
    socket.on('error', () => undefined)
    socket.write(bytes)
    await once(socket, 'close')
    return text
  }

  it('takes a key and says what became of it', async () => {
    expect(await handKey(folder, key)).to.equal('opened')
    expect(offered.map((one) => one.equals(key))).to.deep.equal([true])
    verdict = () => Promise.resolve('wrong-key')
    expect(await handKey(folder, key)).to.equal('wrong-key')
  })

  it('is for its own user alone', () => {
    expect(statSync(path.join(folder, 'unlock')).mode & 0o777).to.equal(0o600)
  })

  it('tells whoever hands over a key when it takes long, and waits on', async () => {
    const { promise, resolve } = Promise.withResolvers<Verdict>()
    verdict = () => promise
    let told = 0
    const slow = (): void => {
      told++
      resolve('opened')
    }
    expect(await handKey(folder, key, { slow, patience: 20 })).to.equal('opened')
    expect(told).to.equal(1)
  })

  it('hangs up when the kernel ends over it', async () => {
    verdict = () => Promise.reject(new Error('the store cannot be opened'))
    expect(await handKey(folder, key)).to.equal(undefined)
  })

  it('takes nothing that is no key, however long, and offers nothing of it', async () => {
    expect(await answered('a passphrase\n')).to.equal('no-key\n')
    expect(await answered('x'.repeat(1_000_000))).to.be.oneOf(['no-key\n', ''])
    expect(await answered(`${'x'.repeat(200)}\n`)).to.equal('no-key\n')
    expect(offered).to.deep.equal([])
  })

  it('is gone when it is closed, and takes the place of one that a dead kernel left', async () => {
    await close()
    expect(readdirSync(folder)).to.deep.equal([])
    expect(await handKey(folder, key).catch((error: unknown) => (error as NodeJS.ErrnoException).code)).to.equal(
      'ENOENT',
    )
    mkdirSync(path.join(folder, 'other'))
    close = await listenForKey(folder, verdict)
    close = await listenForKey(folder, verdict)
    expect(await handKey(folder, key)).to.equal('opened')
  })

  it('is found in a folder whose name is too long for a socket', async function () {
    if (process.platform !== 'linux') {
      console.log('      not tried: only Linux has another way')
      return this.skip()
    }
    const deep = path.join(folder, 'd'.repeat(100), 'e'.repeat(100))
    mkdirSync(deep, { recursive: true })
    const shut = await listenForKey(deep, verdict)
    expect(await handKey(deep, key)).to.equal('opened')
    await shut()
  })
})
