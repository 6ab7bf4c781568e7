// A real disk that a test can fill: a few kilobytes of memory, mounted.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

export interface SmallDisk {
  folder: string
  fill: () => void
  /** What filled it is gone. */
  makeRoom: () => void
  remount: (options: string) => void
  remove: () => void
}

const MB = 1024 * 1024

/** `size` as mount knows it (`256k`). Undefined, with the reason printed, where this machine lets nobody mount one. */
export function mountSmallDisk(size: string): SmallDisk | undefined {
  const folder = mkdtempSync(path.join(tmpdir(), 'imok-full-'))
  const run = (program: string, ...args: string[]): void => void execFileSync(program, args, { stdio: 'pipe' })
  try {
    run('mount', '-t', 'tmpfs', '-o', `size=${size},mode=700`, 'imok-test', folder)
  } catch (error) {
    console.log(`      skipped: cannot mount a small tmpfs (${(error as Error).message.split('\n')[0] ?? ''})`)
    rmSync(folder, { recursive: true })
    return undefined
  }
  const ballast = path.join(folder, 'ballast')
  return {
    folder,
    fill: () => {
      for (let bytes = MB; bytes >= 1; bytes /= 2) {
        try {
          for (;;) writeFileSync(ballast, Buffer.alloc(bytes), { flag: 'a' })
        } catch {
          // Perhaps half of that.
        }
      }
    },
    makeRoom: () => rmSync(ballast, { force: true }),
    remount: (options) => run('mount', '-o', `remount,${options}`, folder),
    remove: () => {
      // Lazily: a test that failed has left files open.
      run('umount', '-l', folder)
      rmSync(folder, { recursive: true })
    },
  }
}
