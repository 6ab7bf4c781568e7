import type { Disk, DiskFile } from '../../src/stores/lowdb/disk.ts'

/** What a crash leaves: all that was written (the process was killed), only what was synced, or a random part of the rest (a power cut). */
export type Loss = 'nothing' | 'unsynced' | 'some'

interface Inode {
  now: Buffer
  synced: Buffer
}

interface Change {
  folder: string
  /** Names and what they stand for from now on; undefined: removed. Together or not at all. */
  names: [path: string, inode: Inode | undefined][]
}

const folderOf = (path: string): string => (path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '.')
const failure = (code: string): Error => Object.assign(new Error(code), { code })

/** A disk in memory that knows what was synced: contents by file, names by folder. As strict as POSIX allows. */
export class ForgetfulDisk implements Disk {
  /** Bytes of content that fit. */
  capacity = Infinity
  /** Makes an operation fail: returns an error code, or nothing. */
  trouble: (operation: string, path: string) => string | undefined = () => undefined
  readonly #folders = new Set<string>(['.'])
  #names = new Map<string, Inode>()
  #syncedNames = new Map<string, Inode>()
  #changes: Change[] = []

  /** The disk as the next process finds it. `random` gives 0 to below 1. */
  after(loss: Loss, random: () => number = Math.random): ForgetfulDisk {
    // What a killed process wrote is still there, and still not synced: a power cut may follow.
    if (loss === 'nothing') return this
    const names = new Map(this.#syncedNames)
    if (loss === 'some') for (const change of this.#changes) if (random() < 0.5) applyTo(names, change)
    const next = new ForgetfulDisk()
    for (const folder of this.#folders) next.#folders.add(folder)
    for (const [path, inode] of names) next.overwrite(path, survivor(inode, loss, random))
    return next
  }

  /** Every byte that lies there, for tests that look for what must not. */
  files(): Map<string, Buffer> {
    return new Map([...this.#names].map(([path, { now }]) => [path, now]))
  }

  /** Changes a file behind the store's back, durably. */
  overwrite(path: string, bytes: Buffer): void {
    const inode = { now: bytes, synced: bytes }
    this.#names.set(path, inode)
    this.#syncedNames.set(path, inode)
  }

  async makeFolder(path: string): Promise<void> {
    await this.#step('makeFolder', path)
    this.#folders.add(path)
  }

  list(folder: string): string[] {
    if (!this.#folders.has(folder)) throw failure('ENOENT')
    return [...this.#names.keys()]
      .filter((path) => folderOf(path) === folder)
      .map((path) => path.slice(path.lastIndexOf('/') + 1))
      .sort()
  }

  readNow(path: string): Buffer | undefined {
    const inode = this.#names.get(path)
    return inode && Buffer.from(inode.now)
  }

  async read(path: string): Promise<Buffer | undefined> {
    await this.#step('read', path)
    return this.readNow(path)
  }

  async create(path: string): Promise<DiskFile> {
    await this.#step('create', path)
    let inode = this.#names.get(path)
    if (inode) {
      inode.now = Buffer.alloc(0)
    } else {
      inode = { now: Buffer.alloc(0), synced: Buffer.alloc(0) }
      this.#change(folderOf(path), [[path, inode]])
    }
    return this.#file(path, inode)
  }

  async open(path: string): Promise<DiskFile> {
    await this.#step('open', path)
    const inode = this.#names.get(path)
    if (!inode) throw failure('ENOENT')
    return this.#file(path, inode)
  }

  async rename(from: string, to: string): Promise<void> {
    await this.#step('rename', to)
    const inode = this.#names.get(from)
    if (!inode) throw failure('ENOENT')
    this.#change(folderOf(to), [
      [to, inode],
      [from, undefined],
    ])
  }

  async remove(path: string): Promise<void> {
    await this.#step('remove', path)
    if (this.#names.has(path)) this.#change(folderOf(path), [[path, undefined]])
  }

  async syncFolder(folder: string): Promise<void> {
    const until = this.#changes.length
    await this.#step('syncFolder', folder)
    // Only what was there when it began.
    this.#changes = this.#changes.filter((change, i) => {
      if (i >= until || change.folder !== folder) return true
      applyTo(this.#syncedNames, change)
      return false
    })
  }

  async close(): Promise<void> {
    await Promise.resolve()
  }

  #change(folder: string, names: Change['names']): void {
    const change = { folder, names }
    applyTo(this.#names, change)
    this.#changes.push(change)
  }

  #file(path: string, inode: Inode): DiskFile {
    return {
      write: async (bytes, at) => {
        const code = await this.#step('write', path).then(
          () => undefined,
          (error: unknown) => (error as NodeJS.ErrnoException).code,
        )
        const used = [...new Set(this.#names.values())].reduce((sum, { now }) => sum + now.length, 0)
        const room = Math.max(0, this.capacity - used + inode.now.length - at)
        const part = code ? bytes.subarray(0, bytes.length >> 1) : bytes.subarray(0, room)
        const now = Buffer.alloc(Math.max(inode.now.length, at + part.length))
        inode.now.copy(now)
        now.set(part, at)
        inode.now = now
        if (code) throw failure(code)
        if (part.length < bytes.length) throw failure('ENOSPC')
      },
      sync: async () => {
        const content = inode.now
        await this.#step('sync', path)
        inode.synced = content
      },
      truncate: async (length) => {
        await this.#step('truncate', path)
        inode.now = Buffer.from(inode.now.subarray(0, length))
      },
      close: async () => Promise.resolve(),
    }
  }

  async #step(operation: string, path: string): Promise<void> {
    await Promise.resolve()
    const code = this.trouble(operation, path)
    if (code) throw failure(code)
  }
}

function applyTo(names: Map<string, Inode>, { names: changed }: Change): void {
  for (const [path, inode] of changed) {
    if (inode) names.set(path, inode)
    else names.delete(path)
  }
}

/** A part of what was written since the last sync: any of its beginning, perhaps with zeros or rubbish where the rest should be. */
function survivor({ now, synced }: Inode, loss: Loss, random: () => number): Buffer {
  if (now === synced || loss === 'unsynced' || random() < 0.3) return synced
  if (random() < 0.3) return now
  const common = Math.min(synced.length, now.length)
  const kept = Buffer.from(now.subarray(0, common + Math.floor(random() * (now.length - common + 1))))
  if (random() < 0.5) return kept
  const hole = Buffer.alloc(now.length, random() < 0.5 ? 0 : 0x5a)
  kept.copy(hole)
  return hole
}
