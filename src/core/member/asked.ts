import { clock, text } from '../texts.ts'
import type { MemberEvent } from './event.ts'
import { PROMPT_OPEN } from './reminders.ts'
import type { MemberDraft } from './tell.ts'
import { tellPhone } from './tell.ts'

/** Whether they are still out, once for each time that nobody watched. Whoever is overdue hears of the alarm instead. */
export function asked(draft: MemberDraft, { at, blind }: Extract<MemberEvent, { type: 'asked' }>): void {
  const { session, incident } = draft.state
  if (!session || session.missed || incident || (session.askedAt ?? -Infinity) > blind.from) return
  // What they have said since was heard.
  if (session.openedAt >= blind.to) return
  draft.state.session = { ...session, askedAt: at }
  draft.state.promptedUntil = at + PROMPT_OPEN
  const times = { from: clock(blind.from), to: clock(blind.to), due: clock(session.dueAt) }
  tellPhone(draft, text('phone.asked', times), { urgency: 'prompt', purpose: 'asked', expiresAt: session.dueAt })
}
