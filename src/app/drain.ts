import type { Address } from '../core/address.ts'
import type { Effect, EffectId, Outcome } from '../core/effect.ts'
import { isOpen } from '../core/effect.ts'
import type { Group } from '../core/group/group.ts'
import type { Member } from '../core/member/member.ts'
import { ready } from '../core/outbox/lifecycle.ts'
import { find } from '../core/outbox/outbox.ts'
import type { Duration } from '../core/time.ts'
import type { Clock } from '../ports/clock.ts'
import type { Log } from '../ports/log.ts'
import type { Attempt } from './attempt.ts'
import { codeOf } from './due-loop.ts'
import type { House } from './house.ts'
import { GROUP } from './house.ts'
import { inTime } from './in-time.ts'
import type { Owed } from './owed.ts'
import type { Place } from './lanes.ts'
import { createLanes } from './lanes.ts'
import type { Measure } from './measure.ts'
import { destination, isMember } from './outgoing.ts'
import type { RollCalls } from './roll-calls.ts'
import { CLAIM_FACTOR } from './roll-calls.ts'
import type { Storms } from './storms.ts'

export interface Drain {
  /** A document was saved or woken: whatever is ready in it is sent. */
  look: (state: Member | Group) => void
  /** Sends an alert that was claimed by itself. */
  single: (state: Member, alert: EffectId) => void
  start: () => void
  /** Stops taking new work and resolves when what is under way is settled, or after `longest` real milliseconds. */
  stop: (longest: Duration) => Promise<void>
  /** How many attempts are under way. */
  depth: () => number
}

interface Job extends Place {
  document: string
  effect: EffectId
  isClaimed?: true
}

/**
 * Performs effects: claimed, sent, settled, each alone (S5, S7). What an effect says was decided when it was saved; here is decided
 * only when to try and what an answer of the outside means.
 */
export function createDrain(options: {
  house: House
  attempt: Attempt
  storms: Storms
  rollCalls: Pick<RollCalls, 'perform'>
  owed: Owed
  /** Whose epoch a claim bears. */
  office: { readonly epoch: number }
  /** Kernel milliseconds that one attempt may take. */
  longest: Duration
  clock: Clock
  log: Log
  measure: Measure
}): Drain {
  const { house, attempt, storms, rollCalls, owed, office, longest, clock, log, measure } = options
  /** In line or under way: looked at again only when that is over. */
  const known = new Set<EffectId>()
  let open = false

  /** What an earlier kernel claimed, and saved only after we had read the records: it is dead, whatever its claim says. */
  const recover = (state: Member | Group): void => {
    if (!state.effects.some((e) => e.state === 'claimed' && (e.claim?.epoch ?? 0) < office.epoch)) return
    house.either
      .apply(state.id, { type: 'recovered', at: clock.now(), epoch: office.epoch })
      .catch((error: unknown) => {
        log.error('a claim of an earlier kernel could not be cleared; it ends by itself', { code: codeOf(error) })
      })
  }

  const look = (state: Member | Group): void => {
    if (!open) return
    recover(state)
    for (const effect of [...ready(state, clock.now()), ...state.effects.filter(isUntold)]) {
      if (known.has(effect.id) || owed.owes(state.id, effect.id) || storms.takes(state, effect)) continue
      known.add(effect.id)
      lanes.add({ document: state.id, effect: effect.id, ...placeOf(state, effect) })
    }
  }

  const single = (state: Member, alert: EffectId): void => {
    const effect = find(state, alert)
    if (effect) lanes.add({ document: state.id, effect: alert, isClaimed: true, ...placeOf(state, effect) })
  }

  const lanes = createLanes<Job>(async (job) => {
    const saved = await perform(job).then(
      () => true,
      (error: unknown) => {
        const fields = { effect: job.effect, code: codeOf(error) }
        log.error('an effect could not be settled; it is tried again as soon as the store can save', fields)
        return false
      },
    )
    known.delete(job.effect)
    // What it made ready in the meantime (a chained effect, another address) must not wait for a clock. But a store that refused
    // to save is not asked again at once, and again, and again: the due loop does that every second.
    const state = saved ? await house.either.read(job.document).catch(() => undefined) : undefined
    if (state) look(state)
  })

  const perform = async (job: Job): Promise<void> => {
    const before = await house.either.read(job.document)
    const effect = before && find(before, job.effect)
    if (!before || !effect) return
    if (job.isClaimed) return send(job, before, effect, 'room')
    if (isUntold(effect)) return rollCalls.perform(effect)
    if (!ready(before, clock.now()).includes(effect)) return
    if (effect.rollCall) return rollCalls.perform(effect)
    if (effect.recipient.to === 'group') {
      const { event } = effect.recipient
      await house.group.apply(GROUP, { type: 'handed', at: clock.now(), effectId: effect.id, event })
      await settle(job, { type: 'accepted', readers: 0 })
      return
    }
    const to = destination(before, effect)
    if (to === undefined) {
      await settle(job, { type: 'impossible', trouble: 'no-live-address' })
      return
    }
    const state = await claim(job, to)
    const claimed = state && find(state, job.effect)
    if (state && claimed) await send(job, state, claimed, to)
  }

  const send = async (job: Job, state: Member | Group, claimed: Effect, to: Address | 'room'): Promise<void> => {
    if (claimed.state !== 'claimed') return
    if (claimed.withdrawn) {
      // Taken back in the very save that claimed it: it did not go out, and what follows it must not wait for the claim to end.
      await settle(job, { type: 'refused', trouble: 'withdrawn' })
      return
    }
    const outcome = await attempt(state, claimed, to)
    measure(claimed, outcome, to === 'room' ? 'room' : to.channel)
    await settle(job, outcome)
  }

  const claim = async (job: Job, to: Address | 'room'): Promise<Member | Group | undefined> => {
    const effects = [{ id: job.effect, ...(to !== 'room' && { sentTo: to }) }]
    const until = clock.now() + longest * CLAIM_FACTOR
    const mine = { epoch: office.epoch, until }
    const save = house.either.apply(job.document, { type: 'claimed', at: clock.now(), claim: mine, effects })
    return owed.claiming(job.document, mine, save, job.effect)
  }

  const settle = (job: Job, outcome: Outcome): Promise<Member | Group | undefined> => {
    const save = house.either.apply(job.document, { type: 'settled', at: clock.now(), effectId: job.effect, outcome })
    return owed.settling(job.document, job.effect, outcome, save)
  }

  return {
    look,
    single,
    start: () => {
      open = true
      lanes.start()
    },
    stop: async (limit) => {
      open = false
      storms.stop()
      owed.stop()
      lanes.stop()
      await inTime(clock, limit, lanes.idle(), () => undefined)
    },
    depth: () => lanes.depth() + storms.depth(),
  }
}

/** It is settled, and those whom it named do not know it yet. */
const isUntold = (effect: Effect): boolean => effect.rollCall !== undefined && !isOpen(effect)

function placeOf(state: Member | Group, effect: Effect): Place {
  const { urgency } = effect
  if (effect.recipient.to === 'group') return { lane: 'group', turn: `group ${state.id}`, urgency }
  const to = destination(state, effect)
  if (effect.media) return { lane: 'files', turn: effect.id, urgency }
  // Messages of one roll-call do not wait for one another.
  if (effect.rollCall) return { lane: 'room', turn: effect.id, urgency }
  // An alert waits for nothing but an earlier alert about the same person.
  const isCry = effect.purpose === 'alert' && isMember(state) && state.incident?.kind === 'sos'
  if (to === 'room')
    return { lane: 'room', turn: `room ${state.id} ${urgency === 'alert' ? 'alert' : ''}`, urgency, isCry }
  return to
    ? { lane: to.channel, turn: `${to.channel} ${to.address}`, urgency }
    : { lane: 'nowhere', turn: effect.id, urgency }
}
