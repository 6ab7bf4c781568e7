import type { Address, MemberChannel } from './address.ts'
import type { Text } from './texts.ts'
import type { Duration, Instant } from './time.ts'

/** `document:version:n`. Chosen when the effect is decided, so it survives a crash and is the idempotency key outside. */
export type EffectId = string

/**
 * What an effect is worth: the drain sends in this order, and after a crash that leaves an effect in doubt everything but a
 * `notice` is sent again (an alarm twice beats none; a pleasantry twice is noise).
 */
export type Urgency = 'alert' | 'prompt' | 'answer' | 'notice'

export const urgencies: readonly Urgency[] = ['alert', 'prompt', 'answer', 'notice']

/** A button, or the answer of a poll. Pressing it is the same as writing `says`. */
export interface Choice {
  label: Text
  says: string
}

/** Who an effect is for. `group` is the group's own document: no message leaves the house. */
export type Recipient =
  | { to: 'room' }
  /** The member, by the live address they prefer; `only` pins it to one address (an invitation, an answer there). */
  | { to: 'member'; only?: Address }
  /** Somebody on duty, on their own phone, without content. */
  | { to: 'person'; person: string; address: Address }
  | { to: 'group'; event: Handover }

/** What a member's document asks of the group's document. Applied once for each effect id. */
export type Handover =
  | {
      type: 'nudge-asked'
      incident: string
      whom: 'first' | 'next' | 'everyone' | 'holder'
      holder?: string
      reason: 'untaken' | 'room-down' | 'take-ends'
    }
  | { type: 'incident-ended'; incident: string; number: number }
  /** So that the room can be told whose record was damaged. */
  | { type: 'named'; member: string; name: string }

/**
 * pending → claimed → accepted → delivered | seen, or failed, unknown, cancelled. `unknown`: a kernel died between claim and
 * settlement, so it may or may not have gone out; the channel is asked, then it is sent again or given up.
 */
export type EffectState = 'pending' | 'claimed' | 'accepted' | 'delivered' | 'seen' | 'failed' | 'unknown' | 'cancelled'

/** One thing to be done in the world, decided by a transition and kept in its document until it is settled. */
export interface Effect {
  id: EffectId
  urgency: Urgency
  recipient: Recipient
  /** What it is about, so that later decisions can find it (cancel the reminders, wait for the first alert). */
  purpose: string
  /** The incident it tells of, by its id. */
  incident?: string
  /** Lines, rendered at the last hop in the reader's language. */
  body: Text[]
  choices?: Choice[]
  /** It brings this file; `body` is said instead if that cannot be had. */
  media?: Media
  /** Whoever is in the room and must be woken by it. Alerts wake everybody. */
  loud?: boolean
  state: EffectState
  createdAt: Instant
  /** After this it is not worth sending: it fails instead. Alerts have none while their incident is open. */
  expiresAt?: Instant
  /** Not tried before this moment (backoff, Retry-After). */
  notBefore: Instant
  attempts: number
  /** The effects that must be settled first. */
  after?: EffectId[]
  /** It takes back what `after` said: cancelled if nobody can have heard any of them. */
  onlyIfHeard?: boolean
  claim?: Claim
  /** Where it was last sent. */
  sentTo?: Address
  /** What the provider calls it, once known. */
  providerId?: string
  acceptedAt?: Instant
  /** For how many readers a server accepted it. */
  readers?: number
  /** Taken back while an attempt was under way, or after it: that attempt is the last. */
  withdrawn?: boolean
  /**
   * Nobody knows whether it was heard: the term of office of the first attempt that may have arrived. It stays when the effect is then given up. Of one that
   * is `unknown` it is the claim's, at the latest.
   */
  doubtSince?: number | undefined
  /** Addresses that refused it for good; the next live one is tried. */
  avoid?: Address[]
  /** It says the alerts of these members' documents, in place of single ones. */
  rollCall?: RollCall
  /** The last refusal, as a short code for operators: never text or numbers of people. */
  trouble?: string
}

/** A photo, a voice note or another file, as its provider calls it. The bytes are nowhere in our documents. */
export interface Media {
  via: MemberChannel
  reference: string
  /** `photo`, `voice` … */
  kind: string
}

/** Who is sending it: a kernel's term of office and until when the attempt may last. */
export interface Claim {
  epoch: number
  until: Instant
}

/** States in which an effect still wants work. */
export const isOpen = (e: Effect): boolean => e.state === 'pending' || e.state === 'claimed' || e.state === 'unknown'

/** States that prove that a server took it for its readers. */
export const wasAccepted = (e: Effect): boolean =>
  e.state === 'accepted' || e.state === 'delivered' || e.state === 'seen'

/** The term of the first attempt that may have arrived, if its last one may. */
export const attemptedSince = (e: Effect): number => e.doubtSince ?? e.claim?.epoch ?? 0

/** The same of any effect; undefined if none of its attempts is in doubt. */
export const doubtOf = (e: Effect): number | undefined => (e.state === 'unknown' ? attemptedSince(e) : e.doubtSince)

/** An attempt at it may have arrived. */
export const isInDoubt = (e: Effect): boolean => doubtOf(e) !== undefined

/** It left, or it may have: somebody may have heard it. */
export const mayBeHeard = (e: Effect): boolean => wasAccepted(e) || e.state === 'claimed' || isInDoubt(e)

/** A message of a roll-call: whom it names. Kept until every one of them has been told how it went. */
export interface RollCall {
  /** Those named were named before: it says who is left. */
  isRepeat: boolean
  /** How many nobody has, in this message and beside it. */
  untaken: number
  /** Nobody read texts from–to while one of them was out. */
  blind?: { from: Instant; to: Instant }
  named: Named[]
}

/** Somebody in a roll-call, and the alert of theirs that it stands for. */
export interface Named {
  member: string
  effect: EffectId
  number: number
  /** When that alert was decided. */
  since: Instant
  line: Text
}

/** How an attempt ended. `until` bounds how long a refused effect waits before its next attempt. */
export type Outcome =
  | { type: 'accepted'; providerId?: string; readers: number }
  /** Not now: wait at least `wait` (Retry-After), else back off. */
  | ({ type: 'refused'; trouble: string; wait?: Duration } & Asked)
  /** Never at this address. */
  | ({ type: 'dead'; trouble: string; why: 'opted-out' | 'blocked' | 'gone' | 'undeliverable' } & Asked)
  /** Never, but the address is not to blame (a setting is wrong, the text is refused). */
  | ({ type: 'impossible'; trouble: string } & Asked)
  /** Nobody can say whether it went out. */
  | { type: 'unknown'; trouble: string }

/** `notThere`: the provider was asked before, and has nothing of an earlier attempt. */
interface Asked {
  notThere?: boolean
}
