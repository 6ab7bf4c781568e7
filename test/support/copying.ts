// A data folder on a disk in memory, and the whole of a copy.
import type { Store } from '../../src/ports/store.ts'
import { copyRecords } from '../../src/stores/copy-records.ts'
import type { Place } from '../../src/stores/lowdb/copying.ts'
import type { Disk } from '../../src/stores/lowdb/disk.ts'
import { openStoreOn } from '../../src/stores/lowdb/open-store.ts'
import type { Source, Target } from '../../src/stores/store-record.ts'
import { testKey } from './lowdb-harness.ts'

/** Around the time at which `fillStore` fills: ids of what is done are known. */
export const NOW = 1_700_000_100_000

export const placeOn = (disk: Disk): Place => ({
  name: 'the folder',
  look: () => disk,
  hold: () => Promise.resolve(disk),
})

/** As a kernel opens it. */
export const openOn = (disk: Disk): Promise<Store> => openStoreOn(disk, { key: testKey, now: () => NOW })

/** The names of what differs. Both ends are let go. */
export async function copied(from: Source | Promise<Source>, to: Target | Promise<Target>): Promise<string[]> {
  const [source, target] = [await from, await to]
  try {
    return await copyRecords(source, target, 0, () => undefined)
  } finally {
    await target.close()
    await source.close()
  }
}
