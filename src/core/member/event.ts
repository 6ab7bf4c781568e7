import type { Address, DeadReason, Person } from '../address.ts'
import type { Command } from '../commands/command.ts'
import type { MemberField } from '../commands/order.ts'
import type { Claim } from '../effect.ts'
import type { Climb } from '../ladder.ts'
import type { OutboxEvent } from '../outbox/event.ts'
import type { Duration, Instant } from '../time.ts'

/** A time of day, resolved in the group's zone: the coming one, or one that has just passed (then it is asked back). */
export type Until = { at: Instant } | { passed: Instant }

/** What a transition may need and must not make itself. Used or not, they come with every event that can raise or open something. */
export interface Fresh {
  sessionId: string
  incidentId: string
  /** The number that the next incident of the group gets. */
  incidentNumber: number
}

/** How the watch stands, as far as a reply must say it. */
export interface Watch {
  /** `no-room`: only the simulated room exists beside real phones; `nobody-on-duty`: nobody's own phone would be nudged. */
  trouble?: 'no-room' | 'nobody-on-duty'
}

/** What an admin asked for, with the times resolved. */
export type MemberOrder =
  /** `isListed`: one of several that are taken together; one message says so for all. */
  | { type: 'take'; end?: Until | { after: Duration }; isListed?: true }
  | { type: 'hand'; to: string }
  | { type: 'resolve'; outcome?: string }
  | { type: 'say'; words: string }
  | { type: 'note'; words: string }
  | { type: 'in'; until?: Until | { after: Duration } }
  | { type: 'out' }
  | { type: 'extend'; until: Until | { after: Duration } }
  | { type: 'edit'; field: MemberField; value: string; duration?: Duration; address?: Address }

/** Something happened that concerns one member. Past tense; `at` is the kernel's clock. */
export type MemberEvent =
  | { type: 'invited'; at: Instant; inboundId: string; by: Person; via: Address; group: string }
  /** A member who comes by link: their first address. */
  | { type: 'linked'; at: Instant; inboundId: string; via: Address }
  | {
      type: 'said'
      at: Instant
      inboundId: string
      via: Address
      command: Command
      danger: boolean
      /** As written. */
      words: string
      attachment?: {
        kind: string
        latitude?: number
        longitude?: number
        label?: string
        reference?: string
        /** A place that is shared live is here now. */
        isMoved?: true
      }
      /** The length in the command, resolved. */
      until?: Until | { after: Duration; exact: boolean }
      /** When it was said, as well as we know: `sentAt`, else when it reached us. Never in the future. */
      saidAt: Instant
      /** When the provider says it was sent. */
      sentAt?: Instant
      watch: Watch
      fresh: Fresh
    }
  | {
      type: 'ordered'
      at: Instant
      inboundId: string
      by: Person
      order: MemberOrder
      /** When it reached us. Never in the future. */
      saidAt: Instant
      fresh: Fresh
    }
  | { type: 'line-cut'; at: Instant; inboundId: string; via: Address; why: DeadReason }
  | { type: 'moved'; at: Instant; inboundId: string; from: Address; to: Address }
  /**
   * Time passed: whatever is due by `at` is due. `blind`: nobody was watching then, so texts may be missing. `isHeard`: the room has the alert that the
   * member waits for, although that is not saved.
   */
  | { type: 'woke'; at: Instant; blind?: { from: Instant; to: Instant }; isHeard?: boolean; fresh: Fresh }
  /** Nobody watched for long, or a backup was put back: what they said since may be lost, so they are asked. */
  | { type: 'asked'; at: Instant; blind: { from: Instant; to: Instant } }
  /** A roll-call is about to name them: their alert is claimed for it. `climb`: where the roll-call stands on the ladder. */
  | { type: 'called'; at: Instant; claim: Claim; climb: Climb }
  | OutboxEvent

/** A member's text, or a button they pressed. */
export type Said = Extract<MemberEvent, { type: 'said' }>
export type Ordered = Extract<MemberEvent, { type: 'ordered' }>
