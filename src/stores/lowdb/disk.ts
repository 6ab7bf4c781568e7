import { StoreError } from '../../ports/store.ts'

/**
 * What the store asks of a file system, and nothing more, so that a test can be one that dies, fills up or forgets what was not
 * synced. Paths are relative to the data folder. Errors are Node's (`code: 'ENOSPC'` …).
 */
export interface Disk {
  /** Durable; present already is fine. Mode 0700. */
  makeFolder(path: string): Promise<void>
  /** Names in a folder, sorted. */
  list(folder: string): string[]
  /** Undefined if there is no such file. `readNow` blocks: it is for opening, when nothing else runs and it is ten times as fast. */
  readNow(path: string): Buffer | undefined
  read(path: string): Promise<Buffer | undefined>
  /** An empty file of mode 0600, whatever was there before. */
  create(path: string): Promise<DiskFile>
  /** An existing file, to be written to at its end. */
  open(path: string): Promise<DiskFile>
  /** Atomic; durable after `syncFolder`. */
  rename(from: string, to: string): Promise<void>
  /** Absent is fine; durable after `syncFolder`. */
  remove(path: string): Promise<void>
  syncFolder(folder: string): Promise<void>
  close(): Promise<void>
}

export interface DiskFile {
  /** Writes all the bytes or throws; after a throw any part of them may be there. */
  write(bytes: Uint8Array, at: number): Promise<void>
  /** The content and the length are durable when it resolves. */
  sync(): Promise<void>
  truncate(length: number): Promise<void>
  close(): Promise<void>
}

/** Called at named points of a write, for tests and the chaos checker; what it throws is taken for an error of the disk. */
export type Hook = (point: string) => void | Promise<void>

const said: Record<string, string> = {
  ENOSPC: 'no space left on the disk',
  EDQUOT: 'the disk quota is used up',
  EROFS: 'the file system is read-only',
  EIO: 'the disk reports an error',
  EACCES: 'permission denied',
  EMFILE: 'too many open files',
}

/** Turns what a disk throws into what the port promises. `doing` is for operators: no private data. */
export function asStoreError(error: unknown, doing: string): StoreError {
  if (error instanceof StoreError) return error
  const code = (error as { code?: unknown } | undefined)?.code
  const known = typeof code === 'string' ? code : 'unknown'
  return new StoreError(known, `cannot ${doing}: ${said[known] ?? known}`, { cause: error })
}

/** Writes a whole file so that a crash leaves either what was there or all of the new. Not yet durable: the folder wants a sync. */
export async function replaceFile(
  disk: Disk,
  path: string,
  bytes: Uint8Array | AsyncIterable<Uint8Array>,
  at?: (point: 'written' | 'synced') => void | Promise<void>,
): Promise<void> {
  const draft = `${path}.tmp`
  try {
    const file = await disk.create(draft)
    try {
      let length = 0
      for await (const part of bytes instanceof Uint8Array ? [bytes] : bytes) {
        await file.write(part, length)
        length += part.length
      }
      await at?.('written')
      await file.sync()
      await at?.('synced')
    } finally {
      await file.close()
    }
    await disk.rename(draft, path)
  } catch (error) {
    // A draft that stays is taken away at the next opening.
    await disk.remove(draft).catch(() => undefined)
    throw error
  }
}
