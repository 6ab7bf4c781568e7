import type { Course, Moment } from './course.ts'
import { says } from './course.ts'
import type { Watch } from './watch.ts'

interface Due {
  at: Moment
  /** `isTold`: there was time to tell the phone, too. */
  happens: (course: Course, isTold: boolean) => Course
}

/** All courses that events may have taken by the time of something that came in `lo`–`hi`: deadlines and takes that ran out. */
export function timePasses(course: Course, { lo, hi }: Moment, watch: Watch): Course[] {
  const dues = duesOf(course)
  const isDue = ({ at }: Due): boolean => watch.limit(at.hi) < lo
  // Which of two comes first is not known where their times are not.
  const after = dues
    .filter((due) => isDue(due) || due.at.lo - watch.slack <= hi)
    .flatMap((due) => {
      const isTold = watch.isSettled(watch.limit(due.at.hi), lo)
      return timePasses(due.happens(course, isTold), { lo, hi }, watch)
    })
  return dues.some(isDue) ? after : [course, ...after]
}

function duesOf(course: Course): Due[] {
  const { session, alarm } = course
  const all: Due[] = []
  if (session && !session.isMissed) all.push({ at: session.due, happens: missed })
  if (alarm?.taken) all.push({ at: alarm.taken.until, happens: lapsed })
  return all.sort((a, b) => a.at.hi - b.at.hi)
}

/** Nobody checked out: an alarm, or a line to the one that is open. */
function missed(course: Course, isTold: boolean): Course {
  const { session } = course
  if (!session) return course
  const late: Course = { ...course, session: { ...session, isMissed: true } }
  if (course.alarm) return says(late, 'room deadline-too')
  // First perhaps that it is being tried, and then that it was sent.
  const told = says(late, 'phone overdue', isTold ? 1 : 0, 2)
  return { ...told, alarm: { kind: 'overdue', raised: session.due, cries: [], lapses: [] } }
}

function lapsed(course: Course, isTold: boolean): Course {
  const { alarm } = course
  if (!alarm?.taken) return course
  const { taken, ...open } = alarm
  const lapses = [...alarm.lapses, taken.until]
  return says({ ...course, alarm: { ...open, lapses } }, 'phone lapsed', isTold ? 1 : 0, 1)
}

export const untaken = (course: Course): Course => {
  const { alarm } = course
  if (!alarm?.taken) return course
  const { taken: _taken, ...open } = alarm
  return { ...course, alarm: open }
}
