import type { Range } from '../ranges.ts'
import type { Duration } from '../time.ts'
import type { Length } from './command.ts'

/** What an admin may change about a member. */
export type MemberField = 'name' | 'notes' | 'quiet' | 'language' | 'duration' | 'number'

/** How a take ends: after a length, or at a time of day. */
export type TakeEnd = Length

/** What a line in the room asks for. Only a line that parses completely is an order; everything else is talk among admins. */
export type Order =
  | { type: 'help'; about?: string }
  /** `number` is E.164. Without a number: by a personal Telegram link. */
  | {
      type: 'invite'
      via: { channel: 'sms'; number: string } | { channel: 'telegram' }
      name: string
      language?: string
    }
  | { type: 'members' }
  | { type: 'member'; member: string }
  | { type: 'edit'; member: string; field: MemberField; value: string }
  /** Without a number: the one incident that is open. `incidents`: all that are open among these. `member`: theirs. */
  | { type: 'take'; incident?: number; incidents?: Range[]; member?: string; end?: TakeEnd }
  | { type: 'hand'; incident: number; to: string }
  | { type: 'resolve'; incident?: number; outcome?: string }
  | { type: 'say'; incident: number; words: string }
  | { type: 'note'; incident: number; words: string }
  | { type: 'in'; member: string; length?: Length }
  | { type: 'out'; member: string }
  | { type: 'extend'; member: string; length: Length }
  | { type: 'board' }
  /** The room's own people: whose keys count. `who` as written, folded. */
  | { type: 'repin' | 'lock' | 'unlock'; who: string }
  /** The room was replaced, and an owner says that it is true. */
  | { type: 'follow' }
  | { type: 'doctor' }
  /** It begins like an order and could not be followed: answered with a hint, changes nothing. */
  | {
      type: 'unclear'
      word: string
      why: 'usage' | 'nobody' | 'ambiguous' | 'bad-number'
      given?: string
      candidates?: string[]
    }
  /** Talk. `meant` when it looks like an answer to a member ("@Mo are you ok?"): one hint. */
  | { type: 'talk' }

/** Names a person may use in an order. */
export interface Names {
  /** Members by id. */
  members: readonly { id: string; name: string }[]
  /** Reads a phone number in the group's region, into E.164; undefined when it cannot be one. */
  number: (given: string) => string | undefined
  /** Language codes that there are texts in. */
  languages: readonly string[]
}

export const LONGEST_NAME = 40
/** Notes are shown in every alert; longer ones would bury what to do. */
export const LONGEST_NOTE = 500

export type { Duration }
