import type { KnownAddress, MemberChannel, Person } from '../address.ts'
import type { EffectId } from '../effect.ts'
import type { Climb } from '../ladder.ts'
import type { Outbox } from '../outbox/outbox.ts'
import type { Duration, Instant } from '../time.ts'

/** A person who is watched over. Everything about them is in this one document, and one save changes it. */
export interface Member extends Outbox {
  name: string
  /** A code of `locales/`, for what they read and may write. */
  language: string
  /** For the admins: shown in every alert. */
  notes: string
  status: 'invited' | 'confirmed'
  /** The phone they last used comes first: it is written to first. */
  addresses: KnownAddress[]
  settings: { quiet: boolean; duration?: Duration }
  session?: Session
  /** The one open incident. */
  incident?: Incident
  /** Closed incidents, newest last, until their retention is over. */
  past: PastIncident[]
  /** How the last timed sessions ended, newest last, at most 8: "forgot 3 of the last 8". */
  outcomes: ('on-time' | 'forgot')[]
  lastHeard?: { at: Instant; via: MemberChannel }
  /** When they last said OUT: a visit that was over by then raises no alarm, however late its IN comes. */
  outAt?: Instant
  /** Where they last said they were. */
  /** `saidAt`: when the room was last told of one. */
  location?: { at: Instant; latitude: number; longitude: number; saidAt?: Instant }
  /** We asked them something: until then NO means danger and YES means OK. */
  promptedUntil?: Instant
}

export interface Session {
  id: string
  kind: 'timed'
  openedAt: Instant
  /** When IN was last said (`saidFor`): what a provider dates earlier belongs to an earlier visit. */
  saidAt?: Instant
  /** The alarm comes then. The truth; every timer is only an alarm clock for it. */
  dueAt: Instant
  place?: string
  /** When each reminder is due; the ones that were sent are gone from the list. */
  reminders: Instant[]
  /** Reminders sent, for the alert: "2 delivered, the last at 11:09". */
  reminded: EffectId[]
  /** When they were last asked whether they are still out, because nobody had watched. */
  askedAt?: Instant
  /** The deadline has passed and was acted upon. */
  missed?: boolean
}

export type IncidentKind = 'overdue' | 'sos'

/** An alarm that is not over. It climbs until a human takes it and closes only by the table of closings. */
export interface Incident {
  id: string
  /** For people: #7. */
  number: number
  kind: IncidentKind
  raisedAt: Instant
  climb: Climb
  taken?: Take
  /** The holder asked this person to take over. */
  offeredTo?: string
  /** What the member wrote with it. */
  words?: string
  /** When we heard of those. */
  wordsAt?: Instant
  /** When the last SOS was said. */
  sosAt?: Instant
  notes: { at: Instant; by: string; words: string }[]
  /** Texts may be missing: nobody read them from–to. */
  blind?: { from: Instant; to: Instant }
  /** The member is owed an answer that says whether the alert was sent. */
  answer?: { alert: EffectId; by: Instant; said?: 'trying' }
  /** SOS: tell the member when nobody has taken it by then. */
  tellUntakenAt?: Instant
  /** The room has not accepted an alert by then: nudge people around it. */
  roomDownAt?: Instant
  /** It fell back: a take of it ran out. */
  again?: true
  /** It is in a roll-call: the alert of ours that the last message with its name stands for. */
  called?: EffectId
  /** The member has been told that people were alerted. */
  toldAt?: Instant
}

export interface Take {
  by: Person
  at: Instant
  until: Instant
  /** The holder is asked then; absent once asked. */
  askAt?: Instant
}

export interface PastIncident {
  id: string
  number: number
  kind: IncidentKind
  raisedAt: Instant
  closedAt: Instant
  by: string
  outcome: string
}

export const newMember = (it: {
  id: string
  name: string
  language: string
  addresses: KnownAddress[]
  status: Member['status']
}): Member => ({
  ...it,
  version: 0,
  serial: 0,
  effects: [],
  applied: [],
  notes: '',
  settings: { quiet: false },
  past: [],
  outcomes: [],
})

/** Written by the person who is out, or about them: the watch over them is on. */
export const isOut = (member: Member): boolean => member.session !== undefined || member.incident !== undefined
