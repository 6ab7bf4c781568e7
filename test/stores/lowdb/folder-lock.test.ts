import { expect } from 'chai'
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { lockFolder } from '../../../src/stores/lowdb/folder-lock.ts'
import { failureOf } from '../../contract/store.ts'

const holder = join(import.meta.dirname, '../../support/hold-store.ts')
const locked = ['StoreError', 'locked']

describe('the lock of the data folder', function () {
  this.timeout(20_000)
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'imok-lock-'))
  })
  afterEach(async () => rm(folder, { recursive: true }))

  it('is held by one, whatever the folder is called, and let go', async () => {
    const deep = join(folder, 'a'.repeat(120), 'data')
    await mkdir(deep, { recursive: true })
    await symlink(deep, join(folder, 'link'))
    for (const [path, other] of [
      [folder, folder],
      [deep, join(folder, 'link')],
    ] as const) {
      const unlock = await lockFolder(path)
      expect(await failureOf(lockFolder(other))).to.deep.equal(locked)
      await unlock()
      const again = await lockFolder(other)
      expect(await failureOf(lockFolder(path))).to.deep.equal(locked)
      await again()
    }
    expect(await readdir(deep)).to.deep.equal([])
    expect((await readdir(folder)).sort()).to.deep.equal(['a'.repeat(120), 'link'])
  })

  it('is given to one of many who come at once, also over a stale one', async () => {
    for (let round = 0; round < 10; round++) {
      if (round % 2) await writeFile(join(folder, 'lock'), 'left by somebody')
      const tries = await Promise.allSettled(Array.from({ length: 2 }, async () => lockFolder(folder)))
      const held = tries.flatMap((one) => (one.status === 'fulfilled' ? one.value : []))
      expect(held, `round ${round}`).to.have.length(1)
      await held[0]!()
    }
    expect(await readdir(folder)).to.deep.equal([])
  })

  it('names the folder and what to do', async () => {
    const unlock = await lockFolder(folder)
    const message = await lockFolder(folder).then(String, (error: unknown) => (error as Error).message)
    expect(message).to.contain(folder).and.contain('another imok').and.contain('stop it')
    await unlock()
  })

  describe('against another process', () => {
    let child: ChildProcess
    beforeEach(async () => {
      child = spawn(process.execPath, [holder, folder], { stdio: ['pipe', 'pipe', 'inherit'] })
      const [line] = (await once(child.stdout!, 'data')) as [Buffer]
      expect(String(line)).to.equal('open 1\n')
    })
    afterEach(async () => {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill('SIGKILL')
        await once(child, 'exit')
      }
    })

    it('holds while that one lives, even if it is stopped and answers nobody', async () => {
      expect(await failureOf(lockFolder(folder))).to.deep.equal(locked)
      child.kill('SIGSTOP')
      expect(await failureOf(lockFolder(folder))).to.deep.equal(locked)
      child.kill('SIGCONT')
    })

    it('is taken at once when that one was killed', async () => {
      child.kill('SIGKILL')
      await once(child, 'exit')
      expect(await readdir(folder)).to.include('lock')
      const started = performance.now()
      const unlock = await lockFolder(folder)
      expect(performance.now() - started).to.be.lessThan(500)
      expect(await failureOf(lockFolder(folder))).to.deep.equal(locked)
      await unlock()
    })
  })
})
