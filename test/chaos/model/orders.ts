import type { Act } from '../history.ts'
import type { Ahead } from './acts.ts'
import { after, saysWhile } from './acts.ts'
import type { Course } from './course.ts'
import { changed, closed, momentOf, says, withoutSession } from './course.ts'

/** How long a take lasts that names no end: design/protocol.md section 3. */
const TAKE = 30 * 60_000

/** What an admin's order about this member does. */
export function ordered(course: Course, act: Act, ahead: Ahead): Course {
  switch (act.verb) {
    case 'invite': {
      // Invited again because nobody had heard of the first: by then they may have joined.
      const least = course.wasInvited ? 0 : 1
      return says(says({ ...course, wasInvited: true }, 'phone invitation', least, 1), 'room invited', least, 1)
    }
    case 'admin-in':
      return checksIn(course, act, ahead)
    case 'admin-out':
      if (course.alarm) return says(course, 'room alarm-open')
      if (!course.session) return says(course, 'room not-out')
      return says(says(withoutSession(course), 'room out-by-admin'), 'phone out-by-admin')
    case 'extend':
      return extends_(course, act, ahead)
    default:
      return onAlarm(course, act, ahead)
  }
}

function checksIn(course: Course, act: Act, ahead: Ahead): Course {
  if (course.alarm) return says(course, 'room alarm-open')
  if (course.session) return says(course, 'room already-out')
  const due = after(momentOf(act), act)
  const told = says({ ...course, session: { due, isMissed: false } }, 'room in-by-admin')
  return says(saysWhile(told, 'phone in-by-admin', act, due, ahead), 'phone reminder', 0, 2)
}

function extends_(course: Course, act: Act, ahead: Ahead): Course {
  if (course.alarm) return says(course, 'room alarm-open')
  if (!course.session) return says(course, 'room not-out')
  const due = after(course.session.due, act)
  const told = says({ ...course, session: { due, isMissed: false } }, 'room extended')
  return says(saysWhile(told, 'phone more', act, due, ahead), 'phone reminder', 0, 2)
}

/** An order names an alarm by a number that nobody has used yet: it may be the one that is open, or one that an OUT has ended before. */
export function numberings(course: Course, { incident }: Act): Course[] {
  const { alarm, past } = course
  const isUnknown = alarm?.number === undefined && past.every(({ number }) => number !== incident)
  if (incident === undefined || !alarm || !isUnknown) return [course]
  const earlier = past.flatMap((one, n) =>
    one.number === undefined ? [{ ...course, past: past.with(n, { ...one, number: incident }) }] : [],
  )
  return [course, ...earlier]
}

/** Orders that name an alarm by its number. */
function onAlarm(course: Course, act: Act, { watch, changeAt }: Ahead): Course {
  const { alarm } = course
  const isOver = course.past.some((one) => one.number === act.incident)
  if (!alarm || isOver || (alarm.number !== undefined && alarm.number !== act.incident)) {
    return says(course, `room nothing-open ${act.incident ?? 0}`)
  }
  const named = changed(course, act.incident === undefined ? {} : { number: act.incident })
  switch (act.verb) {
    case 'take': {
      const isTold = watch.isSettled(act.end, changeAt)
      const told = alarm.taken ? named : says(named, 'phone taken', isTold ? 1 : 0, 1)
      // It lasts from when it was heard, which after an outage is later than when it was written.
      const { lo, hi } = momentOf(act)
      const heard = { lo, hi: Math.max(hi, Math.min(watch.actsFrom(hi), changeAt)) }
      const until = after(heard, act.ms === undefined ? { ms: TAKE } : act)
      return says(
        says(
          changed(told, { taken: { until }, firstTake: alarm.firstTake ?? momentOf(act) }),
          'room taken',
          // What ends it before the room was told of it takes the message back.
          watch.isSettled(act.end, Math.min(until.lo, changeAt)) ? 1 : 0,
          1,
        ),
        'room take-ends',
        0,
        1,
      )
    }
    case 'resolve': {
      const over = closed(named, 'resolve', momentOf(act))
      const ended = course.session?.isMissed ? withoutSession(over) : over
      return says(says(ended, `room closed ${act.token ?? ''}`), 'phone resolved')
    }
    case 'note':
      return says(named, 'room noted')
    default:
      return says(says(named, `phone said ${act.token ?? ''}`), 'room sent')
  }
}
