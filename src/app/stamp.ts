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

/** Writes down, again and again, that somebody watches: the proof that the store can write, and where an outage began. After one, what was missed is read back. */
export interface Stamp {
  stamp: () => Promise<void>
  /** Reads back what was missed while the store could not write, if anything was. It does not throw: what fails is done by the next call. */
  readMissed: () => Promise<void>
  storeFails: () => boolean
  /** Since when the store cannot write, and the first code that it gave. */
  trouble: () => StoreTrouble | undefined
}

export interface StoreTrouble {
  since: Instant
  code: string
}

export function createStamp(options: {
  watch: Keeper<WatchRecord, { type: 'watched'; at: Instant }>
  announce: Announce
  /** Reads back what could not be taken in from then to then. Throws if that is still to be done. */
  readMissed: (from: Instant, to: Instant) => Promise<void>
  clock: Clock
  log: Log
}): Stamp {
  const { watch, announce, readMissed, clock, log } = options
  let failing: StoreTrouble | undefined
  let writingSince: Instant | undefined
  /** Nothing could be stored from then to then, and it has not been read back. Until it is, it counts as not watched: whoever starts now must read it. */
  let missed: { from: Instant; to: Instant } | undefined
  let isReading = false

  const storeFails = (): boolean => failing !== undefined

  const fails = (since: Instant, code: string): void => {
    if (!failing)
      log.error(
        code === 'newer-schema'
          ? 'that somebody watches cannot be written down: a newer imok has written here; install that one'
          : 'the store cannot write: free some space or mend the disk; imok goes on by itself when it can write again',
        { code },
      )
    failing ??= { since, code }
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
      await watch.apply(WATCH, { type: 'watched', at: missed?.from ?? failing?.since ?? at })
      if (!failing) return
      const { since } = failing
      failing = undefined
      missed = { from: missed?.from ?? since, to: clock.now() }
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

  const read = async (): Promise<void> => {
    if (!missed || isReading || storeFails()) return
    isReading = true
    const { from, to } = missed
    try {
      await readMissed(from, to)
      // It may have failed again meanwhile, and with it what was read.
      if (missed.to === to && !storeFails()) missed = undefined
    } catch (error) {
      log.error('what came while the store could not write is not read back yet; it is tried again', {
        code: codeOf(error),
      })
    } finally {
      isReading = false
    }
  }

  return {
    stamp,
    readMissed: read,
    storeFails,
    trouble: () => failing,
  }
}
