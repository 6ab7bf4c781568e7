import type { Duration, Instant } from './time.ts'

/** A value in a text: a moment is shown as the group's wall clock, a length as people say it, a text as its words. */
export type Param = string | number | { clock: Instant } | { length: Duration } | Text

/** A line for people: which text, and with what. It becomes words at the last hop, in the reader's language. */
export interface Text {
  key: TextKey
  params: Record<string, Param>
}

type Clock = { clock: Instant }
type Length = { length: Duration }
// eslint-disable-next-line @typescript-eslint/no-generated-empty-object-type -- a text with nothing to fill in: empty is meant
type None = Record<never, never>

/** Every text that core can say, with what must be filled in. `locales/<lng>/bot.json` has a line for each. */
export interface Texts {
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
  // --- what else the room hears ---
  'room.words': { name: string; at: Clock; words: string }
  'room.words.loud': { name: string; at: Clock; words: string }
  'room.attachment': { name: string; at: Clock; what: string }
  'room.media.lost': { name: string; at: Clock; what: string }
  'room.location': { name: string; at: Clock; latitude: string; longitude: string }
  'room.deadline-too': { name: string; due: Clock }
  'room.out-under-sos': { name: string; at: Clock }
  'room.joined': { name: string; at: Clock }
  'room.renamed': { was: string; name: string }
  'room.line-dead': { name: string; channel: Text; why: Text }
  'room.line-dead.last': { name: string; channel: Text; why: Text }
  'room.line-revived': { name: string; channel: Text }
  'room.undelivered': { name: string; at: Clock; code: string }
  'room.nobody-on-duty': None
  'room.take-ends': { holder: string; name: string; until: Clock; number: number }
  'room.hand': { from: string; to: string; name: string; number: number }
  'room.said': { name: string; at: Clock }
  'room.said.failed': { name: string; code: string }
  'room.noted': { name: string }
  'room.in': { name: string; by: string; due: Clock }
  'room.out': { name: string; by: string; at: Clock }
  'room.extended': { name: string; by: string; due: Clock }
  'room.edited': { name: string; field: string; by: string }
  'room.invited': { name: string; by: string }
  'room.invited.link': { name: string; by: string; link: string }
  'room.unverified': { from: string; at: Clock; words: string }
  'room.unverified.loud': { from: string; at: Clock; words: string }
  'room.unverified.more': { count: number }
  'room.blind': { what: Text; from: Clock; to: Clock }
  'room.blind.out': { name: string; due: Clock }
  'room.blind.late': { name: string; due: Clock }
  'room.blind.back': { name: string }
  'room.blind.nobody': None
  'room.blind.more': { count: number }
  'room.blind.asked': None
  'room.blind.read': None
  'room.blind.unread': { what: Text }
  'room.clock': { from: Clock; to: Clock }
  'room.clock.behind': { wall: Clock; at: Clock }
  'room.started': { version: string; count: number }
  'room.started.upgraded': { version: string; was: string; count: number }
  'room.damaged.file': { file: string; what: Text; where: string }
  'room.damaged': { what: Text; name: string; where: string }
  'room.poison': { from: string; at: Clock; words: string }
  'room.trouble': { what: Text; code: string; since: Clock }
  'room.well-again': { what: Text; since: Clock; at: Clock }
  'room.stuck': { what: Text; since: Clock }
  // --- the encrypted room itself: who is in it, and whose word counts ---
  'room.pinned': { name: string; user: string }
  'room.no-identity': { name: string }
  'room.keys-changed': { name: string; user: string }
  'room.repinned': { name: string; by: string }
  'room.locked': { name: string; by: string }
  'room.unlocked': { name: string; by: string }
  'room.strangers': { who: string }
  'room.refused': { name: string; why: Text }
  'refused.unencrypted': None
  'refused.locked': None
  'refused.no-identity': None
  'refused.changed-identity': None
  'refused.unsigned-device': None
  'refused.wrong-key': None
  'refused.replayed': None
  'refused.malformed': None
  'room.unreadable': { name: string }
  'room.vote-unread': { name: string }
  'room.gap': None
  'room.reaction': { name: string }
  'room.moved': { where: string }
  'room.followed': { by: string }
  'order.follow.none': None
  'order.follow.not-invited': { where: string }
  'order.follow.not-encrypted': { where: string }
  'room.poll': None
  'room.poll.over': None
  // --- answers to orders ---
  'order.no-incident': { number: number }
  'order.no-open-incident': None
  'order.which-incident': { numbers: string }
  'order.none-open': { numbers: string }
  'order.no-alarm': { name: string }
  'order.outcome': { number: number }
  'order.not-out': { name: string }
  'order.already-out': { name: string; due: Clock }
  'order.incident-open': { name: string; number: number }
  'order.passed': { at: Clock }
  'order.number-taken': None
  'order.no-telegram': None
  'order.say-offer': { name: string; number: number }
  'order.usage': { usage: string }
  'order.nobody': { given: string }
  'order.ambiguous': { given: string; candidates: string }
  'order.bad-number': { given: string }
  'order.bad-value': { field: string; given: string }
  'order.help': None
  'order.members': { count: number }
  'state.alarm': { name: string }
  'state.out': { name: string }
  'state.invited': { name: string }
  'state.in': { name: string }
  'order.looked': { by: string; name: string }
  'order.read-only': { name: string }
  'order.owner-only': { name: string }
  'order.not-yourself': None
  'order.nobody-here': { given: string }
  'order.several-here': { given: string; candidates: string }
  'order.no-keys-here': None
  'order.keys.same': { name: string }
  'order.keys.none': { name: string }
  'order.locked.already': { name: string }
  'order.locked.not': { name: string }
  'doctor.title': { at: Clock }
  'doctor.ok': { what: Text }
  'doctor.bad': { what: Text; code: string }
  'doctor.kernel': None
  'doctor.encryption': None
  'doctor.history': None
  'doctor.power': None
  'doctor.strangers': None
  'doctor.readers': None
  'doctor.who': { who: string }
  // --- words inside other texts ---
  'part.everything': None
  'part.store': None
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
