import type { RoomTexts } from './room-texts.ts'
import type { Duration, Instant } from './time.ts'

/** A value in a text: a moment is shown as the group's wall clock, a length as people say it, a text as its words. */
export type Param = string | number | { clock: Instant } | { length: Duration } | Text

/** A line for people: which text, and with what. It becomes words at the last hop, in the reader's language. */
export interface Text {
  key: TextKey
  params: Record<string, Param>
}

export type Clock = { clock: Instant }
export type Length = { length: Duration }
// eslint-disable-next-line @typescript-eslint/no-generated-empty-object-type -- a text with nothing to fill in: empty is meant
export type None = Record<never, never>

/** Every text that core can say, with what must be filled in. `locales/<lng>/bot.json` has a line for each. */
export interface Texts extends RoomTexts {
  // --- to a member's phone ---
  'phone.in': { at: Clock; due: Clock }
  'phone.in.nobody-on-duty': { at: Clock; due: Clock }
  'phone.in.nobody-watching': { at: Clock; due: Clock }
  'phone.in.passed': { at: Clock; asked: Clock; due: Clock }
  'phone.in.capped': { at: Clock; due: Clock; longest: Length }
  'phone.in.by-admin': { at: Clock; due: Clock }
  'phone.more': { at: Clock; due: Clock }
  'phone.more.at-cap': { due: Clock; longest: Length }
  'phone.more.not-out': { at: Clock }
  'phone.asked': { from: Clock; to: Clock; due: Clock }
  'phone.reminder': { at: Clock; due: Clock }
  'phone.overdue': { at: Clock; due: Clock }
  'phone.overdue.trying': { at: Clock; due: Clock }
  'phone.overdue.still': { at: Clock; due: Clock }
  'phone.sos': { at: Clock; count: number; emergency: string }
  'phone.sos.held': { at: Clock; count: number }
  'phone.sos.trying': { at: Clock; emergency: string }
  'phone.sos.untaken': { at: Clock; emergency: string }
  'phone.sos.still': { at: Clock }
  'phone.taken': { at: Clock }
  'phone.take-lapsed': { at: Clock }
  'phone.resolved': { at: Clock }
  'phone.resolved.still-out': { at: Clock; due: Clock }
  'phone.other-line': { at: Clock }
  'phone.out': { at: Clock }
  'phone.out.after-alarm': { at: Clock }
  'phone.out.under-sos': { at: Clock }
  'phone.out.no-session': { at: Clock }
  'phone.out.old': { due: Clock }
  'phone.out.by-admin': { at: Clock }
  'phone.ok': { at: Clock; due: Clock }
  'phone.ok.no-session': { at: Clock }
  'phone.ask.out': { at: Clock; due: Clock }
  'phone.ask.out.no-session': { at: Clock }
  'phone.ask.word': { at: Clock; word: string }
  'phone.passed-on': { at: Clock }
  'phone.passed-on.out': { at: Clock; due: Clock }
  'phone.blank': { at: Clock }
  'phone.place': { at: Clock }
  'phone.status': { at: Clock; due: Clock }
  'phone.status.overdue': { at: Clock; due: Clock }
  'phone.status.sos': { at: Clock }
  'phone.status.taken': { at: Clock }
  'phone.status.no-session': { at: Clock }
  'phone.name': { name: string; at: Clock }
  'phone.name.show': { name: string; at: Clock }
  'phone.menu': { at: Clock; emergency: string }
  'phone.welcome': { at: Clock }
  'phone.invitation': { group: string; at: Clock }
  'phone.revived': { at: Clock }
  'phone.said': { words: string; at: Clock }
  // --- Telegram's own places ---
  'telegram.private-chat-only': None
  'telegram.in': None
  'telegram.out': None
  'telegram.ok': None
  'telegram.more': None
  'telegram.sos': None
  'telegram.status': None
  'telegram.menu': None
  // --- to somebody on duty: never any content ---
  nudge: { at: Clock }
  'nudge.room-down': { at: Clock }
  'nudge.take-ends': { at: Clock }
  'nudge.over': { at: Clock }
  'nudge.locked': { at: Clock }
  // --- alerts in the room; the opening words are a public contract ---
  'room.overdue': { number: number; name: string }
  'room.sos': { number: number; name: string; at: Clock }
  'room.open-again': { number: number; name: string; holder: string; at: Clock }
  'room.roll-call': { number: number; count: number }
  'room.roll-call.again': { number: number; count: number }
  'room.taken': { number: number; holder: string; until: Clock }
  'room.closed': { number: number; by: string; outcome: string }
  'room.stood-down': { number: number; name: string; at: Clock }
  'room.stood-down.early': { number: number; name: string; at: Clock; sent: Clock; due: Clock }
  'room.said-for-nothing': { number: number; name: string }
  // --- lines of an alert ---
  'line.session': { in: Clock; due: Clock }
  'line.session.place': { in: Clock; due: Clock; place: string }
  'line.no-session': None
  'line.heard': { at: Clock }
  'line.heard.never': None
  'line.words': { words: string }
  'line.location': { at: Clock; latitude: string; longitude: string }
  'line.notes': { notes: string }
  'line.notes.none': None
  'line.note': { at: Clock; by: string; words: string }
  'line.reminders.none': None
  'line.reminders.delivered': { count: number; at: Clock }
  'line.reminders.sent': { count: number; at: Clock }
  'line.reminders.failed': None
  'line.forgot': { forgot: number; of: number }
  'line.texts-may-be-missing': { from: Clock; to: Clock }
  'line.no-phone-closes': { name: string }
  'line.told': { name: string; at: Clock }
  'line.not-told': { name: string }
  'line.since': { at: Clock; minutes: number }
  'line.first': { name: string }
  'line.take': { number: number }
  'line.roll-call': { number: number; name: string; due: Clock }
  'line.roll-call.place': { number: number; name: string; due: Clock; place: string }
  'line.roll-call.again': { number: number; name: string; due: Clock }
  'line.roll-call.beside': { count: number }
  'line.roll-call.take': { numbers: string }
  'line.number': { name: string; number: string }
  'line.no-number': { name: string }
  'line.was-held': { holder: string }
  'line.sos-during': { due: Clock }
  'line.held': { holder: string; until: Clock }
  // --- words inside other texts ---
  'part.everything': None
  'part.store': None
  'part.texts': None
  'part.sms': None
  'part.telegram': None
  'part.room': None
  'part.simulator': None
  'part.deadline': None
  'part.alert': None
  'part.inbox': None
  'part.claimed': None
  'part.unknown': None
  'part.pending': None
  'why.opted-out': None
  'why.blocked': None
  'why.gone': None
  'why.undeliverable': None
  'damage.torn': None
  'damage.undecryptable': None
  'damage.newer-schema': None
  // --- the board ---
  'board.title': { at: Clock }
  'board.nobody': None
  'board.out': { name: string; due: Clock }
  'board.late': { name: string; due: Clock; number: number }
  'board.sos': { name: string; number: number }
  'board.held': { holder: string; until: Clock }
  'board.not-held': None
  'board.more': { count: number }
  // --- buttons ---
  'button.in': None
  'button.out': None
  'button.ok': None
  'button.sos': None
  'button.take': None
  'button.safe': None
  'button.other': None
}

export type TextKey = keyof Texts

/** Picks a text and fills it in; the compiler knows what it needs. */
export const text = <K extends TextKey>(key: K, ...[params]: keyof Texts[K] extends never ? [] : [Texts[K]]): Text => ({
  key,
  params: params ?? {},
})

export const clock = (at: Instant): Clock => ({ clock: at })
export const length = (ms: Duration): Length => ({ length: ms })
