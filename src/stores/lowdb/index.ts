import { StoreError } from '../../ports/store.ts'
import type { Store } from '../../ports/store.ts'
import { asStoreError } from './disk.ts'
import type { Disk } from './disk.ts'
import { lockFolder } from './folder-lock.ts'
import { nodeDisk } from './node-disk.ts'
import { once, openStoreOn } from './open-store.ts'
import type { StoreOptions } from './open-store.ts'

export type { StoreOptions } from './open-store.ts'

/**
 * The embedded store: one small lowdb database per document and three journals below `folder`, all sealed under `key`.
 * Bodies that it returns are the caller's own copies. Throws `StoreError`: `locked` (another kernel is using the folder), `wrong-key`,
 * `newer-schema`, or the disk's code.
 */
export async function openLowdbStore(options: StoreOptions & { folder: string }): Promise<Store> {
  let disk: Disk
  try {
    disk = nodeDisk(options.folder)
  } catch (error) {
    throw asStoreError(error, `use the data folder ${options.folder}`)
  }
  const unlock = await lockFolder(options.folder)
  try {
    const store = await openStoreOn(disk, options)
    return { ...store, close: once(async () => store.close().finally(unlock)) }
  } catch (error) {
    await disk.close().catch(() => undefined)
    await unlock()
    throw error instanceof StoreError
      ? new StoreError(error.code, `${options.folder}: ${error.message}`, { cause: error })
      : error
  }
}
