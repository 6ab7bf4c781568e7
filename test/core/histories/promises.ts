import { isOpen, wasAccepted } from '../../../src/core/effect.ts'
import type { MemberEvent } from '../../../src/core/member/event.ts'
import type { Member } from '../../../src/core/member/member.ts'
import { wakeAt } from '../../../src/core/member/woke.ts'
import { HOUR, MINUTE } from '../../../src/core/time.ts'
import { policy } from './world.ts'

interface Change {
  event: MemberEvent
  before: Member
  after: Member
}

/** What must hold after every single event, whatever happened before. */
export function promises(change: Change, ids: Set<string>): void {
  alarmNeverEndsInSilence(change)
  onlyTheTableCloses(change)
  noAlarmAfterOut(change)
  everyIdOnce(change, ids)
  nothingWaitsForEver(change)
  missedMeansAlarm(change)
  alwaysAnAnswer(change)
  replayIsNothing(change)
}

/** An assertion whose message is made only when it is needed: there are millions of them. */
function must(holds: boolean, otherwise: () => string): void {
  if (!holds) throw new Error(otherwise())
}

/** S3: an open incident always has a next moment, and it is near. */
function alarmNeverEndsInSilence({ event, after }: Change): void {
  const { incident } = after
  if (!incident) return
  must(wakeAt(after, policy) !== undefined, () => 'an open incident must want attention again')
  if (incident.taken) must(incident.taken.until - incident.taken.at <= 12 * HOUR, () => 'a take lasts 12 hours at most')
  else must(incident.climb.nextAt - event.at <= 10 * MINUTE, () => 'the next rung is minutes away')
}

/** The table of closings (protocol.md section 2). */
function onlyTheTableCloses({ event, before, after }: Change): void {
  const was = before.incident
  const is = after.incident
  if (!was) return
  if (is?.id === was.id) {
    must(is.number === was.number, () => 'a number is for life')
    must(was.kind !== 'sos' || is.kind === 'sos', () => 'an sos never becomes less')
    return
  }
  const resolved = event.type === 'ordered' && event.order.type === 'resolve' && event.order.outcome !== undefined
  const exact = event.type === 'said' && event.command.type === 'out' && event.command.words === undefined
  must(resolved || (exact && was.kind === 'overdue'), () => `${was.kind} closed by ${JSON.stringify(event)}`)
}

/** S6: of an incident that is over, nothing more can be sent but what takes it back. */
function noAlarmAfterOut({ after }: Change): void {
  for (const e of after.effects) {
    if ((e.purpose !== 'alert' && e.purpose !== 'take-asked') || e.incident === after.incident?.id) continue
    const onlyUnderWay = !isOpen(e) || (e.state === 'claimed' && e.withdrawn === true)
    must(onlyUnderWay, () => `${e.id} is ${e.state} though its incident is closed`)
  }
}

/** S7: an id names one effect for ever, and what was accepted is never sent again. */
function everyIdOnce({ before, after }: Change, ids: Set<string>): void {
  if (before.effects === after.effects) return
  const known = new Map(before.effects.map((e) => [e.id, e]))
  for (const e of after.effects) {
    const was = known.get(e.id)
    if (was === e) continue
    if (!was) {
      must(!ids.has(e.id), () => `${e.id} is used twice`)
      ids.add(e.id)
    } else if (wasAccepted(was) && isOpen(e)) {
      // Only proof that it did not arrive sends it on, to another address.
      must((e.avoid?.length ?? 0) > (was.avoid?.length ?? 0), () => `${e.id} was accepted and is ${e.state} again`)
    } else must(was.state !== 'cancelled' || e.state === 'cancelled', () => `${e.id} was cancelled and is ${e.state}`)
  }
}

/** Every effect that is open has a moment at which something looks at it. */
function nothingWaitsForEver({ event, after }: Change): void {
  if (!after.effects.some(isOpen)) return
  const next = wakeAt(after, policy)
  must(next !== undefined && next - event.at <= 24 * HOUR, () => 'an open effect must be looked at again')
}

/** S2: whoever was woken at or after a deadline has acted upon it. */
function missedMeansAlarm({ event, before, after }: Change): void {
  const { session } = after
  if (event.type !== 'woke' || !session || session.dueAt > event.at) return
  must(session.missed === true, () => 'a deadline that has passed is missed')
  must(
    !before.session || before.session.missed === true || after.incident !== undefined,
    () => 'and raises an incident',
  )
}

/** S12: whatever they send. The carrier answers STOP; an IN that is read back too late is answered by its alarm. */
function alwaysAnAnswer({ event, before, after }: Change): void {
  if (event.type !== 'said' || before.applied.includes(event.inboundId) || event.command.type === 'carrier') return
  if (event.command.type === 'in' && after.session && after.session.dueAt <= event.at) return
  const known = new Set(before.effects.map((e) => e.id))
  const told = after.effects.some((e) => e.recipient.to === 'member' && !known.has(e.id))
  must(told || after.incident?.answer !== undefined, () => `${event.command.type} gets no answer`)
}

/** S1: applied twice is applied once. */
function replayIsNothing({ event, before, after }: Change): void {
  if ('inboundId' in event && before.applied.includes(event.inboundId))
    must(after === before, () => 'a replay changed something')
}
