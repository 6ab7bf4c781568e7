import type { EffectId, Handover, RollCall, Urgency } from '../effect.ts'
import type { OutboxEvent } from '../outbox/event.ts'
import type { Text } from '../texts.ts'
import type { Instant } from '../time.ts'

/** Something happened that concerns everybody. */
export type GroupEvent =
  /** A member's document asks for something; `effectId` makes a replay a no-op. */
  | { type: 'handed'; at: Instant; effectId: EffectId; event: Handover }
  /** Somebody wrote whom nobody knows. */
  | { type: 'stranger-said'; at: Instant; inboundId: string; from: string; words: string; danger: boolean }
  /** An order that concerns no member's document was answered. */
  | { type: 'answered'; at: Instant; inboundId: string; body: Text[]; urgency?: Urgency }
  /** The kernel has something to say to the room. `once`: not again under this name within the hour. */
  | { type: 'announced'; at: Instant; id: string; once?: string; body: Text[]; loud: boolean }
  | { type: 'link-made'; at: Instant; token: string; memberId: string; expiresAt: Instant }
  | { type: 'link-used'; at: Instant; token: string }
  | { type: 'version-ran'; at: Instant; version: string }
  | { type: 'woke'; at: Instant }
  /** Alerts of members, claimed for it, are to be said in one message. */
  | { type: 'roll-called'; at: Instant; rollCall: RollCall }
  /** That message is about to go out, and these need not be named any more. */
  | { type: 'roll-call-thinned'; at: Instant; effectId: EffectId; gone: EffectId[] }
  /** That message is settled, and so are the alerts that it stood for. */
  | { type: 'roll-call-told'; at: Instant; effectId: EffectId }
  | OutboxEvent
