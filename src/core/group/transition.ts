import type { Effect } from '../effect.ts'
import { isOpen } from '../effect.ts'
import { claim, effectsWakeAt, enforce, prune, receipt, recover, settle } from '../outbox/lifecycle.ts'
import { draft as begin, emit, firstTime, unchanged } from '../outbox/outbox.ts'
import type { Instant } from '../time.ts'
import { DAY, HOUR } from '../time.ts'
import type { GroupEvent } from './event.ts'
import type { Group, GroupPolicy } from './group.ts'
import type { GroupDraft } from './nudges.ts'
import { evidenceDue, incidentEnded, nudgeAsked, nudgeElsewhere } from './nudges.ts'
import { rollCalled, rollCallThinned, rollCallTold } from './roll-call.ts'
import { strangerSaid } from './strangers.ts'

/** What concerns everybody. Pure, total, deterministic; the same object comes back if nothing changed. */
export function transition(group: Group, event: GroupEvent, policy: GroupPolicy): Group {
  const draft = begin(group, event.at)
  apply(draft, event, policy)
  const waitedFor = new Set(draft.state.effects.filter(isOpen).flatMap((e) => e.after ?? []))
  const nudges = new Set(draft.state.nudged.flatMap((n) => [n.effectId, n.earlier]))
  prune(draft, (e) => e.rollCall !== undefined || waitedFor.has(e.id) || nudges.has(e.id))
  return unchanged(group, draft.state) ? group : draft.state
}

function apply(draft: GroupDraft, event: GroupEvent, policy: GroupPolicy): void {
  switch (event.type) {
    case 'handed':
      return firstTime(draft, event.effectId) ? handed(draft, event, policy) : undefined
    case 'stranger-said':
      return firstTime(draft, event.inboundId) ? strangerSaid(draft, event) : undefined
    case 'answered':
      if (firstTime(draft, event.inboundId))
        emit(draft, {
          urgency: event.urgency ?? 'answer',
          purpose: 'order-answer',
          recipient: { to: 'room' },
          body: event.body,
          expiresAt: draft.at + HOUR,
        })
      return
    case 'announced':
      return announced(draft, event)
    case 'link-made':
      draft.state.links = [
        ...draft.state.links.filter((l) => l.memberId !== event.memberId && l.expiresAt > draft.at),
        { token: event.token, memberId: event.memberId, expiresAt: event.expiresAt },
      ]
      return
    case 'link-used':
      draft.state.links = draft.state.links.filter((l) => l.token !== event.token)
      return
    case 'version-ran':
      draft.state.ranVersion = event.version
      return
    case 'woke':
      for (const ended of enforce(draft)) if (ended.purpose === 'nudge') nudgeElsewhere(draft, ended, policy)
      for (const due of evidenceDue(draft.state, policy))
        if (due.at <= draft.at) nudgeElsewhere(draft, due.effect, policy)
      return
    case 'roll-called':
      rollCalled(draft, event.rollCall)
      return
    case 'roll-call-thinned':
      return rollCallThinned(draft, event.effectId, event.gone)
    case 'roll-call-told':
      return rollCallTold(draft, event.effectId)
    case 'recovered':
      return recover(draft, event.epoch)
    case 'claimed':
      return claim(draft, event)
    case 'settled':
      return failedNudge(draft, settle(draft, event.effectId, event.outcome, policy.waits), policy)
    case 'receipt':
      return failedNudge(draft, receipt(draft, event, event.status, event.trouble), policy)
    default:
      return event satisfies never
  }
}

function handed(draft: GroupDraft, { event }: Extract<GroupEvent, { type: 'handed' }>, policy: GroupPolicy): void {
  if (event.type === 'nudge-asked') return nudgeAsked(draft, event, policy)
  if (event.type === 'named') {
    draft.state.names = { ...draft.state.names, [event.member]: event.name }
    return
  }
  // While it was open its number stood in the member's document; from now on only the counter keeps it from being given again.
  draft.state.incidentCounter = Math.max(draft.state.incidentCounter, event.number)
  incidentEnded(draft, event.incident, policy)
}

function failedNudge(draft: GroupDraft, effect: Effect | undefined, policy: GroupPolicy): void {
  if (effect?.state === 'failed' && effect.purpose === 'nudge') nudgeElsewhere(draft, effect, policy)
}

function announced(draft: GroupDraft, event: Extract<GroupEvent, { type: 'announced' }>): void {
  if (!firstTime(draft, event.id)) return
  const { at } = draft
  if (event.once !== undefined) {
    const last = draft.state.notices[event.once]
    if (last !== undefined && at - last < HOUR) return
    const recent = Object.entries(draft.state.notices).filter(([, when]) => at - when < HOUR)
    draft.state.notices = { ...Object.fromEntries(recent), [event.once]: at }
  }
  emit(draft, {
    urgency: event.loud ? 'alert' : 'notice',
    purpose: 'announcement',
    recipient: { to: 'room' },
    loud: event.loud,
    body: event.body,
    expiresAt: at + DAY,
  })
}

/** When the group's document next wants attention by itself. */
export function wakeAt(group: Group, policy: GroupPolicy): Instant | undefined {
  const soonest = Math.min(
    effectsWakeAt(group, policy.waits) ?? Infinity,
    ...evidenceDue(group, policy).map((due) => due.at),
  )
  return soonest === Infinity ? undefined : soonest
}
