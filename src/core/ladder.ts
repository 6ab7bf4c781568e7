import type { Ladder, Whom } from './policy.ts'
import type { Instant } from './time.ts'

/** How far an alarm has climbed. */
export interface Climb {
  startedAt: Instant
  /** Index of the next rung; from `ladder.steps.length` on it is the repeat. */
  next: number
  /** When that rung is due. Always set: an alarm that nobody has never ends in silence (S3). */
  nextAt: Instant
  /** After that rung it goes on from there, together with others. */
  then?: Climb
}

/** What the rungs that are due ask for, taken together: one message in the room, the widest circle of people. */
export interface Rung {
  room: boolean
  nudge?: Whom
}

export const startClimb = (ladder: Ladder, at: Instant): Climb => ({
  startedAt: at,
  next: 0,
  nextAt: at + (ladder.steps[0]?.after ?? 0),
})

/** For an alarm that fell back: as loud as it gets, at once. */
export const startAtTop = (ladder: Ladder, at: Instant): Climb => ({
  startedAt: at,
  next: ladder.steps.length,
  nextAt: at,
})

/**
 * Climbs to where the alarm should be at `at`. Rungs missed while nobody was running are taken together, not one after the other;
 * a missed rung does not move the later ones.
 */
export function climb(ladder: Ladder, from: Climb, at: Instant): { climb: Climb; rung: Rung } {
  let { startedAt, next, nextAt, then } = from
  const rung: Rung = { room: false }
  while (nextAt <= at) {
    const step = ladder.steps[next] ?? ladder.repeat
    rung.room ||= step.room
    const nudge = wider(rung.nudge, step.nudge)
    if (nudge) rung.nudge = nudge
    if (then) {
      ;({ startedAt, next, nextAt, then } = then)
      continue
    }
    next++
    const following = ladder.steps[next]
    nextAt = following ? startedAt + following.after : afterRepeats(ladder, nextAt, at)
  }
  return { climb: { startedAt, next: Math.min(next, ladder.steps.length), nextAt, ...(then && { then }) }, rung }
}

/** The next repeat that is still to come: after a long sleep the missed ones are one, not hundreds. */
function afterRepeats(ladder: Ladder, last: Instant, at: Instant): Instant {
  const every = ladder.repeat.every
  const missed = Math.max(0, Math.floor((at - last) / every))
  return last + (missed + 1) * every
}

const width: Record<Whom, number> = { first: 1, next: 2, everyone: 3 }
const wider = (a: Whom | undefined, b: Whom | undefined): Whom | undefined =>
  a && b ? (width[a] >= width[b] ? a : b) : (a ?? b)
