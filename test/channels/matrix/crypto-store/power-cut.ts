// Watches what the crypto store makes last, and can at any moment say what a power cut would leave of it. As strict as POSIX allows.
import { fstatSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { createSandbox } from 'sinon'
import { disk } from '../../../../src/channels/matrix/crypto-store/disk.ts'

/** A name in the folder and the file that it stands for, by number; undefined: none. */
type Names = [name: string, file: number | undefined][]

export class PowerCut {
  readonly #folder: string
  readonly #random: () => number
  readonly #sandbox = createSandbox()
  readonly #content = new Map<number, Buffer>()
  readonly #names = new Map<string, number>()
  /** Changed names that were not made to last. Those of one change come together. */
  #changes: Names[] = []

  /** Told before every call that changes something, and after every one that makes it last. */
  constructor(folder: string, random: () => number, moment: (what: string) => void) {
    this.#folder = folder
    this.#random = random
    const { create, write, truncate, sync, syncBehind, rename, remove, syncFolder } = disk
    this.#sandbox.replace(disk, 'create', (path) => {
      moment('create')
      const isNew = !readdirSync(folder).includes(basename(path))
      const handle = create(path)
      const { ino } = fstatSync(handle)
      if (isNew) this.#changes.push([[basename(path), ino]])
      // The system gives numbers again.
      if (isNew) this.#content.delete(ino)
      return handle
    })
    this.#sandbox.replace(disk, 'write', (...args) => {
      moment('write')
      return write(...args)
    })
    this.#sandbox.replace(disk, 'truncate', (...args) => {
      moment('truncate')
      truncate(...args)
    })
    this.#sandbox.replace(disk, 'sync', (handle) => {
      moment('sync')
      sync(handle)
      const { ino } = fstatSync(handle)
      this.#content.set(ino, this.#now(ino))
      moment('synced')
    })
    const behind = async (handle: number): Promise<void> => {
      const { ino } = fstatSync(handle)
      const begun = this.#now(ino)
      await syncBehind(handle)
      this.#content.set(ino, begun)
      moment('synced behind')
    }
    this.#sandbox.replace(disk, 'syncBehind', behind)
    this.#sandbox.replace(disk, 'rename', (from, to) => {
      moment('rename')
      this.#changes.push([
        [basename(to), statSync(from).ino],
        [basename(from), undefined],
      ])
      rename(from, to)
    })
    this.#sandbox.replace(disk, 'remove', (path) => {
      moment('remove')
      this.#changes.push([[basename(path), undefined]])
      remove(path)
    })
    this.#sandbox.replace(disk, 'syncFolder', (path) => {
      moment('sync folder')
      syncFolder(path)
      if (path !== folder) return
      for (const change of this.#changes) applyTo(this.#names, change)
      this.#changes = []
      moment('synced folder')
    })
  }

  /** A new folder with what is left. `some`: and by chance parts of what was not made to last. */
  leave(path: string, loss: 'unsynced' | 'some'): void {
    const names = new Map(this.#names)
    const isKept = (): boolean => loss === 'some' && this.#random() < 0.5
    for (const change of this.#changes) if (isKept()) applyTo(names, change)
    mkdirSync(path)
    for (const [name, file] of names) {
      const synced = this.#content.get(file) ?? Buffer.alloc(0)
      writeFileSync(join(path, name), loss === 'some' ? this.#partly(synced, this.#now(file)) : synced)
    }
  }

  end(): void {
    this.#sandbox.restore()
  }

  /** Any of the beginning of what was written since, perhaps with zeros where the rest should be. */
  #partly(synced: Buffer, now: Buffer): Buffer {
    if (this.#random() < 0.3 || now.length <= synced.length) return synced
    const kept = synced.length + Math.floor(this.#random() * (now.length - synced.length + 1))
    const part = now.subarray(0, kept)
    return this.#random() < 0.5 ? part : Buffer.concat([part, Buffer.alloc(now.length - kept)])
  }

  #now(file: number): Buffer {
    const name = readdirSync(this.#folder).find((each) => statSync(join(this.#folder, each)).ino === file)
    return name === undefined ? (this.#content.get(file) ?? Buffer.alloc(0)) : readFileSync(join(this.#folder, name))
  }
}

function applyTo(names: Map<string, number>, change: Names): void {
  for (const [name, file] of change) {
    if (file === undefined) names.delete(name)
    else names.set(name, file)
  }
}
