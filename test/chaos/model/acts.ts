import type { Act } from '../history.ts'
import type { Course, Moment } from './course.ts'
import { changed, closed, momentOf, says, withoutSession } from './course.ts'
import { ordered } from './orders.ts'
import { untaken } from './time-passes.ts'
import type { Watch } from './watch.ts'

const MINUTE = 60_000

/** What an act needs to know of what followed it. */
export interface Ahead {
  watch: Watch
  /** When the member or an admin next ended the session, or the round did. */
  outAt: number
  /** When the alarm next changed: what waits to be said of it may not be true any more then. */
  changeAt: number
}

/** What a member's text or an admin's order does, by design/protocol.md. */
export function does(course: Course, act: Act, ahead: Ahead): Course {
  switch (act.verb) {
    case 'in':
      return checksIn(course, act, ahead)
    case 'out':
      return checksOut(course, act)
    case 'ok':
      return course.alarm ? still(course, act) : says(course, course.session ? 'phone ok' : 'phone ok-for-nothing')
    case 'more':
      return asksMore(course, act, ahead)
    case 'sos':
      return cries(course, act, ahead)
    case 'words':
      return course.alarm
        ? still(course, act)
        : says(says(course, `room words ${act.text}`), course.session ? 'phone passed-on-out' : 'phone passed-on')
    case 'status':
      return says(course, `phone ${statusOf(course)}`)
    case 'yes':
      if (!course.isInvited) return says(course, 'phone welcome', 0, 1)
      return says(says({ ...course, isInvited: false }, 'phone welcome'), 'room joined')
    default:
      return ordered(course, act, ahead)
  }
}

const statusOf = ({ alarm, session }: Course): string => {
  if (alarm?.taken) return 'status-taken'
  if (alarm) return alarm.cries.length > 0 ? 'status-sos' : 'status-overdue'
  return session ? 'status-out' : 'status-in'
}

/** While an alarm is open everything that does not end it is shown, and the phone hears that it goes on. */
function still(course: Course, act: Act): Course {
  const isSos = (course.alarm?.cries.length ?? 0) > 0
  return says(says(course, `room words ${act.text}`), isSos ? 'phone still-sos' : 'phone still-overdue')
}

/** A deadline that long after something that was stored between these moments. */
export function after(from: Moment, { ms = 0, isRounded = false }: Pick<Act, 'ms' | 'isRounded'>): Moment {
  const at = (start: number): number => (isRounded ? Math.ceil((start + ms) / MINUTE) * MINUTE : start + ms)
  return { lo: at(from.lo), hi: at(from.hi) }
}

/** An answer about a time that may have been over before it could be given. */
export function saysWhile(course: Course, name: string, act: Act, due: Moment, { watch, outAt }: Ahead): Course {
  return says(course, name, watch.isSettled(act.end, Math.min(due.lo, outAt)) ? 1 : 0, 1)
}

function checksIn(course: Course, act: Act, ahead: Ahead): Course {
  if (course.alarm) return still(course, act)
  const due = after(momentOf(act), act)
  return says(
    saysWhile({ ...course, session: { due, isMissed: false } }, 'phone in', act, due, ahead),
    'phone reminder',
    0,
    2,
  )
}

function asksMore(course: Course, act: Act, ahead: Ahead): Course {
  if (course.alarm) return still(course, act)
  if (!course.session) return says(course, 'phone more-of-nothing')
  const due = after(course.session.due, act)
  return says(
    saysWhile({ ...course, session: { due, isMissed: false } }, 'phone more', act, due, ahead),
    'phone reminder',
    0,
    2,
  )
}

function checksOut(course: Course, act: Act): Course {
  const { alarm, session } = course
  if (alarm && alarm.cries.length > 0) {
    return says(says(withoutSession(course), 'phone out-under-sos'), 'room out-under-sos')
  }
  if (alarm) {
    // Whether anybody had heard the alarm decides which of the two answers is true; `heard.ts` looks at that.
    const over = says(says(closed(withoutSession(course), 'out', momentOf(act)), 'phone ended'), 'phone out', 0, 1)
    return says(over, 'phone out-after-alarm', 0, 1)
  }
  if (session) return says(says(withoutSession(course), 'phone ended'), 'phone out')
  return says(course, 'phone out-of-nothing')
}

function cries(course: Course, act: Act, { watch, changeAt }: Ahead): Course {
  const answered = says(course, 'phone sos', watch.isSettled(act.end, changeAt) ? 1 : 0, 2)
  const told = says(answered, 'phone untaken', 0, 1)
  if (!course.alarm) {
    return { ...told, alarm: { kind: 'sos', raised: momentOf(act), cries: [act], lapses: [] } }
  }
  const isFirst = course.alarm.cries.length === 0
  // It is news: whoever took the overdue alarm has not taken this one.
  return changed(isFirst ? untaken(told) : told, { cries: [...course.alarm.cries, act] })
}
