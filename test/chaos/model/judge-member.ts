import type { Act, History, Person, Said } from '../history.ts'
import type { Rungs } from '../settings.ts'
import type { Ahead } from './acts.ts'
import { does } from './acts.ts'
import { wasAnswered } from './answered.ts'
import type { Alarm, Course } from './course.ts'
import { beginning } from './course.ts'
import type { Finding, Heard } from './heard.ts'
import { alarmsOf, judgeAlarms } from './heard.ts'
import { groupsOf, mayBeNext } from './in-any-order.ts'
import { numberings } from './orders.ts'
import { headingOf, nameInRoom, namesOnPhone, nothingOpen } from './phrases.ts'
import { count, differences } from './tally.ts'
import { timePasses } from './time-passes.ts'
import type { Watch } from './watch.ts'

/** More courses than this are not looked at: then the first ones stand for all. */
const MOST_COURSES = 4_000

export interface Verdict {
  findings: Finding[]
  /** As the best course has them. */
  alarms: Alarm[]
}

/**
 * Whether some course of events explains all that was said to a member and about them. What nobody can know from outside (a
 * text whose answer was lost, an OUT in the moment of the deadline) is tried both ways; what remains unexplained in the best
 * course is found.
 */
export function judgeMember(
  history: History,
  person: Person,
  heard: readonly Heard[],
  watch: Watch,
  rungs: Rungs,
): Verdict {
  const said = count(namesSaid(history.said, person, heard))
  let best: Verdict | undefined
  for (const course of coursesOf(history, person, watch, said)) {
    const verdict = judgeCourse(course, said, heard, watch, rungs)
    if (!best || verdict.findings.length < best.findings.length) best = verdict
    if (best.findings.length === 0) break
  }
  return best ?? { findings: [], alarms: [] }
}

/** Everything said to them or about them, by its names. */
function namesSaid(said: readonly Said[], { name, number }: Person, heard: readonly Heard[]): string[] {
  const numbers = new Set(heard.map((group) => group.number))
  return said.flatMap(({ to, text }) => {
    if (to === number) {
      const names = namesOnPhone(text)
      return names.length > 0 ? names.map((one) => `phone ${one}`) : [`phone unknown: ${text}`]
    }
    if (to !== 'room') return []
    const nothing = nothingOpen(text)
    if (nothing !== undefined) return numbers.has(nothing) ? [`room nothing-open ${nothing}`] : []
    const about = headingOf(text)
    if (!about) return nameInRoom(text, name) === undefined ? [] : [`room ${nameInRoom(text, name) ?? ''}`]
    if (!numbers.has(about.number)) return []
    if (about.heading === 'TAKEN') return ['room taken']
    const outcome = /^#\d+ CLOSED by Admin: (.*)$/.exec(text)?.[1]
    return outcome === undefined ? [] : [`room closed ${outcome}`]
  })
}

/** All ways in which it may have gone that what was said does not speak against much more than against the best of them. */
function coursesOf(history: History, person: Person, watch: Watch, said: ReadonlyMap<string, number>): Course[] {
  const acts = history.acts.filter((act) => act.name === person.name)
  const aheadOf = (act: Act): Ahead => {
    const later = acts.slice(acts.indexOf(act) + 1)
    return {
      watch,
      outAt: nextOf(later, ['out', 'admin-out'], history.end),
      changeAt: nextOf(later, ['sos', 'take', 'resolve'], history.end),
    }
  }
  const withAct = (before: Course, act: Act): Course[] =>
    timePasses(before, { lo: act.sent, hi: answeredFrom(act, history, watch) }, watch).flatMap((course) => {
      const done = numberings(course, act).map((it) => does(it, act, aheadOf(act)))
      return act.fate === 'maybe' ? [...done, course] : done
    })
  let courses = [beginning(person.isSeeded)]
  for (const group of groupsOf(acts)) {
    let ways = courses.map((course): Way => ({ course, left: group }))
    for (const _ of group)
      ways = likely(
        ways.flatMap(({ course, left }) =>
          mayBeNext(left).flatMap((act) =>
            withAct(course, act).map((it) => ({ course: it, left: left.filter((one) => one !== act) })),
          ),
        ),
        said,
      )
    courses = ways.map(({ course }) => course)
  }
  return courses.flatMap((course) => timePasses(course, { lo: history.end, hi: history.end }, watch))
}

/**
 * What changes nothing is answered as things stand when somebody acts again; nothing promises that it goes before what became due meanwhile. Nor does
 * anything of what could not be stored when it was handed over (seed 630318: the database was away for ten seconds).
 */
function answeredFrom(act: Act, history: History, watch: Watch): number {
  const { verb, came, end, isLoose } = act
  if (isLoose) return Math.max(came, end)
  if (verb === 'status' || verb === 'ok' || verb === 'words') return Math.max(came, watch.actsFrom(came))
  return wasAnswered(act, history, watch) ? came : watch.unheardUntil(came)
}

const nextOf = (later: readonly Act[], verbs: readonly Act['verb'][], end: number): number =>
  later.find((act) => verbs.includes(act.verb))?.sent ?? end

/** A course of events, and what is still to come of those acts whose order nobody knows. */
interface Way {
  course: Course
  left: readonly Act[]
}

/** Worse than the best one by so many messages that were never said: it will not become the best. */
const MUCH_WORSE = 3

/** The best ones, each once. What should have been said and was not is never made up for. */
function likely(ways: readonly Way[], said: ReadonlyMap<string, number>): Way[] {
  if (ways.length < 2) return [...ways]
  const missing = ({ course: { tally } }: Way): number =>
    [...tally.ranges].reduce((sum, [name, { least }]) => sum + Math.max(0, least - (said.get(name) ?? 0)), 0)
  const all = ways.map((way) => ({ way, missing: missing(way) })).sort((a, b) => a.missing - b.missing)
  const most = (all[0]?.missing ?? 0) + MUCH_WORSE
  return different(all.filter((it) => it.missing <= most).map(({ way }) => way)).slice(0, MOST_COURSES)
}

/** Ways that come to the same are one. */
function different(ways: readonly Way[]): Way[] {
  const key = ({ course: { tally, ...state }, left }: Way): string =>
    JSON.stringify([state, [...tally.ranges].sort(), left.map(({ sent, text }) => [sent, text])])
  return [...new Map(ways.map((way) => [key(way), way])).values()]
}

function judgeCourse(
  course: Course,
  said: ReadonlyMap<string, number>,
  heard: readonly Heard[],
  watch: Watch,
  rungs: Rungs,
): Verdict {
  const findings = judgeAlarms(course, heard, watch, rungs)
  for (const { name, by } of differences(course.tally, said)) {
    const isKnown = (course.tally.ranges.get(name)?.most ?? 0) > 0
    if (by < 0) findings.push({ kind: 'lost', what: `${-by} × "${name}" is missing` })
    else findings.push({ kind: isKnown ? 'doubled' : 'strange', what: `${by} × "${name}" too many` })
  }
  return { findings, alarms: alarmsOf(course) }
}
