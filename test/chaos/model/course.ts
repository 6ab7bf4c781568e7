import type { Act } from '../history.ts'
import { Tally } from './tally.ts'

/** A moment as far as it is known. */
export interface Moment {
  lo: number
  hi: number
}

/** An alarm as one course of events has it. */
export interface Alarm {
  /** Raised as. */
  kind: 'overdue' | 'sos'
  raised: Moment
  /** The cries for help in it. */
  cries: Act[]
  number?: number
  taken?: { until: Moment }
  /** When somebody first said that they have it. */
  firstTake?: Moment
  /** When takes ran out. */
  lapses: Moment[]
  closed?: { by: 'out' | 'resolve'; at: Moment }
}

/** One way in which everything may have happened to a member: the state they are in, and what should have been said. */
export interface Course {
  isInvited: boolean
  /** Somebody has invited them before. */
  wasInvited: boolean
  session?: { due: Moment; isMissed: boolean }
  alarm?: Alarm
  /** Alarms that are over, oldest first. */
  past: Alarm[]
  tally: Tally
}

export const beginning = (isSeeded: boolean): Course => ({
  isInvited: !isSeeded,
  wasInvited: false,
  past: [],
  tally: new Tally(),
})

/** The course with something said. */
export const says = (course: Course, name: string, least = 1, most = least): Course => ({
  ...course,
  tally: course.tally.with(name, least, most),
})

/** With the open alarm changed. */
export const changed = (course: Course, changes: Partial<Alarm>): Course =>
  course.alarm ? { ...course, alarm: { ...course.alarm, ...changes } } : course

export function closed(course: Course, by: 'out' | 'resolve', at: Moment): Course {
  const { alarm, ...rest } = course
  if (!alarm) return course
  const { taken: _taken, ...over } = alarm
  return { ...rest, past: [...course.past, { ...over, closed: { by, at } }] }
}

export function withoutSession(course: Course): Course {
  const { session: _session, ...rest } = course
  return rest
}

export const momentOf = (act: Act): Moment => ({ lo: act.sent, hi: act.end })
