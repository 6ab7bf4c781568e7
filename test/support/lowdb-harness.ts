import { createSecretKey } from 'node:crypto'
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readFrames } from '../../src/crypto/frames.ts'
import { makeSeal } from '../../src/crypto/seal.ts'
import type { Disk } from '../../src/stores/lowdb/disk.ts'
import { sealName } from '../../src/stores/lowdb/journal.ts'
import { nodeDisk } from '../../src/stores/lowdb/node-disk.ts'
import { openStoreOn } from '../../src/stores/lowdb/open-store.ts'
import type { Harness } from '../contract/store.ts'
import { DyingDisk } from './dying-disk.ts'
import { ForgetfulDisk } from './forgetful-disk.ts'
import type { Loss } from './forgetful-disk.ts'

export const testKey = createSecretKey(
  Buffer.from('000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f', 'hex'),
)

/** The lowdb store on a disk in memory that forgets what a crash would. `losses` are those of the first crash, the second …, over and over. */
export function forgetfulHarness(losses: Loss[], random: () => number = Math.random): Harness {
  let disk = new ForgetfulDisk()
  let crashes = 0
  return harness({
    disk: () => disk,
    files: () => Promise.resolve(disk.files()),
    crash: () => {
      disk = disk.after(losses[crashes++ % losses.length] ?? 'nothing', random)
    },
    dispose: () => Promise.resolve(),
  })
}

/** The lowdb store in a real folder, in a process that may die. */
export async function folderHarness(): Promise<Harness> {
  const folder = await mkdtemp(join(tmpdir(), 'imok-store-'))
  return harness({
    disk: () => nodeDisk(folder),
    files: () => filesIn(folder),
    crash: () => undefined,
    dispose: () => rm(folder, { recursive: true }),
  })
}

async function filesIn(folder: string): Promise<Map<string, Buffer>> {
  const names = await readdir(join(folder, 'inbox'))
  return new Map(
    await Promise.all(names.map(async (n) => [`inbox/${n}`, await readFile(join(folder, 'inbox', n))] as const)),
  )
}

/** Whatever opens under the test's key, in files of any name: journals, drafts of them and what was set aside. */
export function readable(files: Map<string, Buffer>): string {
  const seal = makeSeal(testKey, [])
  const texts: string[] = []
  for (const [path, bytes] of files) {
    const number = /^inbox\/(\d{8})\.journal/.exec(path)?.[1]
    if (number === undefined) continue
    readFrames(bytes, seal.of(sealName('inbox', Number(number))), (record) => texts.push(record.toString()))
  }
  return texts.join('\n')
}

interface World {
  disk(): Disk
  files(): Promise<Map<string, Buffer>>
  crash(): void
  dispose(): Promise<void>
}

function harness(world: World): Harness {
  let process: DyingDisk | undefined
  let left = Infinity
  return {
    async open(options = {}) {
      await process?.letGo()
      process = new DyingDisk(world.disk())
      process.left = left
      return openStoreOn(process, { key: testKey, now: () => 1_700_000_000_000, ...options })
    },
    dieAt(step) {
      left = step
      if (process) process.left = step
    },
    isDead: () => process?.dead ?? false,
    async crash() {
      left = Infinity
      await process?.letGo()
      world.crash()
      process = undefined
    },
    readable: async () => readable(await world.files()),
    async dispose() {
      await process?.letGo()
      await world.dispose()
    },
  }
}
