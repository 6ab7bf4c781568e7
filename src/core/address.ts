import type { Instant } from './time.ts'

/** How a member's phone is reached. `simulator` is a phone drawn on a web page. */
export type MemberChannel = 'sms' | 'telegram' | 'simulator'

/** Where a phone is: an E.164 number for `sms` and `simulator`, a chat id for `telegram`. */
export interface Address {
  channel: MemberChannel
  address: string
}

/** An address of a member, and whether messages still get there. */
export interface KnownAddress extends Address {
  /** Set when the carrier or the person cut the line. A dead address is not written to until the member revives it. */
  dead?: { since: Instant; why: DeadReason }
}

/**
 * Why an address is dead. After `opted-out` (STOP, Twilio 21610) only START or UNSTOP revives it, because the carrier blocks
 * us until then; after the others any word from the member does.
 */
export type DeadReason = 'opted-out' | 'blocked' | 'gone' | 'undeliverable'

export const sameAddress = (a: Address, b: Address): boolean => a.channel === b.channel && a.address === b.address

/** A human in the room: an admin. `id` is what the room knows (`@asha:example.org`), `name` what people are shown. */
export interface Person {
  id: string
  name: string
  /** What they may do; without one: whatever an admin may. */
  role?: Role
}

/** `owner` may do everything, `admin` everything but what destroys, `read-only` nothing but ask. From our own list, never from a server's. */
export type Role = 'owner' | 'admin' | 'read-only'
