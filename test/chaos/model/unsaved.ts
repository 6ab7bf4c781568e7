import type { Act, History, Said } from '../history.ts'
import { wasAnswered } from './answered.ts'
import { nameIn } from './heard.ts'
import { headingOf, isAlarm } from './phrases.ts'
import type { Watch } from './watch.ts'

/** What opens a visit, moves its end, or ends it. */
const moves: ReadonlySet<Act['verb']> = new Set(['in', 'more', 'out', 'admin-in', 'extend', 'admin-out'])

/**
 * Alarms of a kernel that could not save them, and that another one followed, who knows nothing of them: the room may hear one of somebody who has
 * checked out with the other kernel, no STOOD DOWN, and its number again (docs/adr/0007-several-kernels.md; seed 810012). Only of those whose time
 * was over by what had come when the database went away.
 */
export const saidUnsaved = (history: History, watch: Watch): Said[] =>
  history.said.filter((said) => {
    const since = watch.cutOffSince(said.at)
    const name = nameIn(said.text)
    if (said.to !== 'room' || headingOf(said.text)?.heading !== 'OVERDUE' || since === undefined) return false
    return lastKnown(history, name, since, watch).some((act) => mayBeOver(act, said.at))
  })

/**
 * Alarms that could not be saved, and that said something newer by the time they could be: the room hears them twice
 * (docs/adr/0003-alerts-that-cannot-be-saved.md; seed 890127).
 */
export const saidAnew = (history: History, watch: Watch): Said[] => {
  const alarms = history.said.flatMap((said) => {
    const found = said.to === 'room' ? headingOf(said.text) : undefined
    return found && isAlarm(found.heading) ? [{ said, ...found }] : []
  })
  return alarms
    .filter(({ said, heading, number }) => {
      const isAnew = (it: (typeof alarms)[number]): boolean =>
        it.heading === heading && it.number === number && it.said.at > said.at && it.said.text !== said.text
      return watch.isAway(said.at) && alarms.some((it) => isAnew(it) && it.said.at <= watch.limit(said.at))
    })
    .map(({ said }) => said)
}

/** What last moved somebody's time before the database went away; what came just then may have been acted upon or not. */
function lastKnown(history: History, name: string | undefined, since: number, watch: Watch): Act[] {
  const theirs = history.acts.filter(
    (act) => act.name === name && moves.has(act.verb) && act.came <= since + watch.acting,
  )
  const certain = theirs.findLastIndex(
    (act) => act.came < since - watch.acting || (act.came < since + watch.slack && wasAnswered(act, history, watch)),
  )
  return theirs.slice(Math.max(certain, 0))
}

const mayBeOver = ({ verb, sent, ms = 0 }: Act, at: number): boolean =>
  verb === 'more' || verb === 'extend' || ((verb === 'in' || verb === 'admin-in') && sent + ms <= at)
