import type { Agenda, Job } from 'agenda'
import type { Duration, Instant } from '../core/time.ts'
import { MINUTE, SECOND } from '../core/time.ts'
import type { Clock } from '../ports/clock.ts'
import type { Documents } from '../ports/store.ts'
import { LOCK, RINGING_AT_ONCE } from './make-agenda.ts'
import type { Running } from './running.ts'

/** Kernel milliseconds: what is due later has no job yet. Measured: 10,000 jobs at once cost 355 MB. */
const AHEAD: Duration = 10 * MINUTE

/** Real milliseconds between two looks for what has come within reach. */
export const SWEEP: Duration = 5 * SECOND

/** The soonest so many have jobs; the others get theirs when these have rung. */
export const MOST_ALARMS = 200

/**
 * More jobs than this are not made in a tick, soonest first: in a storm every document changes all the time, and this clock must not
 * cost the due loop its time (measured: a fifth of it). What is left over the sweep takes up.
 */
const MOST_A_TICK = 50

/** A job that is off by more than this (somebody set a clock) is made anew. Real milliseconds. */
const DRIFT: Duration = SECOND

/** A job that has not rung so long after its time was lost; the next sweep makes another. Real milliseconds. */
const LOST: Duration = MINUTE

/** It rings so long after the due loop, which then has saved already: both at once would do everything twice. Real milliseconds. */
const BEHIND: Duration = SECOND / 2

const WAKE = 'wake'

interface Wanted {
  version: number
  at: Instant
}

interface Alarm extends Wanted {
  /** When its job runs, by the machine's clock: Agenda knows no other. */
  runAt: number
  job?: Job
}

/** A job for every document that wants attention soon: one for each version, made anew and never moved. It holds ids only. */
export interface Alarms {
  set: (document: string, version: number, at: Instant) => void
  /** Makes jobs for what was set since, and puts right what a clock's jump moved. Called every second. */
  tick: () => Promise<void>
  /** Makes jobs for what has come within reach, and forgets those that the store no longer knows of. */
  sweep: () => Promise<void>
}

export function createAlarms(options: {
  agenda: Agenda
  clock: Clock
  running: Running
  ring: (document: string) => Promise<void>
  due: Documents['due']
}): Alarms {
  const { agenda, clock, running, ring, due } = options
  const alarms = new Map<string, Alarm>()
  const news = new Map<string, Wanted>()
  let turn = Promise.resolve()

  // At a high speed ten kernel minutes are shorter than the sweep; everything must be seen twice before it is due.
  const horizon = (): Instant => clock.now() + Math.max(AHEAD, 2 * SWEEP * clock.speed)
  const realTime = (at: Instant): number => Math.ceil(Date.now() + (at - clock.now()) / clock.speed) + BEHIND

  const make = async (document: string, { version, at }: Wanted): Promise<void> => {
    const alarm: Alarm = { version, at, runAt: realTime(at) }
    // Known before it is saved: one that is due runs at once.
    alarms.set(document, alarm)
    alarm.job = agenda.create(WAKE, { document, version }).schedule(new Date(alarm.runAt))
    await alarm.job.save()
  }

  const callOff = async (document: string, { job }: Alarm): Promise<void> => {
    alarms.delete(document)
    await job?.remove()
  }

  const isRoomFor = async (at: Instant): Promise<boolean> => {
    if (alarms.size < MOST_ALARMS) return true
    // What rings and hangs takes no place from what is still to ring.
    const waiting = [...alarms].filter(([document]) => !running.has(document))
    if (waiting.length < MOST_ALARMS) return true
    const [document, latest] = waiting.reduce((a, b) => (b[1].at > a[1].at ? b : a))
    if (latest.at <= at) return false
    await callOff(document, latest)
    return true
  }

  const place = async (document: string, wanted: Wanted): Promise<void> => {
    const known = alarms.get(document)
    if (known && known.version >= wanted.version) return
    if (known) await callOff(document, known)
    if (wanted.at <= horizon() && (await isRoomFor(wanted.at))) await make(document, wanted)
  }

  const putRight = async (document: string, alarm: Alarm): Promise<void> => {
    if (running.has(document)) return
    if (alarm.runAt < Date.now() - LOST) return callOff(document, alarm)
    if (Math.abs(realTime(alarm.at) - alarm.runAt) <= DRIFT) return
    await callOff(document, alarm)
    await make(document, alarm)
  }

  /** A sweep and a tick that wait for each other make no job twice. */
  const inTurn = (work: () => Promise<void>): Promise<void> => {
    const mine = turn.then(work)
    turn = mine.catch(() => undefined)
    return mine
  }

  const set = (document: string, version: number, at: Instant): void => {
    if ((news.get(document)?.version ?? 0) <= version) news.set(document, { version, at })
  }

  const wake = async (job: Job<{ document: string; version: number }>): Promise<void> => {
    const { document, version } = job.attrs.data
    const alarm = alarms.get(document)
    if (alarm?.version !== version || (news.get(document)?.version ?? 0) > version) return
    if (clock.now() >= alarm.at) await running.run(document, () => ring(document))
    else set(document, version, alarm.at)
    if (alarms.get(document) === alarm) alarms.delete(document)
  }

  agenda.define(WAKE, wake, {
    concurrency: RINGING_AT_ONCE,
    lockLifetime: LOCK,
    // 1, 2, 4 and 8 s; then the sweep makes a fresh job, for as long as the store says that it is due.
    backoff: ({ attempt }) => (attempt > 4 ? null : SECOND * 2 ** (attempt - 1)),
    removeOnComplete: true,
  })
  agenda.on(`retry exhausted:${WAKE}`, (_, { attrs }) => {
    const [found] = [...alarms].filter(([, { job }]) => job?.attrs._id === attrs._id)
    if (found) void inTurn(() => callOff(...found)).catch(() => undefined)
  })

  return {
    set,
    tick: () =>
      inTurn(async () => {
        const fresh = [...news].sort(([, a], [, b]) => a.at - b.at)
        news.clear()
        for (const [document, wanted] of fresh.slice(0, MOST_A_TICK)) await place(document, wanted)
        for (const [document, alarm] of [...alarms]) await putRight(document, alarm)
      }),
    sweep: () =>
      inTurn(async () => {
        const before = [...alarms]
        const found = await due(horizon(), MOST_ALARMS + running.count())
        const ids = new Set(found.map(({ id }) => id))
        for (const [document, alarm] of before) {
          if (!ids.has(document) && alarms.get(document) === alarm && !running.has(document))
            await callOff(document, alarm)
        }
        for (const { id, version, wakeAt } of found) await place(id, { version, at: wakeAt })
      }),
  }
}
