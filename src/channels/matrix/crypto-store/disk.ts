import * as fs from 'node:fs'
import { promisify } from 'node:util'

/** Every call that changes something on the disk or makes it last, in one place, so that a test can be a power cut. */
export const disk = {
  /** An empty file of mode 0600, whatever was there before. Returns a handle. */
  create: (path: string): number => fs.openSync(path, 'w', 0o600),
  /** An existing file, to be written to. */
  open: (path: string): number => fs.openSync(path, 'r+'),
  write: (handle: number, bytes: Uint8Array, from: number, at: number): number =>
    fs.writeSync(handle, bytes, from, bytes.length - from, at),
  truncate: (handle: number, length: number): void => fs.ftruncateSync(handle, length),
  /** Content and length are durable when it returns. */
  sync: (handle: number): void => fs.fdatasyncSync(handle),
  /** The same when it resolves: everything else goes on meanwhile. */
  syncBehind: promisify(fs.fdatasync),
  /** Atomic; durable after `syncFolder`. */
  rename: (from: string, to: string): void => fs.renameSync(from, to),
  /** Durable after `syncFolder`. */
  remove: (path: string): void => fs.unlinkSync(path),
  /** The names in a folder are durable when it returns. */
  syncFolder(folder: string): void {
    const handle = fs.openSync(folder, 'r')
    try {
      fs.fsyncSync(handle)
    } finally {
      fs.closeSync(handle)
    }
  },
}

/** All of the bytes, or throws: then any part of them may be there. */
export function writeAll(handle: number, bytes: Uint8Array, at: number): void {
  let done = 0
  // A disk that is nearly full takes a part, and says why only when it is asked again.
  while (done < bytes.length) {
    const written = disk.write(handle, bytes, done, at + done)
    if (written === 0) throw Object.assign(new Error('wrote nothing'), { code: 'EIO' })
    done += written
  }
}
