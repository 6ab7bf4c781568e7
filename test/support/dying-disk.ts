import type { Disk, DiskFile } from '../../src/stores/lowdb/disk.ts'

/** Any disk, used by a process that can be made to die at one of its steps: that step and all later ones never happen. */
export class DyingDisk implements Disk {
  readonly #disk: Disk
  readonly #open = new Set<DiskFile>()
  /** Steps left to live. */
  left = Infinity

  constructor(disk: Disk) {
    this.#disk = disk
  }

  get dead(): boolean {
    return this.left <= 0
  }

  /** What the operating system does for a process that is gone. */
  async letGo(): Promise<void> {
    this.left = 0
    for (const file of this.#open) await file.close().catch(() => undefined)
    await this.#disk.close().catch(() => undefined)
  }

  makeFolder = (path: string): Promise<void> => this.#step(() => this.#disk.makeFolder(path))
  list = (folder: string): string[] => this.#disk.list(folder)
  readNow = (path: string): Buffer | undefined => this.#disk.readNow(path)
  read = (path: string): Promise<Buffer | undefined> => this.#disk.read(path)
  create = async (path: string): Promise<DiskFile> => this.#wrap(await this.#step(() => this.#disk.create(path)))
  open = async (path: string): Promise<DiskFile> => this.#wrap(await this.#step(() => this.#disk.open(path)))
  rename = (from: string, to: string): Promise<void> => this.#step(() => this.#disk.rename(from, to))
  remove = (path: string): Promise<void> => this.#step(() => this.#disk.remove(path))
  syncFolder = (folder: string): Promise<void> => this.#step(() => this.#disk.syncFolder(folder))
  close = (): Promise<void> => this.#disk.close()

  #wrap(file: DiskFile): DiskFile {
    this.#open.add(file)
    return {
      write: async (bytes, at) => {
        // Dies in the middle of writing: half of it gets there.
        if (this.left === 1) await file.write(bytes.subarray(0, bytes.length >> 1), at)
        await this.#step(() => file.write(bytes, at))
      },
      sync: () => this.#step(() => file.sync()),
      truncate: (length) => this.#step(() => file.truncate(length)),
      close: () => file.close(),
    }
  }

  async #step<T>(work: () => Promise<T>): Promise<T> {
    if (--this.left <= 0) throw Object.assign(new Error('the process is dead'), { code: 'DEAD' })
    return work()
  }
}
