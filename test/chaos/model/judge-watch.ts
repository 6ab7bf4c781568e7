import type { History, Said } from '../history.ts'
import type { Rungs } from '../settings.ts'
import type { Alarm } from './course.ts'
import type { Finding, Heard } from './heard.ts'
import { time } from './heard.ts'
import type { Watch } from './watch.ts'

/** Kernel milliseconds: incidents of one minute share one nudge (design/protocol.md section 3: one per person and round). */
const ROUND = 60_000

const isNudge = ({ text }: Said): boolean => /^imok: an alert needs you in the room/.test(text)

/** Whoever is on duty is called to an alarm that nobody takes. */
export function judgeNudges(alarms: readonly Alarm[], history: History, watch: Watch, rungs: Rungs): Finding[] {
  const [first] = history.duty
  const nudges = history.said.filter((said) => said.to === first && isNudge(said))
  return alarms.flatMap((alarm) => {
    // The ladder begins when somebody watches, which may be long after the deadline.
    const due = watch.limit(alarm.raised.hi) + rungs.nudge[alarm.kind] * 1_000
    // A text that a provider refuses at first comes a little later.
    const limit = watch.limit(due) + (history.isBadDay ? ROUND : 0)
    const over = Math.min(
      alarm.closed?.at.lo ?? Infinity,
      alarm.firstTake?.lo ?? Infinity,
      alarm.cries[0]?.sent ?? Infinity,
    )
    const isCalled = nudges.some(({ at }) => at >= alarm.raised.lo - ROUND && at <= limit)
    if (isCalled || over <= limit || history.end <= limit) return []
    return [{ kind: 'missing' as const, what: `nobody on duty was called to the alarm of ${time(alarm.raised.hi)}` }]
  })
}

/** A life that begins while an alarm is open says that nobody watched, and no life says it twice. */
export function judgeBlindness({ said, lives, speed }: History, heard: readonly Heard[]): Finding[] {
  const blind = said.filter(({ to, text }) => to === 'room' && text.startsWith('BLIND to'))
  if (blind.length >= lives.length)
    return [{ kind: 'doubled', what: `${blind.length} times BLIND in ${lives.length} lives` }]
  // In a hurried world times come again after a death.
  if (speed !== 1) return []
  return lives.slice(1).flatMap(({ began, ready, ended = Infinity, goesOn }) => {
    if (goesOn || ready === undefined || ended < ready + 2_000) return []
    const isOpen = heard.some(({ lines: [first, ...rest] }) => {
      const end = rest.find(({ heading }) => heading === 'CLOSED' || heading === 'STOOD DOWN')
      return first && first.at < began - 1_000 && (end?.at ?? Infinity) > ready + 1_000
    })
    if (!isOpen || blind.some(({ at }) => at >= began && at <= ready + 2_000)) return []
    return [{ kind: 'lost' as const, what: `the life that watched from ${time(ready)} did not say that nobody had` }]
  })
}
