import type { Said } from '../history.ts'
import type { Rungs } from '../settings.ts'
import type { Alarm, Course } from './course.ts'
import type { Heading } from './phrases.ts'
import { headingOf, isAlarm, rollCallOf } from './phrases.ts'
import type { Watch } from './watch.ts'

export interface Line {
  heading: Heading
  at: number
  text: string
  /** It stood in a roll-call: for the first time, or again. */
  rollCall?: 'new' | 'again'
}

/** What the room heard under one number, in order. */
export interface Heard {
  number: number
  lines: Line[]
}

/** Sorts what the room heard by number; `names` tells who a number is about. */
export function heardBy(said: readonly Said[]): { heard: Heard[]; names: Map<number, Set<string>> } {
  const heard = new Map<number, Heard>()
  const names = new Map<number, Set<string>>()
  const add = (number: number, line: Line): void => {
    const group = heard.get(number) ?? { number, lines: [] }
    heard.set(number, group)
    group.lines.push(line)
  }
  // The simulator keeps the place of a message that is sent again.
  for (const { to, text, at } of said.toSorted((one, other) => one.at - other.at)) {
    const rollCall = to === 'room' ? rollCallOf(text) : undefined
    for (const { number, name, heading } of rollCall?.called ?? []) {
      add(number, { heading, at, text, rollCall: rollCall?.isRepeat ? 'again' : 'new' })
      names.set(number, (names.get(number) ?? new Set()).add(name))
    }
    const found = to === 'room' ? headingOf(text) : undefined
    if (!found) continue
    const { number, heading } = found
    add(number, { heading, at, text })
    const name = nameIn(text)
    if (name !== undefined) names.set(number, (names.get(number) ?? new Set()).add(name))
  }
  return { heard: [...heard.values()], names }
}

/** Whom an alarm or its end is about. */
export const nameIn = (text: string): string | undefined =>
  /^#\d+ (?:OVERDUE, unconfirmed|SOS|OPEN AGAIN): ([^,\n]+)/.exec(text)?.[1] ??
  /^#\d+ STOOD DOWN: .* the phone of (.+?) (?:at|reached)/.exec(text)?.[1] ??
  /^#\d+ STOOD DOWN: ([^.\n]+)\. By the records/.exec(text)?.[1]

export interface Finding {
  kind: 'lost' | 'missing' | 'false' | 'doubled' | 'late' | 'stuck' | 'strange'
  what: string
}

export const alarmsOf = (course: Course): Alarm[] => [...course.past, ...(course.alarm ? [course.alarm] : [])]

/** Compares the alarms of one course of events with what the room heard about this member: each with the alarm that explains it best. */
export function judgeAlarms(course: Course, heard: readonly Heard[], watch: Watch, rungs: Rungs): Finding[] {
  const alarms = alarmsOf(course)
  const known = new Map<string, Finding[]>()
  /** Of what was heard from the nth on, for which the alarms from `next` on are left. */
  const from = (n: number, next: number): Finding[] => {
    const key = `${n} ${next}`
    const before = known.get(key)
    if (before) return before
    const group = heard[n]
    if (!group) return alarms.slice(next).flatMap((skipped) => unheard(skipped, watch))
    let best: Finding[] | undefined
    for (const [place, alarm] of alarms.entries()) {
      if (place < next || best?.length === 0 || !fits(alarm, group, watch)) continue
      const skipped = alarms.slice(next, place).flatMap((it) => unheard(it, watch))
      const found = [...skipped, ...judge(alarm, group, watch, rungs), ...from(n + 1, place + 1)]
      if (!best || found.length < best.length) best = found
    }
    best ??= [{ kind: 'false', what: `#${group.number} is an alarm that nothing explains` }, ...from(n + 1, next)]
    known.set(key, best)
    return best
  }
  return from(0, 0)
}

/** Whether it can be this one: named as it was named, and not before it happened or after it was over. */
function fits(alarm: Alarm, group: Heard, watch: Watch): boolean {
  const [first] = group.lines
  if (!first) return false
  if (alarm.number !== undefined) return alarm.number === group.number
  const isOverdue = first.heading === 'OVERDUE'
  if (isOverdue && alarm.kind !== 'overdue') return false
  if (first.at < alarm.raised.lo - watch.slack) return false
  return !alarm.closed || first.at <= watch.limit(alarm.closed.at.hi)
}

/** It may go unheard only if it was over before it had to be heard. */
function unheard(alarm: Alarm, watch: Watch): Finding[] {
  if (alarm.closed && alarm.closed.at.lo <= watch.limit(alarm.raised.hi)) return []
  return [{ kind: 'missing', what: `no alarm was heard (${alarm.kind}, due ${time(alarm.raised.hi)})` }]
}

function judge(alarm: Alarm, group: Heard, watch: Watch, rungs: Rungs): Finding[] {
  return [
    ...punctual(alarm, group, watch),
    ...climbing(alarm, group, watch, rungs),
    ...calling(alarm, group, watch, rungs),
    ...ending(alarm, group, watch),
  ]
}

const of = ({ lines }: Heard, heading: Heading): Line[] => lines.filter((line) => line.heading === heading)

function punctual(alarm: Alarm, group: Heard, watch: Watch): Finding[] {
  const findings: Finding[] = []
  const late = (what: string, due: number, line: Line | undefined): void => {
    const limit = watch.limit(due)
    if (line && line.at > limit) {
      findings.push({
        kind: 'late',
        what: `#${group.number} ${what}: due ${time(due)}, by ${time(limit)}, heard ${time(line.at)}`,
      })
    }
  }
  if (alarm.kind === 'overdue') late('OVERDUE', alarm.raised.hi, group.lines[0])
  const [cry] = alarm.cries
  const changedAt = alarm.closed?.at.lo ?? Infinity
  if (cry) {
    const [sos] = of(group, 'SOS')
    late('SOS', cry.end, sos)
    if (!sos && watch.limit(cry.end) < changedAt)
      findings.push({ kind: 'missing', what: `#${group.number}: the SOS was not heard` })
  }
  const again = of(group, 'OPEN AGAIN')
  for (const [index, lapse] of alarm.lapses.entries()) {
    const line = again[index]
    if (!line && watch.limit(lapse.hi) < changedAt)
      findings.push({ kind: 'missing', what: `#${group.number}: its take ran out and nobody was told` })
    late('OPEN AGAIN', lapse.hi, line)
    if (line && line.at < lapse.lo - watch.slack)
      findings.push({ kind: 'false', what: `#${group.number} OPEN AGAIN before its time` })
  }
  if (again.length > alarm.lapses.length)
    findings.push({ kind: 'false', what: `#${group.number} OPEN AGAIN, and nothing explains it` })
  return findings
}

/** It repeats as its ladder says and not oftener; every cry for help may be heard by itself. */
function climbing(alarm: Alarm, group: Heard, watch: Watch, rungs: Rungs): Finding[] {
  const findings: Finding[] = []
  const check = (heading: 'OVERDUE' | 'SOS', from: number, rung: (k: number) => number): void => {
    for (const [index, line] of of(group, heading)
      .filter((it) => !it.rollCall)
      .entries()) {
      const cries = heading === 'SOS' ? alarm.cries.filter((cry) => cry.sent - watch.slack <= line.at).length - 1 : 0
      const k = Math.max(0, index - Math.max(0, cries))
      if (line.at < from + rung(k) * 1_000 - watch.slack) {
        findings.push({
          kind: index === 0 ? 'false' : 'doubled',
          what: `#${group.number} ${heading} for the ${index + 1}. time at ${time(line.at)}`,
        })
      }
    }
  }
  check('OVERDUE', alarm.raised.lo, rungs.room.overdue)
  const [cry] = alarm.cries
  if (cry) check('SOS', cry.sent, rungs.room.sos)
  else if (of(group, 'SOS').length > 0)
    findings.push({ kind: 'false', what: `#${group.number} SOS, and nobody cried for help` })
  return findings
}

/** A roll-call names somebody once as new, and again as often as its ladder says. */
function calling(alarm: Alarm, group: Heard, watch: Watch, rungs: Rungs): Finding[] {
  const lines = group.lines.filter((line) => line.rollCall)
  const found = (line: Line | undefined): Finding[] =>
    line ? [{ kind: 'doubled', what: `#${group.number} is called once more at ${time(line.at)}` }] : []
  const times = 1 + (alarm.firstTake ? 1 : 0) + alarm.lapses.length
  const tooNew = lines.filter((line) => line.rollCall === 'new')[times]
  const again = lines.filter((line) => line.rollCall === 'again')
  // After a death whoever was about to be named is named with the others.
  const free = watch.deaths
  const tooSoon = again.filter(
    (line, n) => n > 0 && line.at - (again[n - 1]?.at ?? 0) < rungs.between * 1_000 - watch.slack,
  )
  return [...found(tooNew), ...found(tooSoon[free])]
}

/** Whoever heard the alarm hears its end, once, and nothing after it. */
function ending(alarm: Alarm, group: Heard, watch: Watch): Finding[] {
  const findings: Finding[] = []
  const alerts = group.lines.filter(({ heading }) => isAlarm(heading))
  const stoodDown = of(group, 'STOOD DOWN')
  const byOut = alarm.closed?.by === 'out'
  // Said while it could not be saved, by a kernel that is not in office any more: whoever is does not know of it.
  const isUnsaved = alerts.every(({ at }) => watch.isCutOff(at))
  if (byOut && stoodDown.length === 0 && alerts.length > 0 && !isUnsaved)
    findings.push({ kind: 'lost', what: `#${group.number} was heard, its STOOD DOWN was not` })
  if (stoodDown.length > (byOut ? 1 : 0))
    findings.push({ kind: byOut ? 'doubled' : 'false', what: `#${group.number} STOOD DOWN` })
  if (stoodDown.length > 0 && alerts.length === 0 && watch.deaths === 0)
    findings.push({ kind: 'false', what: `#${group.number} STOOD DOWN, and nobody had heard of it` })
  const end = group.lines.findIndex(({ heading }) => heading === 'CLOSED' || heading === 'STOOD DOWN')
  const ended = group.lines[end]?.at ?? Infinity
  // What a network kept back comes after the end, and was said before it.
  const after = end < 0 ? [] : group.lines.slice(end + 1).filter(({ at }) => at >= ended)
  for (const line of after) {
    if (alerts.includes(line)) findings.push({ kind: 'false', what: `#${group.number} ${line.heading} after its end` })
  }
  return findings
}

export const time = (at: number): string => (Number.isFinite(at) ? new Date(at).toISOString().slice(11, 23) : 'never')
