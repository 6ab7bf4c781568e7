import type { Choice, Effect, EffectId } from '../effect.ts'
import { wasAccepted } from '../effect.ts'
import { emit, find } from '../outbox/outbox.ts'
import type { Text } from '../texts.ts'
import { clock, text } from '../texts.ts'
import type { Instant } from '../time.ts'
import { MINUTE } from '../time.ts'
import type { Incident, Member } from './member.ts'
import type { MemberDraft } from './tell.ts'

/**
 * The alert in the room: who, since when, where, last heard, notes, reminders, what to do first, and how. `before`: alerts in whose place
 * it is said. Nobody knows whether the room heard them, so what they wrote in those is said whole once more.
 */
export function alertRoom(
  draft: MemberDraft,
  incident: Incident,
  opening: Text = openingOf(draft.state, incident),
  before: readonly Effect[] = [],
): EffectId {
  return emit(draft, {
    urgency: 'alert',
    purpose: 'alert',
    recipient: { to: 'room' },
    incident: incident.id,
    loud: true,
    body: [
      opening,
      ...wordsOf(draft, incident, before),
      ...circumstances(draft, incident),
      text('line.first', { name: draft.state.name }),
      text('line.take', { number: incident.number }),
    ],
    choices: alertChoices(incident),
  })
}

const openingOf = (member: Member, incident: Incident): Text =>
  incident.kind === 'sos'
    ? text('room.sos', { number: incident.number, name: member.name, at: clock(incident.sosAt ?? incident.raisedAt) })
    : text('room.overdue', { number: incident.number, name: member.name })

const alertChoices = (incident: Incident): Choice[] => [
  { label: text('button.take'), says: `take ${String(incident.number)}` },
  { label: text('button.safe'), says: `resolve ${String(incident.number)} safe` },
  { label: text('button.other'), says: `resolve ${String(incident.number)}` },
]

function circumstances(draft: MemberDraft, incident: Incident): Text[] {
  const { state: member, at } = draft
  const lines: Text[] = []
  if (incident.taken)
    lines.push(text('line.held', { holder: incident.taken.by.name, until: clock(incident.taken.until) }))
  if (incident.kind === 'sos' && member.session?.missed)
    lines.push(text('line.sos-during', { due: clock(member.session.dueAt) }))
  lines.push(...whereabouts(member))
  if (incident.kind === 'overdue') lines.push(...remindersLine(member), ...habitLine(member))
  if (incident.kind === 'sos') lines.push(text('line.no-phone-closes', { name: member.name }))
  lines.push(...toldLine(member, incident, at))
  lines.push(member.notes ? text('line.notes', { notes: member.notes }) : text('line.notes.none'))
  for (const note of incident.notes.slice(-3))
    lines.push(text('line.note', { at: clock(note.at), by: note.by, words: note.words }))
  if (incident.blind)
    lines.push(text('line.texts-may-be-missing', { from: clock(incident.blind.from), to: clock(incident.blind.to) }))
  const minutes = Math.floor((at - incident.raisedAt) / MINUTE)
  if (minutes > 0) lines.push(text('line.since', { at: clock(incident.raisedAt), minutes }))
  return lines
}

/** The first alert goes out before the member can be told: only that it is still so in a repeat is worth saying. */
function toldLine({ name }: Member, incident: Incident, at: Instant): Text[] {
  if (incident.toldAt !== undefined) return [text('line.told', { name, at: clock(incident.toldAt) })]
  return at - (incident.sosAt ?? incident.raisedAt) < MINUTE ? [] : [text('line.not-told', { name })]
}

function wordsOf(draft: MemberDraft, incident: Incident, before: readonly Effect[]): Text[] {
  const lines = before.flatMap(({ body }) => body.filter(({ key }) => key === 'line.words'))
  const all = new Set(lines.flatMap(({ params }) => (typeof params.words === 'string' ? [params.words] : [])))
  if (incident.words && !all.has(incident.words)) all.add(shortened(draft, incident, incident.words))
  return [...all].map((words) => text('line.words', { words }))
}

/** Said whole the first time; in a repeat what to do must not slip off the screen. */
function shortened({ at }: MemberDraft, incident: Incident, words: string): string {
  return at - (incident.wordsAt ?? incident.raisedAt) < MINUTE || words.length <= REPEATED
    ? words
    : `${words.slice(0, REPEATED)}…`
}

const REPEATED = 300

export function whereabouts(member: Member): Text[] {
  const { session, lastHeard, location } = member
  const lines: Text[] = []
  if (!session) lines.push(text('line.no-session'))
  else if (session.place)
    lines.push(
      text('line.session.place', { in: clock(session.openedAt), due: clock(session.dueAt), place: session.place }),
    )
  else lines.push(text('line.session', { in: clock(session.openedAt), due: clock(session.dueAt) }))
  lines.push(lastHeard ? text('line.heard', { at: clock(lastHeard.at) }) : text('line.heard.never'))
  if (location) lines.push(text('line.location', { at: clock(location.at), ...degrees(location) }))
  return lines
}

/** Five decimals are about a metre. */
export const degrees = (it: { latitude: number; longitude: number }): { latitude: string; longitude: string } => ({
  latitude: it.latitude.toFixed(5),
  longitude: it.longitude.toFixed(5),
})

function remindersLine(member: Member): Text[] {
  const reminders = (member.session?.reminded ?? []).flatMap((id) => find(member, id) ?? [])
  const delivered = reminders.filter((e) => e.state === 'delivered' || e.state === 'seen')
  const accepted = reminders.filter(wasAccepted)
  const last = (list: typeof reminders): { clock: number } => clock(list.at(-1)?.acceptedAt ?? 0)
  if (delivered.length > 0) return [text('line.reminders.delivered', { count: delivered.length, at: last(delivered) })]
  if (accepted.length > 0) return [text('line.reminders.sent', { count: accepted.length, at: last(accepted) })]
  return [reminders.length > 0 ? text('line.reminders.failed') : text('line.reminders.none')]
}

function habitLine(member: Member): Text[] {
  const forgot = member.outcomes.filter((o) => o === 'forgot').length
  return forgot > 0 ? [text('line.forgot', { forgot, of: member.outcomes.length })] : []
}
