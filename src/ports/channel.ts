import type { Address, DeadReason, MemberChannel, Person } from '../core/address.ts'
import type { EffectId, Media, Urgency } from '../core/effect.ts'
import type { Duration, Instant } from '../core/time.ts'

/** A message as it leaves: text is rendered, nothing is left to decide. */
export interface Outgoing {
  /** The idempotency key where the provider takes one, and part of the status callback's address where it does not. */
  id: EffectId
  to: Address
  text: string
  /** Buttons, where the channel has them; others leave them out (the text says what to write). */
  choices: { label: string; says: string }[]
  urgency: Urgency
  /** How long the text is worth reading, in real milliseconds. */
  validity: Duration
  /** When it was first tried: how far back a look for an earlier attempt must reach. */
  since: Instant
}

export interface Accepted {
  /** What the provider calls it. */
  providerId?: string
}

/** Why a send did not work. Only the drain decides what follows. */
export class SendError extends Error {
  readonly kind: 'refused' | 'dead' | 'impossible' | 'unknown'
  /** A short code for operators (`twilio-21610`, `http-503`, `timeout`): no number, no name, no text. */
  readonly trouble: string
  /** For `refused`: the provider asked for this pause (real milliseconds). */
  readonly wait?: Duration
  /** For `dead`. */
  readonly why?: DeadReason
  constructor(kind: SendError['kind'], trouble: string, more: { wait?: Duration; why?: DeadReason } = {}) {
    super(`${kind}: ${trouble}`)
    this.name = 'SendError'
    this.kind = kind
    this.trouble = trouble
    if (more.wait !== undefined) this.wait = more.wait
    if (more.why !== undefined) this.why = more.why
  }
}

/**
 * A way to phones. It verifies, parses, sends and classifies; it never sees a session.
 * Everything it hears goes into the inbox before it is acknowledged.
 */
export interface Channel {
  readonly name: MemberChannel
  /** Sends once, with a time limit of its own. Throws `SendError`. */
  send: (message: Outgoing) => Promise<Accepted>
  /**
   * Looks for what an earlier kernel may have sent: its acceptance, `undefined` if it certainly never arrived. Absent where the provider
   * recognises the id by itself (sending again is then harmless) and where it cannot be asked (`doubt` tells which). `others`: what the
   * provider calls messages of ours that are known to be others; one of them may say the same.
   */
  find?: (message: Outgoing, others?: ReadonlySet<string>) => Promise<Accepted | undefined>
  /** How a doubtful send is cleared: send again under the same id, look for it first, or nobody can tell. */
  readonly doubt: 'same-id' | 'find' | 'cannot-tell'
  /** Puts into the inbox what arrived since, read from the provider. Throws when the provider cannot be read. */
  readBack?: (since: Instant) => Promise<void>
  /** Hears only what is pushed to it: what a dead webhook lost is read back before a deadline. */
  readonly byWebhook?: boolean
  /** Begins listening; resolves as soon as it does, keeps itself alive afterwards. */
  start?: () => Promise<void>
  stop?: () => Promise<void>
  /** A file that a member sent. Throws `MediaError`. */
  fetch?: (reference: string, most: number) => Promise<Uint8Array>
  /** For operators and the heartbeat: undefined when well, else one short reason without private data. */
  trouble?: () => string | undefined
}

/** A message for the room. */
export interface RoomMessage extends Omit<Outgoing, 'to'> {
  /** Wake everybody. */
  loud: boolean
  /** What it is about, as the effect has it. */
  purpose: string
  /** The incident it tells of, by its id. */
  incident?: string
  /** A file to show; `text` is said instead where that cannot be. */
  media?: Media
}

/** Something about the room that can be well or not; only if not, what to do is said with it. */
export type RoomCheck = {
  of: 'encryption' | 'history' | 'power' | 'strangers' | 'readers'
  ok: boolean
  who?: string[]
}

/** Who may read and give orders in an encrypted room. Their ids come from our own list. */
export interface RoomPeople {
  /** Whom `@asha`, `@asha:example.org` or `asha` means. */
  find: (who: string) => Person[]
  /** The keys that the server shows for them now are theirs, says `by`. `unchanged`: they counted already. */
  repin: (id: string, by: Person) => Promise<'done' | 'unchanged' | 'no-keys'>
  /** Nothing of theirs is obeyed and nothing is sent to them, until it is undone. */
  lock: (id: string, by: Person) => Promise<'done' | 'unchanged'>
  unlock: (id: string, by: Person) => Promise<'done' | 'unchanged'>
  /** Goes to the room that replaces this one, if it is encrypted and lets us in. Throws when it cannot be asked. */
  follow: () => Promise<Followed>
  checks: () => Promise<RoomCheck[]>
}

/** Whether the room that replaces the present one is ours now; `where`: its id, '' if there is none. */
export interface Followed {
  outcome: 'done' | 'not-replaced' | 'not-invited' | 'not-encrypted'
  where: string
}

/** The admins' room. One message for each effect id, however often it is sent. */
export interface Room {
  /** Resolves with the number of readers for whom a server accepted it. Throws `SendError`. */
  send: (message: RoomMessage) => Promise<Accepted & { readers: number }>
  /**
   * What another kernel of ours said under this id; undefined if it said nothing, as far as is to be seen within a few seconds. Absent where
   * saying it again under the same id is harmless.
   */
  find?: (message: RoomMessage) => Promise<(Accepted & { readers: number }) | undefined>
  /** Listens while another kernel acts: what is heard goes into the inbox, and nothing is said. `start` ends it. */
  standBy?: () => Promise<void>
  /** Shows the board; edits in place, never sounds. */
  showBoard: (text: string) => Promise<void>
  /** How many people can read it now; 0 when it cannot be reached. */
  readers: () => number
  /** What was said in it and not heard is in the inbox when it resolves. Throws when the room cannot be read. */
  readBack?: () => Promise<void>
  /** Begins listening; resolves as soon as it does, keeps itself alive afterwards. */
  start?: () => Promise<void>
  stop?: () => Promise<void>
  /** For operators: undefined when well, else one short reason without private data. */
  trouble?: () => string | undefined
  /** Absent where there is nobody to tell apart (the simulator), and while the room is not reached. */
  people?: () => RoomPeople | undefined
}
