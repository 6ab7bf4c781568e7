import { withdraw } from '../outbox/outbox.ts'
import type { Policy } from '../policy.ts'
import { clock, text } from '../texts.ts'
import type { Duration, Instant } from '../time.ts'
import { MINUTE } from '../time.ts'
import type { Fresh, Until } from './event.ts'
import { raise } from './incident.ts'
import type { Session } from './member.ts'
import { remindersFor, withdrawReminders } from './reminders.ts'
import type { MemberDraft } from './tell.ts'
import { tellRoom } from './tell.ts'

/** The time stated is the time of the alarm, so minutes are rounded up to a time a person can be told: never earlier than asked. */
export const wholeMinute = (at: Instant): Instant => Math.ceil(at / MINUTE) * MINUTE

/** A deadline asked for, counted from `from`. */
export const deadline = (from: Instant, asked: { at: Instant } | { after: Duration; exact?: boolean }): Instant =>
  'at' in asked ? asked.at : asked.exact ? from + asked.after : wholeMinute(from + asked.after)

/** The usual length for this member. */
export const usual = (draft: MemberDraft, policy: Policy): { after: Duration } => ({
  after: draft.state.settings.duration ?? policy.timed.duration,
})

/** A length that a person can be given now: a time that has passed is none. */
export const known = <T extends object>(until: Until | T | undefined): { at: Instant } | T | undefined =>
  until && 'passed' in until ? undefined : until

/** Opens the session, or moves the open one. */
export function watchUntil(
  draft: MemberDraft,
  policy: Policy,
  dueAt: Instant,
  saidAt: Instant,
  more: { sessionId: string; saidAt?: Instant; place?: string },
): void {
  const { state } = draft
  const { sessionId, ...rest } = more
  withdrawReminders(draft)
  withdraw(draft, (e) => e.purpose === 'session-answer')
  const open: Session = state.session ?? {
    id: sessionId,
    kind: 'timed',
    openedAt: saidAt,
    dueAt,
    reminders: [],
    reminded: [],
  }
  const { missed: _missed, ...kept } = open
  draft.state.session = {
    ...kept,
    ...rest,
    dueAt,
    reminders: state.settings.quiet
      ? []
      : remindersFor(saidAt, dueAt, policy.timed.reminders).filter((r) => r > draft.at),
  }
}

/** How far our clock and a provider's may be apart before an OUT is wrongly taken for an old one. */
const CLOCKS_DIFFER: Duration = MINUTE

/** When something counts as said, for comparing with what a provider dates: by the provider's own clock, or by ours with room for error. */
export const saidFor = (said: { sentAt?: Instant; saidAt: Instant }): Instant =>
  said.sentAt ?? said.saidAt - CLOCKS_DIFFER

/** Late mail of an earlier visit: sent before the IN that counts now. */
export const isOlder = (said: { sentAt?: Instant }, session: Session): boolean =>
  said.sentAt !== undefined && said.sentAt < (session.saidAt ?? saidFor({ saidAt: session.openedAt }))

/** A visit that was over before we came to it, and its OUT was faster: we said that there was nothing to end, so there is nothing to alarm about. */
export const wasEndedBefore = ({ state, at }: MemberDraft, saidAt: Instant, dueAt: Instant): boolean =>
  dueAt <= at && saidAt < (state.outAt ?? 0)

/** The watch ends; what was about to be said of it is not said any more. */
export function endSession(draft: MemberDraft, how?: 'on-time' | 'forgot'): void {
  withdrawReminders(draft)
  withdraw(draft, (e) => e.purpose === 'session-answer')
  delete draft.state.session
  if (how) draft.state.outcomes = [...draft.state.outcomes, how].slice(-8)
}

/** The deadline has passed by `now`: an alarm, or a line to the one that is open. */
export function passDeadline(
  draft: MemberDraft,
  policy: Policy,
  fresh: Fresh,
  now: Instant,
  blind?: { from: Instant; to: Instant },
): void {
  const { session, incident, name } = draft.state
  if (!session || session.missed || session.dueAt > now) return
  withdrawReminders(draft)
  draft.state.session = { ...session, missed: true, reminders: [] }
  if (incident) tellRoom(draft, [text('room.deadline-too', { name, due: clock(session.dueAt) })], { loud: true })
  else raise(draft, 'overdue', policy, fresh, blind && session.openedAt < blind.to ? { blind } : {})
}
