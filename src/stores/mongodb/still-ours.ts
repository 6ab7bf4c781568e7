import type { Seal } from '../../crypto/seal.ts'
import { StoreError } from '../../ports/store.ts'
import type { MetaRow } from './database.ts'
import { STORE } from './database.ts'
import type { Rows } from './rows.ts'
import type { Calls } from './wire.ts'

/** Somebody may empty the database under a kernel that watches, or put another one in its place. */
export interface StillOurs {
  /**
   * Whether what was opened is still there: looked at where something is not as it was left (`isAsLeft`), and until it is there again. Throws
   * `StoreError('mongodb-not-ours')`.
   */
  check: (isAsLeft: boolean) => Promise<void>
  /** Calls that fail, as if the database were away, while it is not ours: it would answer that nobody is out. */
  guarded: (calls: Calls) => Calls
}

export function createStillOurs(meta: Rows<MetaRow>, seal: Seal): StillOurs {
  let isOurs = true
  return {
    check: async (isAsLeft) => {
      if (isAsLeft && isOurs) return
      const found = await meta.find(STORE)
      isOurs = found !== undefined && found.unfinished === undefined && seal.knows(found.keyId)
      if (!isOurs) throw gone()
    },
    guarded: ({ call }) => ({
      call: (what, work) => (isOurs ? call(what, work) : Promise.reject(gone())),
    }),
  }
}

const gone = (): StoreError =>
  new StoreError(
    'mongodb-not-ours',
    'the records of this imok are not in its database any more: it was emptied, or IMOK_MONGODB_URL leads somewhere else now. Do not restart this imok: ' +
      'it goes on with what it knows of those who are out, until the records are there again; ring them, and put back the whole backup',
  )
