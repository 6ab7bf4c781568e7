import type { Claim, Effect, EffectId, Named, Outcome, RollCall } from '../core/effect.ts'
import { isInDoubt, isOpen } from '../core/effect.ts'
import type { Untaken } from '../core/group/bundles.ts'
import { climbOf } from '../core/group/bundles.ts'
import { namedBy, namesInOne, widest } from '../core/group/roll-call.ts'
import type { Climb } from '../core/ladder.ts'
import type { Member } from '../core/member/member.ts'
import { find } from '../core/outbox/outbox.ts'
import type { Policy } from '../core/policy.ts'
import type { Duration } from '../core/time.ts'
import type { Clock } from '../ports/clock.ts'
import type { Log } from '../ports/log.ts'
import type { Attempt } from './attempt.ts'
import { codeOf } from './due-loop.ts'
import type { House } from './house.ts'
import { GROUP } from './house.ts'
import { inTime } from './in-time.ts'
import type { Measure } from './measure.ts'
import type { Owed } from './owed.ts'
import type { NameAll } from './storms.ts'
import type { Unsaved } from './unsaved.ts'

/** A claim outlives the attempt's own limit by as much again, so that a slow send is never taken for a dead one. */
export const CLAIM_FACTOR = 2

/** How many messages are written side by side: each waits for two saves, and a slow disk is slow to all of them. */
const SIDE_BY_SIDE = 4

/** Messages that stand for the alerts of many members: written, sent, and settled for each of them. */
export interface RollCalls {
  nameAll: NameAll
  /** Sends a message of a roll-call, or tells those whom it named how it went. Rejects if that could not be saved. */
  perform: (effect: Effect) => Promise<void>
}

export function createRollCalls(options: {
  house: House
  policy: Policy
  attempt: Attempt
  /** Whose epoch a claim bears. */
  office: { readonly epoch: number }
  /** Kernel milliseconds that one attempt may take. */
  longest: Duration
  clock: Clock
  log: Log
  /** Sends an alert by itself that is claimed already. */
  single: (state: Member, alert: EffectId) => void
  measure: Measure
  owed: Owed
  unsaved: Pick<Unsaved, 'named'>
}): RollCalls {
  const { house, policy, attempt, owed, unsaved, office, longest, clock, log, single, measure } = options
  const { members, overview } = house

  const second = policy.waits.second / clock.speed
  const newClaim = (): Claim => ({ epoch: office.epoch, until: clock.now() + longest * CLAIM_FACTOR })

  const nameAll: NameAll = async (who, isRepeat) => {
    const climb = climbOf([...overview.alarms.called(), ...who], policy.ladders.overdue, clock.now())
    if (!climb) return
    const most = namesInOne(who.length)
    let next = 0
    const lane = async (): Promise<void> => {
      while (next < who.length) {
        const some = who.slice(next, (next += most))
        const called = await Promise.all(some.map((one) => call(one, climb)))
        await write(
          called.flatMap((it) => it ?? []),
          isRepeat,
        )
      }
    }
    await Promise.all(Array.from({ length: SIDE_BY_SIDE }, lane))
  }

  const call = async ({ member }: Untaken, climb: Climb): Promise<Claimed | undefined> => {
    const claim = newClaim()
    const save = members.apply(member, { type: 'called', at: clock.now(), claim, climb })
    const saved = owed.claiming(member, claim, save).then(
      (state) => {
        // Found by what it was claimed with: an OUT in the same save leaves no incident to ask.
        const alert = state?.effects.find((e) => e.claim === claim)
        return state && alert ? { state, alert } : undefined
      },
      () => undefined,
    )
    // One record that cannot be saved now keeps nobody else from being named (S5).
    const isLate = Symbol('late')
    const first = await inTime<Claimed | undefined | symbol>(clock, second, saved, () => isLate)
    if (typeof first !== 'symbol') return first
    void saved.then((it) => it && alone(it))
    return undefined
  }

  const write = async (all: readonly Claimed[], isRepeat: boolean): Promise<void> => {
    for (const { state, alert } of all)
      // Taken back in the very save that claimed it: what follows it must not wait for the claim to end.
      if (!namedBy(state, alert)) await release(state.id, alert.id)
    const found = all.flatMap(({ state, alert }) => namedBy(state, alert) ?? [])
    if (found.length === 0) return
    const blind = widest(found.map((it) => it.blind))
    const named = found.map(({ blind: _blind, ...it }) => it)
    const rollCall: RollCall = { isRepeat, untaken: overview.alarms.count(), named, ...(blind && { blind }) }
    const saved = house.group.apply(GROUP, { type: 'roll-called', at: clock.now(), rollCall })
    if (!(await isSaved(saved))) return all.forEach(alone)
    // They stand in an earlier message, and that it was not taken cannot be saved: it cannot be said again now, nor another one be written.
    for (const it of all) if (!overview.alarms.isNamed(it.alert.id)) alone(it)
  }

  /** The group's record cannot be saved: that it is tidy matters less than that it is heard (S2). */
  const isSaved = (save: Promise<unknown>): Promise<boolean> => {
    const saved = save.then(
      () => true,
      (error: unknown) => {
        log.error('a roll-call could not be saved: its alerts go out singly', { code: codeOf(error) })
        return false
      },
    )
    return inTime(clock, second, saved, () => false)
  }

  const alone = ({ state, alert }: Claimed): void => {
    if (namedBy(state, alert)) single(state, alert.id)
  }

  const perform = async (effect: Effect): Promise<void> => {
    const { rollCall } = effect
    if (!rollCall) return
    if (!isOpen(effect)) return tell(effect, rollCall.named, outcomeOf(effect))
    const inDoubt = isInDoubt(effect)
    const claimed = await Promise.all(rollCall.named.map((named) => claimInTime(named, inDoubt)))
    const gone = rollCall.named.flatMap(({ effect }, n) => (claimed[n] ? [] : [effect]))
    const at = clock.now()
    const claim = newClaim()
    const event = { type: 'claimed' as const, at, claim, effects: [{ id: effect.id }] }
    const saving = (async () => {
      if (gone.length > 0) await house.group.apply(GROUP, { type: 'roll-call-thinned', at, effectId: effect.id, gone })
      return owed.claiming(GROUP, claim, house.group.apply(GROUP, event), effect.id)
    })()
    if (!(await isSaved(saving))) {
      for (const it of claimed) if (it) alone(it)
      throw new Error('a roll-call could not be claimed')
    }
    const state = await saving
    const now = state && find(state, effect.id)
    if (!state || now?.state !== 'claimed') return
    const alerts = (now.rollCall?.named ?? []).map((named) => named.effect)
    const outcome = await unsaved.named(alerts, attempt(state, now, 'room'))
    measure(now, outcome, 'room')
    const saved = house.group.apply(GROUP, { type: 'settled', at: clock.now(), effectId: effect.id, outcome })
    const settled = await owed.settling(GROUP, effect.id, outcome, saved).catch((error: unknown) => {
      log.error('a roll-call could not be settled; it is tried again as soon as the store can save', {
        code: codeOf(error),
      })
      return undefined
    })
    if (outcome.type === 'dead' || outcome.type === 'impossible') {
      // Something in it is not to the room's liking, and that must not silence the others.
      for (const it of claimed) if (it) alone(it)
      return told(effect.id)
    }
    const after = settled && find(settled, effect.id)
    await tell(after ?? now, now.rollCall?.named ?? [], outcome)
  }

  /** One record that cannot be read or saved now leaves the message, and keeps nobody else in it waiting (S5). */
  const claimInTime = (named: Named, inDoubt: boolean): Promise<Claimed | undefined> => {
    const work = claimNamed(named, inDoubt).catch(() => undefined)
    return inTime<Claimed | undefined>(clock, second, work, () => {
      void work.then((late) => late && release(named.member, named.effect))
      return undefined
    })
  }

  /** Claims the alert for this message, if it still wants to be heard. What may have said it already says it again, and nothing else does. */
  const claimNamed = async ({ member, effect }: Named, inDoubt: boolean): Promise<Claimed | undefined> => {
    const before = await members.read(member)
    const alert = before && find(before, effect)
    if (!before || !alert || !isOpen(alert)) return undefined
    const isOurs = alert.state === 'claimed' && alert.claim?.epoch === office.epoch
    const claim = newClaim()
    const event = { type: 'claimed' as const, at: clock.now(), claim, effects: [{ id: effect }] }
    const state = isOurs ? before : await owed.claiming(member, claim, members.apply(member, event), effect)
    const now = state && find(state, effect)
    if (!state || now?.state !== 'claimed') return undefined
    if (namedBy(state, now) && (inDoubt || !state.incident?.taken)) return { state, alert: now }
    await release(member, effect)
    return undefined
  }

  /** It is not said here. If that cannot be saved now it is as soon as it can. */
  const release = (member: string, alert: EffectId): Promise<unknown> =>
    settle(member, alert, { type: 'refused', trouble: 'withdrawn' }).catch(() => undefined)

  /** Whom it named is told by its own outcome, and by nothing else (S4). */
  const tell = async (message: Effect, named: readonly Named[], outcome: Outcome): Promise<void> => {
    await Promise.all(named.map(({ member, effect }) => settle(member, effect, outcome)))
    if (!isOpen(message)) await told(message.id)
  }

  const told = async (effectId: EffectId): Promise<void> => {
    await house.group.apply(GROUP, { type: 'roll-call-told', at: clock.now(), effectId })
  }

  const settle = (member: string, effectId: EffectId, outcome: Outcome): Promise<unknown> =>
    owed.settling(
      member,
      effectId,
      outcome,
      members.apply(member, { type: 'settled', at: clock.now(), effectId, outcome }),
    )

  return { nameAll, perform }
}

interface Claimed {
  state: Member
  alert: Effect
}

/** How it went, as its record says after a death. */
const outcomeOf = ({ state, readers = 1, trouble = 'failed' }: Effect): Outcome =>
  state === 'accepted' || state === 'delivered' || state === 'seen'
    ? { type: 'accepted', readers }
    : { type: 'refused', trouble }
