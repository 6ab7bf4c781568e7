import { createAlarms } from '../../../src/app/alarms.ts'
import type { Effect, EffectId, Outcome } from '../../../src/core/effect.ts'
import { isInDoubt, isOpen, wasAccepted } from '../../../src/core/effect.ts'
import { climbOf, cutAt, isStorm, toBeNamed } from '../../../src/core/group/bundles.ts'
import type { Untaken } from '../../../src/core/group/bundles.ts'
import type { GroupEvent } from '../../../src/core/group/event.ts'
import type { Group } from '../../../src/core/group/group.ts'
import { newGroup } from '../../../src/core/group/group.ts'
import { namedBy } from '../../../src/core/group/roll-call.ts'
import { transition as groupTransition } from '../../../src/core/group/transition.ts'
import type { MemberEvent } from '../../../src/core/member/event.ts'
import type { Member } from '../../../src/core/member/member.ts'
import { newMember } from '../../../src/core/member/member.ts'
import { transition } from '../../../src/core/member/transition.ts'
import { wakeAt } from '../../../src/core/member/woke.ts'
import { ready } from '../../../src/core/outbox/lifecycle.ts'
import { find } from '../../../src/core/outbox/outbox.ts'
import { SECOND } from '../../../src/core/time.ts'
import { policy } from './world.ts'

/** Between which two saves the kernel dies while it names people. */
export type Stage = 'called' | 'written' | 'claimed' | 'sent' | 'settled'
export const stages: readonly Stage[] = ['called', 'written', 'claimed', 'sent', 'settled']

/** What the room took, once for each id. */
export interface Heard {
  id: EffectId
  at: number
  alerts: { member: string; effect: EffectId }[]
}

const PHONE = { channel: 'sms', address: '+447700900001' } as const
const BY = { id: '@asha:example.org', name: 'Asha' }
const groupPolicy = { duty: [], waits: policy.waits }

class Death extends Error {}

/** Some members and their group in a world that makes everything happen at once, but for what it is told to do to them. */
export class StormWorld {
  readonly members = new Map<string, Member>()
  group: Group = newGroup('group')
  at = Date.parse('2026-11-17T11:00:00Z')
  weather: Outcome = { type: 'accepted', readers: 2 }
  /** Since when nothing was wrong. */
  fairSince = this.at
  readonly heard: Heard[] = []
  /** The next naming dies there. */
  dies: Stage | undefined
  private readonly alarms = createAlarms()
  private waiting = new Map<string, { effect: EffectId; at: number }>()
  private beside = new Set<string>()
  private lately: { member: string; at: number }[] = []
  private last: { at: number; each: number } | undefined
  private epoch = 1
  private count = 0

  constructor(count: number) {
    for (let n = 0; n < count; n++) {
      const id = `m${String(n)}`
      this.members.set(id, newMember({ id, name: id, language: 'en', addresses: [PHONE], status: 'confirmed' }))
    }
  }

  says(id: string, command: 'in' | 'out' | 'sos', after = 0): void {
    this.change(id, {
      type: 'said',
      at: this.at,
      inboundId: `s${String(++this.count)}`,
      via: PHONE,
      command:
        command === 'in' ? { type: 'in', length: { kind: 'for', ms: after, unit: 'seconds' } } : { type: command },
      danger: false,
      words: command,
      saidAt: this.at,
      ...(command === 'in' && { until: { after, exact: true } }),
      watch: {},
      fresh: this.fresh(),
    })
    this.rest()
  }

  take(id: string, lasts: number): void {
    const order = { type: 'take' as const, end: { after: lasts } }
    this.change(id, {
      type: 'ordered',
      at: this.at,
      saidAt: this.at,
      inboundId: `o${String(++this.count)}`,
      by: BY,
      order,
      fresh: this.fresh(),
    })
    this.rest()
  }

  /** Time passes in steps of a quarter of a second; whatever is due on the way happens. */
  pass(seconds: number): void {
    for (const until = this.at + seconds * SECOND; this.at < until;) {
      this.at += SECOND / 4
      for (const [id, member] of this.members)
        if ((wakeAt(member, policy) ?? Infinity) <= this.at)
          this.change(id, { type: 'woke', at: this.at, fresh: this.fresh() })
      this.tell({ type: 'woke', at: this.at })
      this.rest()
    }
  }

  dieNow(): void {
    this.epoch++
    this.waiting = new Map()
    this.beside = new Set()
    this.fairSince = this.at
    for (const id of this.members.keys()) this.change(id, { type: 'recovered', at: this.at, epoch: this.epoch })
    this.tell({ type: 'recovered', at: this.at, epoch: this.epoch })
    this.rest()
  }

  /** Until nothing is left that can be done without a clock. */
  private rest(): void {
    try {
      const [first] = this.waiting.values()
      if (first && cutAt({ since: first.at, count: this.waiting.size }, this.last, policy.waits) <= this.at) this.cut()
      for (let round = 0; this.sends(); round++) if (round > 500) throw new Error('it never comes to rest')
    } catch (error) {
      if (!(error instanceof Death)) throw error
      this.dieNow()
    }
  }

  private sends(): boolean {
    let hasSent = false
    for (const effect of this.group.effects.filter(
      (e) => (e.rollCall ? !isOpen(e) : false) || ready(this.group, this.at).includes(e),
    )) {
      hasSent = true
      if (effect.rollCall) this.message(effect)
      else this.tell({ type: 'settled', at: this.at, effectId: effect.id, outcome: { type: 'accepted', readers: 1 } })
    }
    for (const [id, member] of this.members)
      for (const effect of ready(member, this.at)) {
        if (this.waits(id, effect)) continue
        hasSent = true
        this.single(id, effect)
      }
    return hasSent
  }

  private waits(id: string, effect: Effect): boolean {
    if (effect.purpose !== 'alert') return false
    if (this.alarms.isNamed(effect.id) || this.waiting.get(id)?.effect === effect.id) return true
    if (effect.attempts === 0)
      this.lately = [...this.lately.filter((it) => it.at + SECOND > this.at), { member: id, at: this.at }]
    if (!isStorm(id, effect, this.alarms, this.lately.length, this.at, policy.storm)) return false
    if (this.lately.length > policy.storm.alerts) for (const { member } of this.lately) this.beside.add(member)
    this.waiting.delete(id)
    this.waiting.set(id, { effect: effect.id, at: this.at })
    return true
  }

  private single(id: string, effect: Effect): void {
    this.claims(id, effect.id)
    const isRoom = effect.recipient.to === 'room'
    if (isRoom) this.arrives(effect.id, effect.purpose === 'alert' ? [{ member: id, effect: effect.id }] : [])
    const outcome: Outcome = isRoom ? this.weather : { type: 'accepted', readers: 1 }
    this.change(id, { type: 'settled', at: this.at, effectId: effect.id, outcome })
  }

  private cut(): void {
    const waited = this.waiting
    this.waiting = new Map()
    const fresh = new Set([...waited.keys(), ...this.beside])
    const { joined, again } = toBeNamed(fresh, waited, new Set(), this.alarms, this.at, policy.storm)
    this.beside.clear()
    if (joined.length + again.length > 0) this.last = { at: this.at, each: 0 }
    this.name(joined, false)
    this.name(again, true)
  }

  private name(who: readonly Untaken[], isRepeat: boolean): void {
    const climb = climbOf([...this.alarms.called(), ...who], policy.ladders.overdue, this.at)
    if (!climb) return
    const named = who.flatMap(({ member: id }) => {
      const claim = { epoch: this.epoch, until: this.at + 40 * SECOND }
      const member = this.change(id, { type: 'called', at: this.at, claim, climb })
      const alert = member.effects.find((e) => e.claim === claim)
      return (alert && namedBy(member, alert)) ?? []
    })
    this.mayDie('called')
    this.tell({ type: 'roll-called', at: this.at, rollCall: { isRepeat, untaken: this.alarms.count(), named } })
    this.mayDie('written')
  }

  private message(effect: Effect): void {
    const named = effect.rollCall?.named ?? []
    if (isOpen(effect)) {
      const gone = named.filter((it) => !this.isClaimed(it.member, it.effect, isInDoubt(effect))).map((it) => it.effect)
      if (gone.length > 0) this.tell({ type: 'roll-call-thinned', at: this.at, effectId: effect.id, gone })
      const claim = { epoch: this.epoch, until: this.at + 40 * SECOND }
      this.tell({ type: 'claimed', at: this.at, claim, effects: [{ id: effect.id }] })
      this.mayDie('claimed')
      const now = find(this.group, effect.id)
      if (now?.state !== 'claimed') return
      this.arrives(effect.id, now.rollCall?.named ?? [])
      this.mayDie('sent')
      this.tell({ type: 'settled', at: this.at, effectId: effect.id, outcome: this.weather })
      this.mayDie('settled')
    }
    const settled = find(this.group, effect.id)
    const outcome: Outcome = settled && wasAccepted(settled) ? { type: 'accepted', readers: 2 } : this.weather
    for (const it of settled?.rollCall?.named ?? [])
      this.change(it.member, { type: 'settled', at: this.at, effectId: it.effect, outcome })
    if (settled && !isOpen(settled)) this.tell({ type: 'roll-call-told', at: this.at, effectId: effect.id })
  }

  private isClaimed(id: string, alert: EffectId, inDoubt: boolean): boolean {
    const before = find(this.of(id), alert)
    if (!before || !isOpen(before)) return false
    if (before.state !== 'claimed') this.claims(id, alert)
    const member = this.of(id)
    const now = find(member, alert)
    const isWanted =
      now?.state === 'claimed' && namedBy(member, now) !== undefined && (inDoubt || !member.incident?.taken)
    if (!isWanted && now?.state === 'claimed')
      this.change(id, {
        type: 'settled',
        at: this.at,
        effectId: alert,
        outcome: { type: 'refused', trouble: 'withdrawn' },
      })
    return isWanted
  }

  /** A room that is asked twice under one id shows it once; one whose answer is lost may have it all the same. */
  private arrives(id: EffectId, alerts: Heard['alerts']): void {
    if (this.weather.type === 'refused' || this.heard.some((it) => it.id === id)) return
    this.heard.push({ id, at: this.at, alerts: alerts.map(({ member, effect }) => ({ member, effect })) })
  }

  private claims(id: string, effect: EffectId): void {
    const claim = { epoch: this.epoch, until: this.at + 40 * SECOND }
    this.change(id, { type: 'claimed', at: this.at, claim, effects: [{ id: effect }] })
  }

  private mayDie(stage: Stage): void {
    if (this.dies !== stage) return
    this.dies = undefined
    throw new Death()
  }

  private change(id: string, event: MemberEvent): Member {
    const before = this.of(id)
    const after = transition(before, event, policy)
    const member = after === before ? after : { ...after, version: after.version + 1 }
    this.members.set(id, member)
    this.alarms.saw(member)
    return member
  }

  private tell(event: GroupEvent): void {
    const after = groupTransition(this.group, event, groupPolicy)
    if (after !== this.group) this.group = { ...after, version: after.version + 1 }
    this.alarms.sawGroup(this.group)
  }

  private of(id: string): Member {
    const member = this.members.get(id)
    if (!member) throw new Error(`no ${id}`)
    return member
  }

  private fresh(): { sessionId: string; incidentId: string; incidentNumber: number } {
    const n = ++this.count
    return { sessionId: `s${String(n)}`, incidentId: `i${String(n)}`, incidentNumber: n }
  }
}
