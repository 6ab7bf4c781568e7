import type { Duration } from '../core/time.ts'
import { SECOND } from '../core/time.ts'
import type { Log } from '../ports/log.ts'
import { StoreError } from '../ports/store.ts'
import type { Store } from '../ports/store.ts'

/** Codes that end by themselves when somebody makes room or mends the disk. */
const passing: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT', 'EROFS', 'EIO', 'EMFILE', 'ENFILE'])

const PAUSE: Duration = 5 * SECOND

/** Opens the store, again and again while the disk is full or cannot be written: people may be out, so giving up is no answer. */
export async function openPatiently(open: () => Promise<Store>, log: Log, pause = PAUSE): Promise<Store> {
  for (;;) {
    try {
      return await open()
    } catch (error) {
      if (!(error instanceof StoreError) || !passing.has(error.code)) throw error
      log.error('the store cannot be opened; it is tried again every 5 s. Make room or mend the disk', {
        code: error.code,
      })
      await new Promise((resolve) => setTimeout(resolve, pause))
    }
  }
}
