import type { EffectId } from '../core/effect.ts'
import type { Alarms, Untaken } from '../core/group/bundles.ts'
import { untakenOf } from '../core/group/bundles.ts'
import type { Member } from '../core/member/member.ts'
import type { Outbox } from '../core/outbox/outbox.ts'

/** Kept up with every save. */
export interface AlarmsKept extends Alarms {
  saw: (member: Member) => void
  sawGroup: (group: Outbox) => void
  forget: (id: string) => void
}

/** `isOver`: an attempt at this message is over, and that could not be saved: it is not tried again before it can. */
export function createAlarms(isOver: (message: EffectId) => boolean = () => false): AlarmsKept {
  const all = new Map<string, Untaken>()
  const places = new Map<string, Map<string, Untaken>>()
  const called = new Map<string, Untaken>()
  let named: ReadonlyMap<EffectId, EffectId> = new Map()

  const forget = (id: string): void => {
    const before = all.get(id)
    if (!before) return
    all.delete(id)
    called.delete(id)
    const place = places.get(before.place)
    place?.delete(id)
    if (place?.size === 0) places.delete(before.place)
  }

  return {
    get: (member) => all.get(member),
    at: (place) => places.get(place)?.values() ?? [],
    called: () => called.values(),
    count: () => all.size,
    isNamed: (alert) => {
      const message = named.get(alert)
      return message !== undefined && !isOver(message)
    },
    saw: (member) => {
      forget(member.id)
      const untaken = untakenOf(member)
      if (!untaken) return
      all.set(member.id, untaken)
      const place = places.get(untaken.place) ?? new Map<string, Untaken>()
      places.set(untaken.place, place.set(member.id, untaken))
      if (untaken.called !== undefined) called.set(member.id, untaken)
    },
    sawGroup: ({ effects }) => {
      const open = effects.filter((e) => e.rollCall)
      if (open.length > 0 || named.size > 0)
        named = new Map(open.flatMap((e) => e.rollCall?.named.map((n) => [n.effect, e.id] as const) ?? []))
    },
    forget,
  }
}
