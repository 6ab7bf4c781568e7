import type { Duration } from '../../core/time.ts'
import { SECOND } from '../../core/time.ts'
import { StoreError } from '../../ports/store.ts'
import type { MetaRow } from './database.ts'
import { STORE } from './database.ts'
import type { Rows } from './rows.ts'
import type { Calls } from './wire.ts'

/**
 * After an election what a majority has may be read a little late. What is older for longer is an older copy, and stays one whoever begins a term in
 * it. Real milliseconds.
 */
const PASSING: Duration = 5 * SECOND

/** As somebody left it; otherwise; or of an earlier time. */
export type Looks = 'as-left' | 'changed' | 'older'

/** Somebody may empty the database under a kernel that watches, put an older copy into it, or another database in its place. */
export interface StillOurs {
  /**
   * Whether what was opened is still there: looked at where something is not as it was left, and until it is there again. Throws
   * `StoreError('mongodb-not-ours')`.
   */
  check: (looks: Looks) => Promise<void>
  /** Throws while it is not ours: it would answer that nobody is out. */
  refuse: () => void
  /** Calls that fail then, as if the database were away. */
  guarded: (calls: Calls) => Calls
}

/** `opened`: the row of whoever made this database, as it was opened. A dump keeps it, and whoever begins anew makes another. */
export function createStillOurs(
  meta: Rows<MetaRow>,
  opened: Pick<MetaRow, 'nonce'> | undefined,
  passing = PASSING,
): StillOurs {
  let isOurs = true
  let olderSince: number | undefined
  const refuse = (): void => {
    if (!isOurs) throw gone()
  }
  return {
    check: async (looks) => {
      if (looks === 'as-left') olderSince = undefined
      if (looks === 'as-left' && isOurs) return
      if (looks === 'older') olderSince ??= performance.now()
      const isCopy = olderSince !== undefined && performance.now() - olderSince > passing
      const found = await meta.find(STORE)
      isOurs = looks !== 'older' && !isCopy && found !== undefined && found.nonce === opened?.nonce
      if (isOurs) olderSince = undefined
      refuse()
    },
    refuse,
    guarded: ({ call }) => ({
      call: async (what, work) => {
        refuse()
        return call(what, work)
      },
    }),
  }
}

const gone = (): StoreError =>
  new StoreError(
    'mongodb-not-ours',
    'the records of this imok are not in its database any more: it was emptied, an older copy was put back under it, or IMOK_MONGODB_URL leads somewhere ' +
      'else. The imok that is active goes on with what it knows of those who are out: ring them, and do not restart it before the backup is at hand. ' +
      'Then stop every imok, put back the whole backup, and start them',
  )
