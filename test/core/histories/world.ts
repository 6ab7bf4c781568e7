import type { Command } from '../../../src/core/commands/command.ts'
import type { Effect, Outcome } from '../../../src/core/effect.ts'
import type { MemberEvent, MemberOrder } from '../../../src/core/member/event.ts'
import type { Member } from '../../../src/core/member/member.ts'
import { newMember } from '../../../src/core/member/member.ts'
import { addressFor } from '../../../src/core/member/lines.ts'
import { transition } from '../../../src/core/member/transition.ts'
import { wakeAt } from '../../../src/core/member/woke.ts'
import { ready } from '../../../src/core/outbox/lifecycle.ts'
import type { Policy } from '../../../src/core/policy.ts'
import { DAY, HOUR, MINUTE, SECOND } from '../../../src/core/time.ts'
import { makePolicy } from '../../../src/config/protocol.ts'
import { builtInProtocol } from '../../../src/config/built-in-protocol.ts'

export const policy: Policy = makePolicy(builtInProtocol, {
  speed: 1,
  emergencyNumber: '999',
  retention: { sessions: DAY, incidents: 30 * DAY },
})

/** One thing that happens, as small numbers, so that a failing history shrinks to something a person can read. */
export type Step =
  | { do: 'say'; what: number; late: number }
  | { do: 'order'; what: number; late: number }
  | { do: 'pass'; minutes: number }
  | { do: 'wake' }
  | { do: 'send'; which: number; outcome: number }
  | { do: 'receipt'; which: number; status: number }
  | { do: 'crash' }
  | { do: 'replay' }

export const commands: Command[] = [
  { type: 'in' },
  { type: 'in', length: { kind: 'for', ms: 5 * MINUTE, unit: 'minutes' } },
  { type: 'in', words: 'the old mill' },
  { type: 'out' },
  { type: 'out', words: 'of petrol' },
  { type: 'ok' },
  { type: 'more' },
  { type: 'sos', words: 'by the bridge' },
  { type: 'help' },
  { type: 'no' },
  { type: 'yes' },
  { type: 'status' },
  { type: 'other' },
  { type: 'carrier', word: 'STOP' },
  { type: 'start', word: 'START' },
  { type: 'near-miss', meant: 'OUT' },
  { type: 'blank' },
  { type: 'menu' },
]

export const orders: MemberOrder[] = [
  { type: 'take' },
  { type: 'take', end: { after: 3 * HOUR } },
  { type: 'resolve', outcome: 'safe' },
  { type: 'resolve' },
  { type: 'say', words: 'are you there?' },
  { type: 'note', words: 'wears red' },
  { type: 'hand', to: '@ben' },
  { type: 'in' },
  { type: 'out' },
  { type: 'extend', until: { after: 30 * MINUTE } },
]

export const outcomes: Outcome[] = [
  { type: 'accepted', readers: 2 },
  { type: 'accepted', readers: 2 },
  { type: 'refused', trouble: 'http-503' },
  { type: 'unknown', trouble: 'timeout' },
  { type: 'dead', trouble: 'twilio-21610', why: 'opted-out' },
  { type: 'impossible', trouble: 'twilio-20003' },
]

const statuses = ['delivered', 'failed', 'sent', 'seen'] as const
const PHONE = { channel: 'sms', address: '+447700900001' } as const
const BY = { id: '@asha:example.org', name: 'Asha' }

/** A member's document in a world that can do to it whatever a world does. */
export class World {
  member: Member = newMember({
    id: 'm',
    name: 'Mo',
    language: 'en',
    addresses: [PHONE, { channel: 'telegram', address: '7' }],
    status: 'confirmed',
  })
  at = Date.parse('2026-11-17T11:00:00Z')
  events = 0
  epoch = 1
  last: MemberEvent | undefined
  private number = 0

  /** What each step did: the event and the states around it. */
  play(step: Step): { event: MemberEvent; before: Member; after: Member }[] {
    switch (step.do) {
      case 'pass':
        return this.pass(step.minutes * MINUTE)
      case 'wake':
        return [this.happens({ type: 'woke', at: this.at, fresh: this.fresh() })]
      case 'say':
        return [this.says(step)]
      case 'order':
        return [
          this.happens({
            type: 'ordered',
            at: this.at,
            saidAt: this.at - step.late * MINUTE,
            inboundId: `o${String(++this.events)}`,
            by: BY,
            order: orders[step.what % orders.length]!,
            fresh: this.fresh(),
          }),
        ]
      case 'send':
        return this.sends(step.which, outcomes[step.outcome % outcomes.length]!)
      case 'receipt':
        return this.receipts(step)
      case 'crash':
        this.epoch++
        return [this.happens({ type: 'recovered', at: this.at, epoch: this.epoch })]
      case 'replay':
        return this.last && 'inboundId' in this.last ? [this.happens(this.last)] : []
    }
  }

  /** Time passes as it does in the kernel: everything that is due on the way wakes the document. */
  private pass(by: number): { event: MemberEvent; before: Member; after: Member }[] {
    const until = this.at + by
    const done = []
    for (let wakes = 0; ; wakes++) {
      const next = wakeAt(this.member, policy)
      if (next === undefined || next > until) break
      this.at = Math.max(this.at, next)
      const one = this.happens({ type: 'woke', at: this.at, fresh: this.fresh() })
      done.push(one)
      if (one.before !== one.after) continue
      // What was woken and did not change must have had something for the drain, or it would be woken for nothing for ever.
      const sent = this.sends(0, { type: 'accepted', readers: 2 })
      if (sent.length === 0) throw new Error(`woken for nothing: ${JSON.stringify(this.member, undefined, 1)}`)
      done.push(...sent)
      if (wakes > 10_000) throw new Error('the document never comes to rest')
    }
    this.at = Math.max(this.at, until)
    return done
  }

  private says({ what, late }: { what: number; late: number }): { event: MemberEvent; before: Member; after: Member } {
    const command = commands[what % commands.length]!
    const saidAt = this.at - late * MINUTE
    const length =
      command.type === 'in' && command.length?.kind === 'for'
        ? { until: { after: command.length.ms, exact: false } }
        : {}
    return this.happens({
      type: 'said',
      at: this.at,
      inboundId: `s${String(++this.events)}`,
      via: PHONE,
      command,
      danger: false,
      words: command.type,
      saidAt,
      ...(late > 0 && { sentAt: saidAt }),
      ...length,
      watch: {},
      fresh: this.fresh(),
    })
  }

  private sends(which: number, outcome: Outcome): { event: MemberEvent; before: Member; after: Member }[] {
    const list = ready(this.member, this.at)
    const effect = list[which % Math.max(1, list.length)]
    if (!effect) return []
    const to = addressFor(this.member, effect)
    // As the drain does it: what has no live way to its reader is not sent.
    if (effect.recipient.to === 'member' && !to)
      return [
        this.happens({
          type: 'settled',
          at: this.at,
          effectId: effect.id,
          outcome: { type: 'impossible', trouble: 'no-live-address' },
        }),
      ]
    const claimed = this.happens({
      type: 'claimed',
      at: this.at,
      claim: { epoch: this.epoch, until: this.at + 40 * SECOND },
      effects: [{ id: effect.id, ...(to && { sentTo: to }) }],
    })
    return [claimed, this.happens({ type: 'settled', at: this.at, effectId: effect.id, outcome })]
  }

  private receipts({
    which,
    status,
  }: {
    which: number
    status: number
  }): { event: MemberEvent; before: Member; after: Member }[] {
    const sent = this.member.effects.filter((e: Effect) => e.recipient.to === 'member')
    const effect = sent[which % Math.max(1, sent.length)]
    return effect
      ? [
          this.happens({
            type: 'receipt',
            at: this.at,
            effectId: effect.id,
            status: statuses[status % statuses.length]!,
          }),
        ]
      : []
  }

  private fresh(): { sessionId: string; incidentId: string; incidentNumber: number } {
    this.number++
    return { sessionId: `s${String(this.number)}`, incidentId: `i${String(this.number)}`, incidentNumber: this.number }
  }

  private happens(event: MemberEvent): { event: MemberEvent; before: Member; after: Member } {
    const before = this.member
    const after = transition(before, event, policy)
    this.member = after === before ? after : { ...after, version: after.version + 1 }
    this.last = event
    return { event, before, after }
  }
}
