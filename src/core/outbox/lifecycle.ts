import type { Effect, EffectId, Outcome } from '../effect.ts'
import { attemptedSince, doubtOf, isOpen, mayBeHeard, wasAccepted } from '../effect.ts'
import type { Waits } from '../policy.ts'
import type { Duration, Instant } from '../time.ts'
import { MINUTE, SECOND } from '../time.ts'
import type { OutboxEvent } from './event.ts'
import type { Draft, Outbox } from './outbox.ts'
import { change, find } from './outbox.ts'

/** The claim is saved before the send and outlives the attempt's own time limit. */
export function claim(draft: Draft<Outbox>, claimed: Extract<OutboxEvent, { type: 'claimed' }>): void {
  for (const { id, sentTo } of claimed.effects) {
    const effect = find(draft.state, id)
    if (!effect || (effect.state !== 'pending' && effect.state !== 'unknown')) continue
    change(draft, id, {
      state: 'claimed',
      claim: claimed.claim,
      attempts: effect.attempts + 1,
      doubtSince: doubtOf(effect),
      ...(sentTo && { sentTo }),
    })
  }
}

/** An attempt ended. Returns the effect as it is afterwards, or nothing if it was settled before (a late or doubled answer). */
export function settle(draft: Draft<Outbox>, id: EffectId, outcome: Outcome, waits: Waits): Effect | undefined {
  const effect = find(draft.state, id)
  if (!effect || !isOpen(effect)) return undefined
  change(draft, id, settled(draft, effect, outcome, waits))
  return find(draft.state, id)
}

function settled({ state, at }: Draft<Outbox>, effect: Effect, outcome: Outcome, waits: Waits): Partial<Effect> {
  switch (outcome.type) {
    case 'accepted':
      return {
        state: 'accepted',
        acceptedAt: at,
        readers: outcome.readers,
        doubtSince: undefined,
        ...(outcome.providerId !== undefined && { providerId: outcome.providerId }),
      }
    case 'refused': {
      // That it is refused now says nothing of an attempt before.
      const doubtSince = outcome.notThere ? undefined : doubtOf(effect)
      if (effect.withdrawn) return { state: 'cancelled', trouble: outcome.trouble, doubtSince }
      return {
        state: 'pending',
        notBefore:
          at +
          Math.max(backoff(effect, waits), pause(effect, outcome.wait ?? 0, waits)) +
          (outcome.wait === undefined ? 0 : wayGiven(state, effect)),
        trouble: outcome.trouble,
        doubtSince,
      }
    }
    case 'unknown':
      if (effect.withdrawn) return { state: 'cancelled', trouble: outcome.trouble, doubtSince: attemptedSince(effect) }
      return { state: 'unknown', notBefore: at + lookAgain(effect, waits), trouble: outcome.trouble }
    case 'dead':
    case 'impossible': {
      const avoid = effect.sentTo ? [...(effect.avoid ?? []), effect.sentTo] : effect.avoid
      const doubtSince = outcome.notThere ? undefined : doubtOf(effect)
      return { state: 'failed', trouble: outcome.trouble, doubtSince, ...(avoid && { avoid }) }
    }
  }
}

/** Whatever the room can rather do without gives way for so long, and for twice as long. */
const GIVEN_WAY: Duration = SECOND / 2

/**
 * The room's server allows one message in five seconds and refuses the rest until then. Somebody who cries again and again must not keep the first
 * alarm of somebody else waiting behind each of their words: measured, 14 s behind eight of them.
 */
function wayGiven(state: Outbox, effect: Effect): Duration {
  if (effect.recipient.to !== 'room' || isFirstAlarm(state, effect)) return 0
  return effect.urgency === 'alert' ? GIVEN_WAY : 2 * GIVEN_WAY
}

/** Of somebody in danger, or in another danger, of whom the room has not heard so. */
function isFirstAlarm({ effects }: Outbox, effect: Effect): boolean {
  if (effect.rollCall) return !effect.rollCall.isRepeat
  const opening = effect.body[0]?.key
  return (
    effect.purpose === 'alert' &&
    !effects.some(
      (e) => e.purpose === 'alert' && e.incident === effect.incident && e.body[0]?.key === opening && wasAccepted(e),
    )
  )
}

/** A provider may need a while until it lists a text that it has taken. The room knows the id again, so there is nothing to wait for. */
const lookAgain = (effect: Effect, waits: Waits): Duration =>
  effect.recipient.to === 'room' ? Math.min(backoff(effect, waits), waits.doubt) : waits.doubt

/** Doubles with each attempt up to the cap; an alert is tried at least every 5 s. */
function backoff(effect: Effect, waits: Waits): Duration {
  const longest = effect.urgency === 'alert' ? waits.backoffAlert : waits.backoffLongest
  return Math.min(longest, waits.backoff * 2 ** Math.min(effect.attempts - 1, 12))
}

/** A provider's Retry-After is respected, but never for longer than an hour: nothing waits without an end. */
const pause = (effect: Effect, wait: Duration, waits: Waits): Duration =>
  Math.min(wait, effect.urgency === 'alert' ? waits.backoffLongest : 3600 * SECOND)

/** A failed effect goes on to another address of the same reader. */
export function tryElsewhere(draft: Draft<Outbox>, id: EffectId): void {
  change(draft, id, { state: 'pending', notBefore: draft.at, attempts: 0, doubtSince: undefined })
}

/** The provider tells what became of it. Late and out of order, so a rank decides and nothing goes back. */
export function receipt(
  draft: Draft<Outbox>,
  ref: { effectId?: EffectId; providerId?: string },
  status: 'accepted' | 'sent' | 'delivered' | 'seen' | 'failed',
  trouble?: string,
): Effect | undefined {
  const effect = draft.state.effects.find(
    (e) => e.id === ref.effectId || (ref.providerId !== undefined && e.providerId === ref.providerId),
  )
  // What was never tried cannot have arrived.
  if (!effect || effect.attempts === 0) return undefined
  const found = ref.providerId === undefined ? {} : { providerId: ref.providerId }
  switch (status) {
    case 'accepted':
    case 'sent':
      // It proves that an attempt nobody could vouch for did arrive.
      if (!isOpen(effect)) return undefined
      change(draft, effect.id, { state: 'accepted', acceptedAt: draft.at, readers: 1, doubtSince: undefined, ...found })
      break
    case 'delivered':
    case 'seen':
      if (effect.state === status || effect.state === 'seen' || effect.state === 'cancelled') return undefined
      change(draft, effect.id, {
        state: status,
        acceptedAt: effect.acceptedAt ?? draft.at,
        readers: effect.readers ?? 1,
        doubtSince: undefined,
        ...found,
      })
      break
    case 'failed':
      if (
        effect.state === 'delivered' ||
        effect.state === 'seen' ||
        effect.state === 'failed' ||
        effect.state === 'cancelled'
      )
        return undefined
      change(draft, effect.id, {
        state: 'failed',
        ...found,
        ...(trouble !== undefined && { trouble }),
        ...(effect.sentTo && { avoid: [...(effect.avoid ?? []), effect.sentTo] }),
      })
      break
  }
  return find(draft.state, effect.id)
}

/** A kernel that had a lower epoch is dead (the lock proves it): what it had claimed may or may not have gone out. */
export function recover(draft: Draft<Outbox>, epoch: number): void {
  for (const e of draft.state.effects) if (e.state === 'claimed' && (e.claim?.epoch ?? 0) < epoch) doubt(draft, e)
}

function doubt(draft: Draft<Outbox>, effect: Effect): void {
  change(
    draft,
    effect.id,
    effect.withdrawn
      ? { state: 'cancelled', doubtSince: attemptedSince(effect) }
      : { state: 'unknown', notBefore: draft.at, trouble: 'kernel-died' },
  )
}

/** Ends every wait that has lasted long enough: claims nobody settled, effects not worth sending any more, chains. */
export function enforce(draft: Draft<Outbox>): Effect[] {
  const ended: Effect[] = []
  for (const e of draft.state.effects) {
    if (e.state === 'claimed' && e.claim && e.claim.until <= draft.at) doubt(draft, e)
    else if ((e.state === 'pending' || e.state === 'unknown') && e.expiresAt !== undefined && e.expiresAt <= draft.at) {
      change(draft, e.id, { state: 'failed', trouble: e.trouble ?? 'expired', doubtSince: doubtOf(e) })
      ended.push(e)
    }
  }
  for (const e of draft.state.effects)
    if (e.state === 'pending' && pointless(draft.state, e)) change(draft, e.id, { state: 'cancelled' })
  return ended
}

/** It follows others, and none of them can have been heard. */
function pointless(state: Outbox, effect: Effect): boolean {
  if (!effect.onlyIfHeard || !effect.after || !unchained(state, effect)) return false
  return effect.after.every((id) => {
    const earlier = find(state, id)
    return earlier !== undefined && !mayBeHeard(earlier)
  })
}

/** Everything it must follow is settled. What is gone from the document was settled long ago. */
const unchained = (state: Outbox, effect: Effect): boolean =>
  (effect.after ?? []).every((id) => {
    const earlier = find(state, id)
    return earlier === undefined || !isOpen(earlier)
  })

/** What the drain may try now. */
export const ready = (state: Outbox, at: Instant): Effect[] =>
  state.effects.filter(
    (e) =>
      (e.state === 'pending' || e.state === 'unknown') &&
      e.notBefore <= at &&
      unchained(state, e) &&
      !pointless(state, e),
  )

/** When the effects next want attention by themselves; undefined when none does. */
export function effectsWakeAt(state: Outbox, waits: Waits): Instant | undefined {
  const soonest = Math.min(...state.effects.filter(isOpen).map((e) => effectWakeAt(state, e, waits)))
  return soonest === Infinity ? undefined : soonest
}

function effectWakeAt(state: Outbox, e: Effect, waits: Waits): Instant {
  if (e.state === 'claimed') return e.claim?.until ?? e.createdAt
  // The drain hears of a new effect at once, without a clock; the clock only looks whether it was forgotten.
  const tryAt = e.attempts === 0 && e.state === 'pending' ? e.notBefore + waits.backoffAlert : e.notBefore
  return Math.min(unchained(state, e) ? tryAt : Infinity, e.expiresAt ?? Infinity)
}

/** How many settled effects a document remembers, so that receipts and buttons still find them. */
const SETTLED_KEPT = 24
/** And how many if all of them went out just now. */
const MOST_KEPT = 96

/**
 * A provider that is asked for a text in doubt finds every equal one of the minute before: texts to phones that went out so long before any effect that is
 * open are remembered, or an answer would be taken for given (seed 620026).
 */
const TOLD_APART: Duration = 2 * MINUTE

/** Forgets old settled effects; `needed` are kept whatever their age. */
export function prune(draft: Draft<Outbox>, needed: (effect: Effect) => boolean): void {
  const { effects } = draft.state
  const settled = effects.filter((e) => !isOpen(e) && !needed(e))
  if (settled.length <= SETTLED_KEPT) return
  const oldest = Math.min(draft.at, ...effects.filter(isOpen).map((e) => e.createdAt))
  const isYoung = (e: Effect): boolean =>
    e.sentTo !== undefined && e.providerId !== undefined && (e.acceptedAt ?? e.createdAt) > oldest - TOLD_APART
  const excess = settled.slice(0, -MOST_KEPT)
  const surplus = settled.slice(0, -SETTLED_KEPT).filter((e) => !isYoung(e))
  const gone = new Set([...excess, ...surplus])
  draft.state.effects = effects.filter((e) => !gone.has(e))
}
