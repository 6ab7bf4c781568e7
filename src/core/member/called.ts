import type { Climb } from '../ladder.ts'
import { claim } from '../outbox/lifecycle.ts'
import type { Ladder, Policy } from '../policy.ts'
import { alertRoom } from './alert.ts'
import type { MemberEvent } from './event.ts'
import { climbOn, roomDownAt, waitingAlert } from './incident.ts'
import type { MemberDraft } from './tell.ts'

/**
 * A message of a roll-call is a way for an alert of ours to the room, so the alert is claimed as for any other: what was taken back
 * before is not named, and what is taken back from now on is followed by its stand-down. Nothing happens to whom nobody need look for.
 */
export function called(draft: MemberDraft, event: Extract<MemberEvent, { type: 'called' }>, policy: Policy): void {
  const { incident } = draft.state
  if (incident?.kind !== 'overdue' || incident.taken) return
  // What is due by now is asked for with it: the clock that wakes us may come later.
  climbOn(draft, policy)
  const id = waitingAlert(draft.state, incident) ?? alertRoom(draft, draft.state.incident ?? incident)
  claim(draft, { type: 'claimed', at: event.at, claim: event.claim, effects: [{ id }] })
  const now = draft.state.incident ?? incident
  draft.state.incident = {
    ...now,
    called: id,
    climb: together(now.climb, event.climb, policy.ladders.overdue),
    roomDownAt: roomDownAt(now, draft.at, policy),
  }
}

/**
 * From now on all climb together, so that a round of the ladder is one message and one nudge a person. Whoever has climbed higher stays
 * as loud, and a later joiner keeps the nudge that comes before the next round.
 */
function together(own: Climb, shared: Climb, ladder: Ladder): Climb {
  const step = ladder.steps[own.next]
  if (step && !step.room && own.nextAt < shared.nextAt) {
    const { then: _then, ...kept } = own
    return { ...kept, then: shared }
  }
  return { ...shared, next: Math.max(own.next, shared.next) }
}
