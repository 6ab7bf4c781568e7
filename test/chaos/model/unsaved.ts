import type { Act, History, Said } from '../history.ts'
import { wasAnswered } from './answered.ts'
import { nameIn } from './heard.ts'
import { headingOf } from './phrases.ts'
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
