import { clock as clockText, text } from '../core/texts.ts'
import type { Duration, Instant } from '../core/time.ts'
import { SECOND } from '../core/time.ts'
import type { Clock } from '../ports/clock.ts'
import type { Log } from '../ports/log.ts'
import type { Announce } from './announce.ts'
import { codeOf } from './due-loop.ts'
import type { Keeper } from './keeper.ts'
import type { WatchRecord } from './watch.ts'
import { WATCH } from './watch.ts'

/** Real milliseconds; one save takes a few. */
const LONGEST_WRITE: Duration = 10 * SECOND

/** Writes down, again and again, that somebody watches: the proof that the store can write, and where an outage began. */
export interface Stamp {
  stamp: () => Promise<void>
  storeFails: () => boolean
}

export function createStamp(options: {
  watch: Keeper<WatchRecord, { type: 'watched'; at: Instant }>
  announce: Announce
  clock: Clock
  log: Log
}): Stamp {
  const { watch, announce, clock, log } = options
  let failsSince: Instant | undefined
  let writingSince: Instant | undefined

  const fails = (since: Instant, code: string): void => {
    if (failsSince === undefined)
      log.error(
        'the store cannot write: free some space or mend the disk; imok goes on by itself when it can write again',
        { code },
      )
    failsSince ??= since
  }

  const stamp = async (): Promise<void> => {
    const at = clock.now()
    if (writingSince !== undefined) {
      // A disk that never answers fails as much as one that refuses.
      if ((at - writingSince) / clock.speed > LONGEST_WRITE) fails(writingSince, 'hangs')
      return
    }
    writingSince = at
    try {
      await watch.apply(WATCH, { type: 'watched', at })
      if (failsSince === undefined) return
      const since = failsSince
      failsSince = undefined
      await announce(
        `store:${String(since)}`,
        [text('room.well-again', { what: text('part.store'), since: clockText(since), at: clockText(clock.now()) })],
        { loud: true },
      )
    } catch (error) {
      fails(at, codeOf(error))
    } finally {
      writingSince = undefined
    }
  }
  return { stamp, storeFails: () => failsSince !== undefined }
}
