import type { Command } from '../commands/command.ts'
import { emit } from '../outbox/outbox.ts'
import type { Policy } from '../policy.ts'
import { clock, length, text } from '../texts.ts'
import { DAY } from '../time.ts'
import type { Said } from './event.ts'
import { closeIncident, showWords } from './incident.ts'
import { PROMPT_OPEN } from './reminders.ts'
import { deadline, endSession, isOlder, known, passDeadline } from './session.ts'
import { saidFor, usual, wasEndedBefore, watchUntil, wholeMinute } from './session.ts'
import type { MemberDraft } from './tell.ts'
import { tellPhone, tellRoom } from './tell.ts'

type Word<Type extends Command['type']> = Extract<Command, { type: Type }>

export function saidIn(draft: MemberDraft, event: Said, command: Word<'in'>, policy: Policy): void {
  const { state, at } = draft
  if (command.words !== undefined) showWords(draft, event, true)
  if (state.incident) {
    if (command.words === undefined) showWords(draft, event, false)
    tellStill(draft)
    return
  }
  const { session } = state
  if (session && isOlder(event, session)) {
    tellPhone(draft, text('phone.in', { at: clock(at), due: clock(session.dueAt) }), { purpose: 'session-answer' })
    return
  }
  const asked = deadline(event.saidAt, known(event.until) ?? usual(draft, policy))
  const cap = wholeMinute(event.saidAt + policy.timed.longest)
  // Words behind IN may hide a length that we failed to read: then the later time is not taken away.
  const later = command.words !== undefined && session && !session.missed ? Math.max(asked, session.dueAt) : asked
  const dueAt = Math.min(later, cap)
  if (!session && wasEndedBefore(draft, event.saidAt, dueAt)) {
    tellPhone(draft, text('phone.status.no-session', { at: clock(at) }))
    return
  }
  watchUntil(draft, policy, dueAt, event.saidAt, {
    sessionId: event.fresh.sessionId,
    saidAt: saidFor(event),
    ...(command.place !== undefined && { place: command.place }),
  })
  // Read back after an outage, the deadline over: what must be said now is said by the alarm.
  if (dueAt <= at) return
  tellPhone(draft, inAnswer(event, at, dueAt, later > cap, policy), { purpose: 'session-answer', expiresAt: dueAt })
}

function inAnswer(event: Said, now: number, dueAt: number, capped: boolean, policy: Policy): ReturnType<typeof text> {
  const at = clock(now)
  const due = clock(dueAt)
  // Whether anybody watches weighs more than how the time was understood: the time itself stands in each of them.
  if (event.watch.trouble === 'no-room') return text('phone.in.nobody-watching', { at, due })
  if (event.watch.trouble === 'nobody-on-duty') return text('phone.in.nobody-on-duty', { at, due })
  if (event.until && 'passed' in event.until)
    return text('phone.in.passed', { at, asked: clock(event.until.passed), due })
  if (capped) return text('phone.in.capped', { at, due, longest: length(policy.timed.longest) })
  return text('phone.in', { at, due })
}

export function saidMore(draft: MemberDraft, event: Said, command: Word<'more'>, policy: Policy): void {
  const { state, at } = draft
  const { session } = state
  if (command.words !== undefined) {
    askBack(draft, event, 'MORE')
  } else if (state.incident) {
    showWords(draft, event, false)
    tellStill(draft)
  } else if (!session) {
    tellPhone(draft, text('phone.more.not-out', { at: clock(at) }))
  } else if (isOlder(event, session)) {
    tellPhone(draft, text('phone.more', { at: clock(at), due: clock(session.dueAt) }), { purpose: 'session-answer' })
  } else {
    const cap = wholeMinute(session.openedAt + policy.timed.longest)
    const asked = deadline(session.dueAt, known(event.until) ?? { after: usual(draft, policy).after / 2 })
    const dueAt = Math.min(asked, cap)
    // "MORE until 15:30" at a deadline of 16:00 does not shorten: MORE never brings the alarm nearer.
    const later = Math.max(dueAt, session.dueAt)
    watchUntil(draft, policy, later, event.saidAt, { sessionId: session.id })
    const body =
      asked > cap
        ? text('phone.more.at-cap', { due: clock(later), longest: length(policy.timed.longest) })
        : text('phone.more', { at: clock(at), due: clock(later) })
    tellPhone(draft, body, { purpose: 'session-answer', expiresAt: later })
  }
}

export function saidOut(draft: MemberDraft, event: Said, command: Word<'out'>): void {
  const { state, at } = draft
  const { session, incident } = state
  const noted = { at: clock(at) }
  if (command.words !== undefined) {
    askBack(draft, event, 'OUT')
    return
  }
  if (session && isOlder(event, session)) {
    // Late mail of an earlier visit must not end the watch over this one.
    tellPhone(draft, text('phone.out.old', { due: clock(session.dueAt) }))
    return
  }
  draft.state.outAt = Math.max(state.outAt ?? 0, saidFor(event))
  if (incident?.kind === 'sos') {
    endSession(draft)
    tellRoom(draft, [text('room.out-under-sos', { name: state.name, at: clock(at) })], { loud: true })
    tellPhone(draft, text('phone.out.under-sos', noted))
  } else if (incident) {
    standDown(draft, event)
  } else if (session) {
    endSession(draft, 'on-time')
    tellPhone(draft, text('phone.out', noted))
  } else {
    tellPhone(draft, text('phone.out.no-session', noted))
  }
}

/** The member's own exact OUT ends an `overdue`: those who heard the alarm hear that it is over. */
function standDown(draft: MemberDraft, event: Said): void {
  const { state, at } = draft
  const { session, incident } = state
  if (!incident) return
  const { number } = incident
  const { name } = state
  const early = event.sentAt !== undefined && session !== undefined && event.sentAt < session.dueAt
  const { heard, nudged, after } = closeIncident(draft, name, 'OUT')
  endSession(draft, early ? 'on-time' : 'forgot')
  const words = early
    ? text('room.stood-down.early', {
        number,
        name,
        at: clock(at),
        sent: clock(event.sentAt ?? at),
        due: clock(session.dueAt),
      })
    : text('room.stood-down', { number, name, at: clock(at) })
  if (heard)
    emit(draft, {
      urgency: 'alert',
      purpose: 'stand-down',
      recipient: { to: 'room' },
      incident: incident.id,
      loud: true,
      body: [words],
      after,
      onlyIfHeard: true,
      expiresAt: at + DAY,
    })
  tellPhone(draft, text(heard || nudged ? 'phone.out.after-alarm' : 'phone.out', { at: clock(at) }))
}

export function saidOk(draft: MemberDraft, event: Said, command: Word<'ok'>): void {
  const { state, at } = draft
  if (command.words !== undefined) {
    askBack(draft, event, 'OK')
    return
  }
  delete draft.state.promptedUntil
  if (state.incident) {
    showWords(draft, event, false)
    tellStill(draft)
  } else if (state.session) tellPhone(draft, text('phone.ok', { at: clock(at), due: clock(state.session.dueAt) }))
  else tellPhone(draft, text('phone.ok.no-session', { at: clock(at) }))
}

/** A command with words behind it does nothing; the room hears the words, the member is asked. */
function askBack(draft: MemberDraft, event: Said, word: 'OUT' | 'OK' | 'MORE'): void {
  showWords(draft, event, true)
  draft.state.promptedUntil = draft.at + PROMPT_OPEN
  const { session } = draft.state
  const at = clock(draft.at)
  if (word !== 'OUT') tellPhone(draft, text('phone.ask.word', { at, word }), { urgency: 'prompt' })
  else
    tellPhone(
      draft,
      session ? text('phone.ask.out', { at, due: clock(session.dueAt) }) : text('phone.ask.out.no-session', { at }),
      { urgency: 'prompt' },
    )
}

/** What an open incident answers to everything that does not end it. */
export function tellStill(draft: MemberDraft): void {
  const { incident, session } = draft.state
  const at = clock(draft.at)
  if (incident?.kind === 'overdue')
    tellPhone(draft, text('phone.overdue.still', { at, due: clock(session?.dueAt ?? incident.raisedAt) }))
  else tellPhone(draft, text('phone.sos.still', { at }))
}

/** The deadline had passed when they wrote: the alarm comes first, and only an exact OUT stands it down. */
export function overtaken(draft: MemberDraft, event: Said, policy: Policy): void {
  const { command } = event
  if (command.type === 'out' && command.words === undefined) return
  passDeadline(draft, policy, event.fresh, event.saidAt)
}
