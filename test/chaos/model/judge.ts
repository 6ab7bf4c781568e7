import type { History, Said } from '../history.ts'
import type { Rungs } from '../settings.ts'
import type { Alarm } from './course.ts'
import type { JudgedExtra } from './extras.ts'
import { judgeExtras, withoutExtras } from './extras.ts'
import type { Finding } from './heard.ts'
import { heardBy } from './heard.ts'
import { judgeMember } from './judge-member.ts'
import { judgeOffice } from './judge-office.ts'
import { judgeBlindness, judgeNudges } from './judge-watch.ts'
import { headingOf, isGeneral, nameInRoom } from './phrases.ts'
import { saidAnew, saidUnsaved } from './unsaved.ts'
import { Watch } from './watch.ts'

export interface Judgement {
  findings: (Finding & { who: string })[]
  /** Texts that went out once more than needed, all together; those that nothing allows are among the findings, too. */
  extras: JudgedExtra[]
  alarms: number
  /** How many were said by a kernel that could not save them, for nothing as it turned out, and which the next one does not know of. */
  unsaved: number
  /** How many were heard twice, because they could not be saved at first and said something newer then. */
  anew: number
}

/** Real milliseconds that a kernel may need from its first answer until it watches: reading back, and the rest. */
const LONGEST_START = 10_000 + 3_000

/** What everybody got against what they should have got. Knows nothing of how imok is made. */
export function judge(whole: History, rungs: Rungs): Judgement {
  let [history, best] = [whole, judged(whole, rungs)]
  const counts = { unsaved: 0, anew: 0 }
  const watch = new Watch(whole)
  for (const [count, allowed] of [
    ['unsaved', saidUnsaved],
    ['anew', saidAnew],
  ] as const)
    for (const said of best.findings.length > 0 ? allowed(whole, watch) : []) {
      const others = { ...history, said: history.said.filter((it) => it !== said) }
      const without = judged(others, rungs)
      if (without.findings.length >= best.findings.length) continue
      history = others
      best = without
      counts[count]++
    }
  return { ...best, ...counts }
}

function judged(whole: History, rungs: Rungs): Omit<Judgement, 'unsaved' | 'anew'> {
  const { once, extras: again } = withoutExtras(whole.said)
  const history = { ...whole, said: once }
  const watch = new Watch(history)
  const { heard, names } = heardBy(history.said)
  const findings: Judgement['findings'] = []
  const find = (who: string, kind: Finding['kind'], what: string): void => void findings.push({ who, kind, what })
  const alarms: Alarm[] = []

  for (const person of history.people) {
    const theirs = heard.filter(({ number }) => names.get(number)?.has(person.name))
    const verdict = judgeMember(history, person, theirs, watch, rungs)
    alarms.push(...verdict.alarms)
    for (const { kind, what } of verdict.findings) find(person.name, kind, what)
  }
  for (const [number, of] of names)
    if (of.size > 1) find('room', 'doubled', `number ${number} stands for ${[...of].join(' and ')}`)
  for (const said of history.said) if (isStrange(said, history)) find(said.to, 'strange', said.text)
  for (const it of strangers(history)) find('room', it.kind, it.what)
  for (const it of judgeBlindness(history, heard)) find('room', it.kind, it.what)
  for (const it of judgeNudges(alarms, history, watch, rungs)) find('duty', it.kind, it.what)
  for (const it of judgeOffice(history)) find('kernel', it.kind, it.what)
  const extras = judgeExtras(again, history)
  for (const { what, cause, after } of extras)
    if (!cause) find('phones', 'doubled', `an extra text, and no death allows it (${after} went before): ${what}`)
  for (const what of history.waiting) find('kernel', 'stuck', what)
  for (const what of history.troubles) find('kernel', 'strange', what)
  for (const { starting = 0 } of history.lives) {
    if (starting > LONGEST_START + history.lag)
      find('kernel', 'late', `it watched only ${Math.round(starting)} ms after it had begun to answer`)
  }
  return { findings, extras, alarms: heard.length }
}

/** Said to somebody we do not know, or something that we do not know. */
function isStrange({ to, text }: Said, { people, duty }: History): boolean {
  if (duty.includes(to)) return !/^imok: /.test(text)
  if (to !== 'room') return !people.some((person) => person.number === to)
  return !isGeneral(text) && !headingOf(text) && !people.some((person) => nameInRoom(text, person.name) !== undefined)
}

/** Shown once, answered never. */
function strangers({ strangers: all, said }: History): Finding[] {
  return all.flatMap(({ token, fate }) => {
    const shown = said.filter(({ to, text }) => to === 'room' && text.startsWith('UNVERIFIED') && text.includes(token))
    if (shown.length === 1 || (shown.length === 0 && fate === 'maybe')) return []
    return [
      {
        kind: shown.length === 0 ? ('lost' as const) : ('doubled' as const),
        what: `a stranger was shown ${shown.length} times`,
      },
    ]
  })
}
