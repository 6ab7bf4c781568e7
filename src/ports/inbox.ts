import type { Address, Person } from '../core/address.ts'
import type { EffectId } from '../core/effect.ts'
import type { Duration, Instant } from '../core/time.ts'
import { HOUR } from '../core/time.ts'

/** What came with a message besides its words. Content is fetched later, by reference. */
export interface Attachment {
  kind: 'location' | 'photo' | 'voice' | 'video' | 'sticker' | 'document' | 'contact' | 'other'
  /** For a location: WGS 84 degrees. */
  latitude?: number
  longitude?: number
  /** The provider's reference (a media URL, a file id). */
  reference?: string
  /** What comes with it in the sender's app (a venue's name, a contact's number, a sticker's emoji): shown, never read as a command. */
  label?: string
}

/** What happened outside, as plain JSON. */
export type Heard =
  /** A phone wrote, or pressed a button (then `text` is what the button says). */
  | {
      type: 'message'
      from: Address
      text: string
      attachment?: Attachment
      sentAt?: Instant
      displayName?: string
      edited?: boolean
      button?: boolean
    }
  /** `/start TOKEN`: a person opened their invitation link. */
  | { type: 'link'; from: Address; token: string; displayName?: string }
  /** Somebody wrote in the room. `by` was authenticated by the room's adapter. */
  | { type: 'order'; by: Person; text: string; replyTo?: number | string; button?: boolean }
  /** The provider tells how a message of ours went. */
  | {
      type: 'receipt'
      effectId?: EffectId
      providerId?: string
      status: 'accepted' | 'sent' | 'delivered' | 'seen' | 'failed'
      trouble?: string
      dead?: 'opted-out' | 'blocked' | 'gone' | 'undeliverable'
    }
  /** The person blocked or left us without a word. */
  | { type: 'line-cut'; from: Address; why: 'blocked' | 'gone' }
  /** A chat moved to another address. */
  | { type: 'moved'; from: Address; to: Address }

export interface InboxItem {
  /** The provider's id with its channel, e.g. `sms:SM…`, `telegram:4711`: what makes a redelivery a duplicate. */
  id: string
  /** Items of one sender are applied in order. */
  sender: string
  /** When it was put, by the kernel's clock. */
  receivedAt: Instant
  heard: Heard
  /** How often applying it failed. */
  failures?: number
}

/** The sender of what comes from an address: in its line an order about its owner has its place. */
export const senderAt = ({ channel, address }: Address): string => `${channel}:${address}`

/** How long the id of an item that is done is known. Reading back from a provider never reaches further (design/engine.md). */
export const REMEMBERED: Duration = 72 * HOUR

/** A durable queue. What `put` has answered will be applied, whatever happens to the process. */
export interface Inbox {
  /** Resolves when the item is durable (fsynced, or majority-acknowledged); `duplicate` if the id was seen within 72 h. Throws `StoreError`. */
  put: (item: InboxItem) => Promise<'stored' | 'duplicate'>
  /** What is not done yet, oldest first. What is `known` need not be read again. */
  pending: (known?: (id: string) => InboxItem | undefined) => Promise<InboxItem[]>
  /** The item was applied, durably. */
  done: (id: string) => Promise<void>
  /** Counts a failed attempt to apply it, durably, and returns the new count. */
  failed: (id: string) => Promise<number>
}
