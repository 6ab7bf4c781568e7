import type { Effect } from '../effect.ts'
import { isOpen, mayBeHeard } from '../effect.ts'
import { prune } from '../outbox/lifecycle.ts'
import type { Policy } from '../policy.ts'
import type { MemberDraft } from './tell.ts'

/** What is over is erased on schedule (S11): where somebody was, what was written, how an incident ended. */
export function erase(draft: MemberDraft, policy: Policy): void {
  const { state, at } = draft
  const { sessions, incidents } = policy.retention
  if (state.past.some((p) => p.closedAt + incidents <= at))
    draft.state.past = state.past.filter((p) => p.closedAt + incidents > at)
  if (state.session || state.incident) return
  if (state.location && state.location.at + sessions <= at) delete draft.state.location
  const over = (e: Effect): boolean => !isOpen(e) && e.createdAt + sessions <= at
  if (state.effects.some(over)) draft.state.effects = draft.state.effects.filter((e) => !over(e))
}

/** Forgets what nothing can refer to any more. An alarm that nobody takes for days says itself again every few minutes. */
export function tidy(draft: MemberDraft): void {
  const { incident, session, effects } = draft.state
  const waitedFor = new Set(effects.filter(isOpen).flatMap((e) => e.after ?? []))
  const reminded = new Set(session?.reminded ?? [])
  // One of each kind proves that the alarm was heard, or may have been; that is all that its end must know.
  const firstHeard = (purpose: string): Effect | undefined => {
    const told = effects.filter((e) => e.incident === incident?.id && e.purpose === purpose)
    return told.find((e) => e.acceptedAt !== undefined) ?? told.find(mayBeHeard)
  }
  const proofs = incident ? [firstHeard('alert'), firstHeard('nudge')] : []
  prune(draft, (e) => proofs.includes(e) || waitedFor.has(e.id) || reminded.has(e.id))
}
