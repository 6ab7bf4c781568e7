import type { Address } from '../address.ts'
import type { Outbox } from '../outbox/outbox.ts'
import type { Waits } from '../policy.ts'
import type { Instant } from '../time.ts'

/** What belongs to all: the incident counter, who was nudged, what the room was told. */
export interface Group extends Outbox {
  /** The highest incident number given out. */
  incidentCounter: number
  /** Who was nudged lately and for which incidents; kept until those are over. */
  nudged: Nudged[]
  /** Unverified messages shown within the last hour, for the caps. */
  strangers: { from: string; at: Instant; shown: boolean }[]
  /** When each recurring notice was last said: the same one is not said twice within an hour. */
  notices: Record<string, Instant>
  /** Personal Telegram links that are out: token to member. */
  links: { token: string; memberId: string; expiresAt: Instant }[]
  /** Names by member id: all that is left of a record that cannot be read. */
  names: Record<string, string>
  /** The version of imok that last ran. */
  ranVersion?: string
}

/** One for each person: an alarm that nobody takes for days would fill the record. */
export interface Nudged {
  person: string
  /** What they were called for and is not over. */
  incidents: string[]
  at: Instant
  /** The latest nudge. */
  effectId: string
  /** An earlier one that they may have heard. */
  earlier?: string
  /** Index into the person's addresses of the one used last. */
  used: number
}

/** Somebody whose own phone is nudged when the room does not answer (IMOK_DUTY), in the order in which they are tried. */
export interface DutyPerson {
  id: string
  addresses: Address[]
}

export interface GroupPolicy {
  duty: DutyPerson[]
  waits: Waits
}

/** `serial`: from where effects are counted. */
export const newGroup = (id: string, serial = 0): Group => ({
  id,
  version: 0,
  serial,
  effects: [],
  applied: [],
  incidentCounter: 0,
  nudged: [],
  strangers: [],
  notices: {},
  links: [],
  names: {},
})
