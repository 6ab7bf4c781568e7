import type { Duration, Instant } from '../core/time.ts'
import { MINUTE, SECOND } from '../core/time.ts'
import type { Room } from '../ports/channel.ts'
import type { Clock } from '../ports/clock.ts'
import type { Metrics } from '../ports/log.ts'
import type { Drain } from './drain.ts'
import type { DueLoop } from './due-loop.ts'
import type { Overview, Waiting } from './overview.ts'
import type { TakeIn } from './take-in.ts'

type Stuck = Waiting | 'inbox' | 'alert' | 'deadline'

/** The oldest that each waiting state may grow, in real milliseconds, before it counts as stuck: stuck is as bad as lost. */
const LONGEST: Record<Stuck, Duration> = {
  // An alarm is due within a second of its deadline (S2); whatever keeps it from being raised, somebody must look now.
  deadline: 10 * SECOND,
  alert: MINUTE,
  inbox: MINUTE,
  claimed: 2 * MINUTE,
  unknown: 5 * MINUTE,
  // Retries of answers back off up to five minutes; a text that nobody takes is given up after its validity.
  pending: 13 * 60 * MINUTE,
}

/** The due loop ticks every second; this many missed ticks mean that deadlines are not being seen. */
const LONGEST_TICK: Duration = 10 * SECOND

export type Ailment = 'starting' | 'store' | 'due-loop' | 'room' | 'outdated' | `stuck-${Stuck}`

/** How the kernel is, measured, not remembered. */
export interface Pulse {
  /** What is wrong now. Empty: everything that the heartbeat vouches for is well. */
  ailments: () => Ailment[]
  /** Whether it watches: ready, the store writes, the due loop runs. A dead channel never reddens it. */
  watching: () => { ok: boolean; reasons: Ailment[] }
  /** Whether anything is being applied or sent at this moment. */
  busy: () => boolean
  /** Puts what was measured into the metrics. */
  publish: () => void
  /** Nothing is measured any more, and what was last would stand there for ever. */
  still: () => void
}

export function createPulse(options: {
  overview: Overview
  takeIn: Pick<TakeIn, 'depth' | 'oldest'>
  drain: Pick<Drain, 'depth'>
  dueLoop: Pick<DueLoop, 'idleFor'>
  room: Pick<Room, 'readers'>
  clock: Clock
  metrics: Metrics
  ready: () => boolean
  storeFails: () => boolean
  isOutdated: () => boolean
}): Pulse {
  const { overview, takeIn, drain, dueLoop, room, clock, metrics, ready, storeFails, isOutdated } = options

  let late: { id: string; dueAt: Instant | undefined; since: Instant } | undefined

  /** Since when it is seen to be late, not since when it is due: a clock that is set forward makes nobody late by hours. */
  const lateSince = (): Instant | undefined => {
    const found = overview.late(clock.now())
    if (!found) late = undefined
    else if (late?.id !== found.id || late.dueAt !== found.dueAt)
      late = { id: found.id, dueAt: found.dueAt, since: clock.now() }
    return late?.since
  }

  const ages = (): Record<Stuck, Duration> => ({
    deadline: age(lateSince()),
    alert: age(overview.oldestUnsentAlert()),
    inbox: age(takeIn.oldest()),
    claimed: age(overview.oldestWaiting('claimed')),
    unknown: age(overview.oldestWaiting('unknown')),
    pending: age(overview.oldestWaiting('pending')),
  })
  const age = (since: Instant | undefined): Duration =>
    since === undefined ? 0 : Math.max(0, (clock.now() - since) / clock.speed)

  const floor = (): Ailment[] => {
    const found: Ailment[] = []
    if (!ready()) found.push('starting')
    if (storeFails()) found.push('store')
    if (dueLoop.idleFor() > LONGEST_TICK) found.push('due-loop')
    return found
  }

  const measured = (): Parameters<Metrics['set']>[] => {
    const old = ages()
    const out = overview.out()
    return [
      ['imok_watching', floor().length === 0 ? 1 : 0],
      ['imok_oldest_unsent_alert_seconds', old.alert / SECOND],
      ['imok_inbox_depth', takeIn.depth()],
      ...(['deadline', 'inbox', 'claimed', 'unknown', 'pending'] as const).map((state): Parameters<Metrics['set']> => [
        'imok_oldest_waiting_seconds',
        old[state] / SECOND,
        { state },
      ]),
      ['imok_open_sessions', out.filter((g) => g.dueAt !== undefined).length],
      ['imok_open_incidents', out.filter((g) => g.incident).length],
    ]
  }

  return {
    watching: () => {
      const reasons = floor()
      return { ok: reasons.length === 0, reasons }
    },
    ailments: () => {
      const found = floor()
      if (room.readers() === 0) found.push('room')
      if (isOutdated()) found.push('outdated')
      for (const [state, old] of Object.entries(ages()) as [Stuck, Duration][])
        if (old > LONGEST[state]) found.push(`stuck-${state}`)
      return found
    },
    busy: () => takeIn.depth() > 0 || drain.depth() > 0,
    publish: () => {
      for (const gauge of measured()) metrics.set(...gauge)
    },
    still: () => {
      for (const [name, , labels] of measured()) metrics.set(name, 0, labels)
      metrics.set('imok_standbys', 0)
    },
  }
}
