import type { Duration } from '../time.ts'

/** How long, as a person writes it: a length, or a time of day. */
export type Length =
  { kind: 'for'; ms: Duration; unit: 'seconds' | 'minutes' } | { kind: 'until'; hour: number; minute: number }

/**
 * What a member's text asks for. `words` is what stands behind the command word and is neither a length, a time nor a known place:
 * after IN and SOS it is passed on, after OUT, OK and MORE it stops the command from acting.
 */
export type Command =
  | { type: 'yes' }
  | { type: 'in'; length?: Length; place?: string; words?: string }
  | { type: 'more'; length?: Length; words?: string }
  | { type: 'out'; words?: string }
  | { type: 'ok'; words?: string }
  | { type: 'sos'; words?: string }
  /** SOS while a session or an incident is open, MENU otherwise. */
  | { type: 'help'; words?: string }
  /** SOS after a prompt; otherwise passed on. */
  | { type: 'no'; words?: string }
  | { type: 'status' }
  | { type: 'name'; name?: string }
  | { type: 'menu' }
  /** START: accepts an invitation, and revives an SMS line that STOP had cut. UNSTOP only revives. */
  | { type: 'start'; word: 'START' | 'UNSTOP' }
  /** A word that the carrier acts on (STOP and kin): the SMS line to this member is dead now. */
  | { type: 'carrier'; word: string }
  /** Almost a command: asked, never done. */
  | { type: 'near-miss'; meant: 'IN' | 'OUT' | 'OK' | 'MORE' | 'YES' | 'STATUS' }
  /** Nothing but white space, or nothing at all. */
  | { type: 'blank' }
  | { type: 'other' }

/** A text, understood. */
export interface Parsed {
  command: Command
  /** It holds a word of danger ("knife", "help me", "police took"): whatever else it does, the room hears it loudly. */
  danger: boolean
}
