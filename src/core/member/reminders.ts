import { withdraw } from '../outbox/outbox.ts'
import { clock, text } from '../texts.ts'
import type { Duration, Instant } from '../time.ts'
import { MINUTE } from '../time.ts'
import type { MemberDraft } from './tell.ts'
import { tellPhone } from './tell.ts'

/** How long a question of ours stays open: NO within it means danger, YES means OK. A slow answer to a reminder is still one. */
export const PROMPT_OPEN: Duration = 30 * MINUTE

/** A session too short for any reminder gets one at half time: a forgotten OUT is the commonest case. */
export function remindersFor(from: Instant, dueAt: Instant, before: readonly Duration[]): Instant[] {
  const fitting = before.map((b) => dueAt - b).filter((at) => at > from)
  return fitting.length > 0 ? fitting.sort((a, b) => a - b) : [from + Math.floor((dueAt - from) / 2)]
}

export function withdrawReminders(draft: MemberDraft): void {
  withdraw(draft, (e) => e.purpose === 'reminder' || e.purpose === 'asked')
}

/** So many of the last reminders of a session are told of in its alarm: it may be lengthened for days. */
const REMINDED_KEPT = 12

/** Sends the reminder that is due; of several missed ones only the last is still true. */
export function remind(draft: MemberDraft): void {
  const { session } = draft.state
  if (!session || session.missed) return
  const due = session.reminders.filter((r) => r <= draft.at)
  if (due.length === 0) return
  draft.state.session = { ...session, reminders: session.reminders.filter((r) => r > draft.at) }
  if (session.dueAt <= draft.at || draft.state.incident) return
  const id = tellPhone(draft, text('phone.reminder', { at: clock(draft.at), due: clock(session.dueAt) }), {
    urgency: 'prompt',
    purpose: 'reminder',
    expiresAt: session.dueAt,
  })
  draft.state.session = { ...draft.state.session, reminded: [...session.reminded, id].slice(-REMINDED_KEPT) }
  draft.state.promptedUntil = draft.at + PROMPT_OPEN
}
