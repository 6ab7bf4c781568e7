import type { Instant } from '../core/time.ts'
import type { Documents } from '../ports/store.ts'
import type { Keeper } from './keeper.ts'
import { createKeeper } from './keeper.ts'

/** Until when somebody watched. What lies between it and the next start is the time nobody did. */
export interface WatchRecord {
  id: string
  version: number
  watchedUntil: Instant
}

export const WATCH = 'watch'

type Watched = { type: 'watched'; at: Instant }

export function createWatch(documents: Documents): Keeper<WatchRecord, Watched> {
  // Always saved: whether the store can write is to be seen.
  const transition = (record: WatchRecord, { at }: Watched): WatchRecord => ({
    ...record,
    watchedUntil: Math.max(record.watchedUntil, at),
  })
  const create = (id: string): WatchRecord => ({ id, version: 0, watchedUntil: 0 })
  return createKeeper<WatchRecord, Watched>(
    { kind: 'watch', schema: 1, transition, wakeAt: () => undefined, create },
    documents,
    () => undefined,
  )
}
