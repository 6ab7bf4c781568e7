import type { Disk, DiskFile } from './disk.ts'

/** A disk that is only read: what a store tidies up when it is opened goes nowhere. A folder that is not there is empty. */
export function readOnly(disk: Disk): Disk {
  const nothing = (): Promise<void> => Promise.resolve()
  const file: DiskFile = { write: nothing, sync: nothing, truncate: nothing, close: nothing }
  return {
    makeFolder: nothing,
    list: (folder) => {
      try {
        return disk.list(folder)
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
        throw error
      }
    },
    readNow: (path) => disk.readNow(path),
    read: (path) => disk.read(path),
    create: () => Promise.resolve(file),
    open: () => Promise.resolve(file),
    rename: nothing,
    remove: nothing,
    syncFolder: nothing,
    close: nothing,
  }
}
