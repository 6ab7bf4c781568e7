import type { Instant } from '../../core/time.ts'
import { asStoreError } from './disk.ts'
import type { Disk } from './disk.ts'

/** What is put behind the name of a file that cannot be read: when that was found, to the millisecond, in UTC. */
export const asideName = (now: Instant): string => `damaged-${new Date(now).toISOString().replace(/[-:]/g, '')}`

const ASIDE = /\.damaged-(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)([\d.]+)Z(\.tmp)?$/

/** Removes for good, from these folders, what was set aside before then. Throws `StoreError`: then some of it may still be there. */
export async function removeSetAside(disk: Disk, folders: readonly string[], before: Instant): Promise<void> {
  try {
    for (const folder of folders) {
      const outlived = disk.list(folder).filter((name) => (asideSince(name) ?? Infinity) < before)
      for (const name of outlived) await disk.remove(folder === '.' ? name : `${folder}/${name}`)
      if (outlived.length) await disk.syncFolder(folder)
    }
  } catch (error) {
    throw asStoreError(error, 'erase what was set aside')
  }
}

function asideSince(name: string): Instant | undefined {
  const [, year, month, day, hour, minute, second] = ASIDE.exec(name) ?? []
  if (second === undefined) return undefined
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`)
}
