import { clock, text } from '../texts.ts'
import type { Duration } from '../time.ts'
import { HOUR, MINUTE } from '../time.ts'
import { degrees } from './alert.ts'
import type { Said } from './event.ts'
import { tellStill } from './said-session.ts'
import type { MemberDraft } from './tell.ts'
import { tellPhone, tellRoom } from './tell.ts'

type Attached = NonNullable<Said['attachment']>

/** How long a file is worth bringing; by then the room was told that it could not be had. */
const FILE_WORTH: Duration = HOUR
/** A place that is shared live moves every few seconds; people read so often where it is. */
const LIVE_EVERY: Duration = 2 * MINUTE

/** What came with the words, for the room. */
export function showAttached(draft: MemberDraft, it: Attached, said: Said): void {
  const { latitude, longitude } = it
  if (latitude === undefined || longitude === undefined) showFile(draft, it, said)
  else showPlace(draft, { latitude, longitude, isMoved: it.isMoved === true }, said)
}

function showFile(draft: MemberDraft, it: Attached, { saidAt, via }: Said): void {
  const { name, incident } = draft.state
  const at = clock(saidAt)
  const what = it.label === undefined ? it.kind : `${it.kind} (${it.label})`
  const told = tellRoom(draft, [text('room.attachment', { name, at, what })], {
    purpose: 'words',
    loud: incident !== undefined,
  })
  if (it.reference === undefined) return
  // Behind its own line, and on a way of its own: a slow file holds nothing up.
  tellRoom(draft, [text('room.media.lost', { name, at, what })], {
    purpose: 'media',
    media: { via: via.channel, reference: it.reference, kind: it.kind },
    after: [told],
    expiresAt: draft.at + FILE_WORTH,
  })
}

function showPlace(
  draft: MemberDraft,
  { isMoved, ...place }: { latitude: number; longitude: number; isMoved: boolean },
  { saidAt }: Said,
): void {
  const { name, incident, location } = draft.state
  const isSaid = !isMoved || saidAt - (location?.saidAt ?? -Infinity) >= LIVE_EVERY
  const lastSaid = isSaid ? saidAt : location?.saidAt
  draft.state.location = { at: saidAt, ...place, ...(lastSaid !== undefined && { saidAt: lastSaid }) }
  if (!isSaid) return
  tellRoom(draft, [text('room.location', { name, at: clock(saidAt), ...degrees(place) })], {
    purpose: 'words',
    loud: incident !== undefined && !isMoved,
  })
}

/** For whoever sent no words with it. A place that only moved was answered when it was first shared. */
export function answerAttached(draft: MemberDraft, it: Attached): void {
  const { session, incident } = draft.state
  if (it.isMoved) return
  if (incident) tellStill(draft)
  else if (it.latitude !== undefined) tellPhone(draft, text('phone.place', { at: clock(draft.at) }))
  else if (session) tellPhone(draft, text('phone.passed-on.out', { at: clock(draft.at), due: clock(session.dueAt) }))
  else tellPhone(draft, text('phone.passed-on', { at: clock(draft.at) }))
}
