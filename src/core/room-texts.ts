import type { Clock, None, Text } from './texts.ts'

/** What the room hears besides alerts: a part of `Texts`. */
export interface RoomTexts {
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
  'room.trouble.store': None
  'room.trouble.outdated': None
  'room.well-again': { what: Text; since: Clock; at: Clock }
  'room.no-standby': { since: Clock }
  'room.standby-back': None
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
  'doctor.standby': { machines: number }
  'doctor.encryption': None
  'doctor.history': None
  'doctor.power': None
  'doctor.strangers': None
  'doctor.readers': None
  'doctor.who': { who: string }
}
