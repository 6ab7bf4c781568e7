import type { Effect, EffectId } from '../core/effect.ts'
import type { Untaken } from '../core/group/bundles.ts'
import { cutAt, isStorm, toBeNamed } from '../core/group/bundles.ts'
import type { Group } from '../core/group/group.ts'
import type { Member } from '../core/member/member.ts'
import type { Policy } from '../core/policy.ts'
import type { Duration, Instant } from '../core/time.ts'
import type { Clock } from '../ports/clock.ts'
import type { Log } from '../ports/log.ts'
import { codeOf } from './due-loop.ts'
import type { House } from './house.ts'
import { isMember } from './outgoing.ts'

/** When many alarms come together: who waits to be named in a roll-call, and when that is. */
export interface Storms {
  /** True: this alert is not sent by itself, a roll-call says it. To be asked of every alert that is ready. */
  takes: (state: Member | Group, effect: Effect) => boolean
  /** How many rounds of naming are under way. */
  depth: () => number
  stop: () => void
}

/** Names these, in this order. `isRepeat`: they hear it again. */
export type NameAll = (who: readonly Untaken[], isRepeat: boolean) => Promise<void>

export function createStorms(options: {
  house: House
  policy: Policy
  clock: Clock
  log: Log
  nameAll: NameAll
  /** Whatever is ready in it is sent. */
  look: (state: Member) => void
}): Storms {
  const { house, policy, clock, log, nameAll, look } = options
  const { storm, waits } = policy
  const { alarms } = house.overview
  /** Alerts that wait, by member, the oldest first. */
  const waiting = new Map<string, { effect: EffectId; at: Instant }>()
  /** Those of them who are being named now. */
  let inHand: typeof waiting = new Map()
  /** Those who were alerted singly in the second in which there were too many. */
  const beside = new Set<string>()
  /** Those who were to be named last time, and could not be: their records cannot be saved. */
  let unnamed: ReadonlySet<string> = new Set()
  let lately: { member: string; at: Instant }[] = []
  let timer: { at: Instant; off: () => void } | undefined
  let last: { at: Instant; each: Duration } | undefined
  let running = 0
  let open = true

  const takes = (state: Member | Group, effect: Effect): boolean => {
    if (effect.purpose !== 'alert' || !isMember(state)) return false
    // The message that names it is the truth about it, and brings the answer.
    if (alarms.isNamed(effect.id)) return true
    const now = clock.now()
    const known = [inHand, waiting].map((them) => them.get(state.id)).find((it) => it?.effect === effect.id)
    // Whatever keeps a message from being made, an alert is not held up by it for ever.
    if (known) return now - known.at < 2 * waits.rollCall
    if (effect.attempts === 0) count(state.id, now)
    if (!isStorm(state.id, effect, alarms, lately.length, now, storm)) return false
    if (lately.length > storm.alerts) for (const { member } of lately) beside.add(member)
    waiting.delete(state.id)
    waiting.set(state.id, { effect: effect.id, at: now })
    arm()
    return true
  }

  const count = (member: string, now: Instant): void => {
    lately = [...lately.filter((it) => it.at + waits.second > now), { member, at: now }].slice(-1 - storm.alerts)
  }

  const arm = (): void => {
    const [first] = waiting.values()
    if (!open || running > 0 || !first) return
    const at = cutAt({ since: first.at, count: waiting.size }, last, waits)
    if (timer && timer.at <= at) return
    timer?.off()
    timer = { at, off: clock.at(at, () => void cut()) }
  }

  /** Who waits by now is named, with those who belong to them. */
  const cut = async (): Promise<void> => {
    timer = undefined
    running++
    const at = clock.now()
    inHand = new Map(waiting)
    waiting.clear()
    try {
      const { joined, again } = toBeNamed(new Set([...inHand.keys(), ...beside]), inHand, unnamed, alarms, at, storm)
      if (joined.length + again.length > 0) last = { at, each: last?.each ?? 0 }
      beside.clear()
      // News stands in a message of its own, and first.
      await nameAll(joined, false)
      await nameAll(again, true)
      if (last?.at === at) last = { at, each: (clock.now() - at) / (joined.length + again.length) }
      // Taken, over, or not to be saved now: whatever still wants to be said of them is looked at again.
      const waited = inHand
      inHand = new Map()
      unnamed = new Set([...waited].flatMap(([id, { effect }]) => (alarms.isNamed(effect) ? [] : [id])))
      for (const [id, { effect }] of waited) {
        const state = alarms.isNamed(effect) ? undefined : await house.members.read(id)
        if (state) look(state)
      }
    } catch (error) {
      log.error('a roll-call could not be prepared; the due loop takes its alerts up again', { code: codeOf(error) })
    } finally {
      inHand = new Map()
      running--
      arm()
    }
  }

  return {
    takes,
    depth: () => running,
    stop: () => {
      open = false
      timer?.off()
    },
  }
}
