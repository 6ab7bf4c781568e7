import type { MemberChannel } from '../core/address.ts'
import type { Effect, Outcome } from '../core/effect.ts'
import { SECOND } from '../core/time.ts'
import type { Clock } from '../ports/clock.ts'
import type { Metrics } from '../ports/log.ts'

/** Counts an attempt. An alarm that arrived was so late, whether it was said by itself or in a roll-call. */
export type Measure = (effect: Effect, outcome: Outcome, way: MemberChannel | 'room') => void

export const createMeasure =
  (metrics: Metrics, clock: Clock): Measure =>
  (effect, outcome, channel) => {
    metrics.count('imok_effects_total', { state: outcome.type, channel })
    if (outcome.type !== 'accepted') return
    const single = effect.purpose === 'alert' ? [effect.createdAt] : []
    for (const since of effect.rollCall?.named.map((n) => n.since) ?? single)
      metrics.observe('imok_alarm_lateness_seconds', (clock.now() - since) / clock.speed / SECOND)
  }
