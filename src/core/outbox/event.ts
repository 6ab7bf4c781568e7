import type { Address, DeadReason } from '../address.ts'
import type { Claim, EffectId, Outcome } from '../effect.ts'
import type { Instant } from '../time.ts'

/** What happens to the effects of any document on their way out. */
export type OutboxEvent =
  /** A new term of office began: claims of earlier ones are dead. */
  | { type: 'recovered'; at: Instant; epoch: number }
  /** They are about to be sent. */
  | { type: 'claimed'; at: Instant; claim: Claim; effects: { id: EffectId; sentTo?: Address }[] }
  /** An attempt ended. */
  | { type: 'settled'; at: Instant; effectId: EffectId; outcome: Outcome }
  /** The provider told what became of one. */
  | {
      type: 'receipt'
      at: Instant
      effectId?: EffectId
      providerId?: string
      status: 'accepted' | 'sent' | 'delivered' | 'seen' | 'failed'
      trouble?: string
      dead?: DeadReason
    }
