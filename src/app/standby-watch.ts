import type { Duration, Instant } from '../core/time.ts'
import { MINUTE } from '../core/time.ts'
import { clock as clockText, text } from '../core/texts.ts'
import type { Clock } from '../ports/clock.ts'
import type { Metrics } from '../ports/log.ts'
import type { Announce } from './announce.ts'

/** A machine that is started anew is away for less. Real milliseconds. */
const RESTART: Duration = 2 * MINUTE

/** What a kernel that acts knows of the others. */
export interface Others {
  /** How many stand by now. */
  standbys: () => number
  /** Whether another one was seen to act before this one, so that it is expected back. */
  hasSeenAnother: () => boolean
}

/**
 * The kernel that acts notices that no other one stands by any more: the next failure of a machine would end the watch, and nobody would
 * know before.
 */
export function createStandbyWatch(options: { others: Others; announce: Announce; clock: Clock; metrics: Metrics }): {
  look: () => Promise<void>
} {
  const { others, announce, clock, metrics } = options
  let isExpected = false
  let gone: { since: Instant; isSaid: boolean } | undefined

  return {
    look: async () => {
      const count = others.standbys()
      metrics.set('imok_standbys', count)
      if (count > 0) {
        isExpected = true
        // Forgotten only when it is said: a save that is refused is tried again.
        if (gone?.isSaid) await announce(`standby:${String(gone.since)}`, [text('room.standby-back')])
        gone = undefined
        return
      }
      isExpected ||= others.hasSeenAnother()
      if (!isExpected) return
      gone ??= { since: clock.now(), isSaid: false }
      if (gone.isSaid || (clock.now() - gone.since) / clock.speed < RESTART) return
      await announce(`no-standby:${String(gone.since)}`, [text('room.no-standby', { since: clockText(gone.since) })])
      gone.isSaid = true
    },
  }
}
