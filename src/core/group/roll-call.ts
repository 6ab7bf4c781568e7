import type { Effect, EffectId, EffectState, Named, RollCall } from '../effect.ts'
import { isOpen } from '../effect.ts'
import { change, emit, find } from '../outbox/outbox.ts'
import type { Member } from '../member/member.ts'
import type { Text } from '../texts.ts'
import { clock, text } from '../texts.ts'
import type { Instant } from '../time.ts'
import { rangesOf } from '../ranges.ts'
import type { GroupDraft } from './nudges.ts'

/** Whom one message names: more do not fit on a screen or two of a phone, and a long range is taken in one go anyway. */
export const MOST_NAMED = 40
/** So many messages go at once where a homeserver allows ten (Synapse's default) and some have gone already; then one in five seconds. */
const AT_ONCE = 8
/** More would be cut in two by the largest size of an event, and nobody scrolls so far. */
const MOST_NAMED_IN_NEED = 120

/** Whom one message names when so many are to be named now: with hundreds, longer messages are better than late ones. */
export const namesInOne = (count: number): number =>
  Math.min(MOST_NAMED_IN_NEED, Math.max(MOST_NAMED, Math.ceil(count / AT_ONCE)))

/** What a roll-call says of a member, for the alert that was claimed for it; undefined if that has been taken back by now. */
export function namedBy(member: Member, alert: Effect): (Named & Pick<RollCall, 'blind'>) | undefined {
  const { incident, session, name } = member
  if (!incident || incident.id !== alert.incident || alert.withdrawn) return undefined
  const { number, blind } = incident
  const said = { number, name, due: clock(session?.dueAt ?? incident.raisedAt) }
  return {
    member: member.id,
    effect: alert.id,
    number,
    since: alert.createdAt,
    line:
      alert.body[0]?.key === 'room.open-again'
        ? text('line.roll-call.again', said)
        : session?.place === undefined
          ? text('line.roll-call', said)
          : text('line.roll-call.place', { ...said, place: session.place }),
    ...(blind && { blind }),
  }
}

/** One batched save assigns many alerts to a message; the message is the truth about whom it names. */
export function rollCalled(draft: GroupDraft, rollCall: RollCall): EffectId | undefined {
  const known = new Set(draft.state.effects.flatMap((e) => e.rollCall?.named.map((n) => n.effect) ?? []))
  const named = rollCall.named.filter((n) => !known.has(n.effect))
  if (named.length === 0) return undefined
  const id = emit(draft, {
    urgency: 'alert',
    purpose: 'roll-call',
    recipient: { to: 'room' },
    loud: true,
    body: bodyOf({ ...rollCall, named }),
  })
  change(draft, id, { rollCall: { ...rollCall, named } })
  return id
}

/** Before it goes out: these are over or taken by now. */
export function rollCallThinned(draft: GroupDraft, id: EffectId, gone: readonly EffectId[]): void {
  const effect = find(draft.state, id)
  if (!effect?.rollCall || !isOpen(effect)) return
  const named = effect.rollCall.named.filter((n) => !gone.includes(n.effect))
  const rollCall = { ...effect.rollCall, named }
  if (named.length > 0) change(draft, id, { rollCall, body: bodyOf(rollCall) })
  else forget(draft, id, 'cancelled')
}

/** All whom it named know how it went: who they were stands in their own documents now. */
export function rollCallTold(draft: GroupDraft, id: EffectId): void {
  const effect = find(draft.state, id)
  if (effect?.rollCall && !isOpen(effect)) forget(draft, id, effect.state)
}

function forget(draft: GroupDraft, id: EffectId, state: EffectState): void {
  draft.state.effects = draft.state.effects.map((e) => {
    if (e.id !== id) return e
    const { rollCall: _told, ...rest } = e
    return { ...rest, state, body: e.body.slice(0, 1) }
  })
}

function bodyOf({ isRepeat, untaken, blind, named }: RollCall): Text[] {
  const numbers = named.map((n) => n.number)
  // The newest of those that it names: each of them can be taken by the number that the message opens with.
  const number = Math.max(...numbers)
  const count = named.length
  const beside = untaken - count
  return [
    isRepeat ? text('room.roll-call.again', { number, count }) : text('room.roll-call', { number, count }),
    ...named.map((n) => n.line),
    ...(blind ? [text('line.texts-may-be-missing', { from: clock(blind.from), to: clock(blind.to) })] : []),
    ...(beside > 0 ? [text('line.roll-call.beside', { count: beside })] : []),
    count > 1 ? text('line.roll-call.take', { numbers: rangesOf(numbers) }) : text('line.take', { number }),
  ]
}

/** From the first moment of which texts may be missing to the last. */
export const widest = (
  all: readonly ({ from: Instant; to: Instant } | undefined)[],
): { from: Instant; to: Instant } | undefined =>
  all.reduce((a, b) => (a && b ? { from: Math.min(a.from, b.from), to: Math.max(a.to, b.to) } : (a ?? b)), undefined)
