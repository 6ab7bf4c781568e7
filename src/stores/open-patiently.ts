import type { Duration } from '../core/time.ts'
import { SECOND } from '../core/time.ts'
import type { Log } from '../ports/log.ts'
import { StoreError } from '../ports/store.ts'
import type { Store } from '../ports/store.ts'

/** Codes that end by themselves when somebody makes room or mends the disk. */
const passing: ReadonlySet<string> = new Set([
  'ENOSPC',
  'EDQUOT',
  'EROFS',
  'EIO',
  'EMFILE',
  'ENFILE',
  'mongodb-unreachable',
  'timeout',
])

const PAUSE: Duration = 5 * SECOND

/** Opens the store, again and again while the disk is full or cannot be written, or the database cannot be reached: people may be out, so giving up is no answer. */
export async function openPatiently<S extends Store>(open: () => Promise<S>, log: Log, pause = PAUSE): Promise<S> {
  for (;;) {
    try {
      return await open()
    } catch (error) {
      if (!(error instanceof StoreError) || !passing.has(error.code)) throw error
      const said = error.code.startsWith('mongodb') ? error.message : 'Make room or mend the disk'
      log.error(`the store cannot be opened; it is tried again every 5 s. ${said}`, { code: error.code })
      await new Promise((resolve) => setTimeout(resolve, pause))
    }
  }
}
