import type { MemberChannel } from '../core/address.ts'
import type { Text } from '../core/texts.ts'
import { clock, text } from '../core/texts.ts'
import type { Instant } from '../core/time.ts'
import type { Clock } from '../ports/clock.ts'
import type { House } from './house.ts'
import { GROUP } from './house.ts'
import type { Glance, Overview } from './overview.ts'

/** Names that one message can hold and a person can read. */
const MOST_NAMED = 40

/** Says something to the room, once for each id. `once`: not again under that name within the hour. */
export type Announce = (id: string, body: Text[], options?: { loud?: boolean; once?: string }) => Promise<void>

export const createAnnounce =
  (house: House, now: Clock['now']): Announce =>
  async (id, body, { loud = false, once } = {}) => {
    await house.group.apply(GROUP, {
      type: 'announced',
      at: now(),
      id,
      body,
      loud,
      ...(once !== undefined && { once }),
    })
  }

/** A way in: to members' phones, or to the admins. */
export type Way = MemberChannel | 'room'

/** What can be blind: all of imok, one way to it, or all of them because nothing could be stored. */
export type Part = 'everything' | 'texts' | Way

/** BLIND: from when to when nobody watched, what could be read back since, and who was out meanwhile. */
export function blindness(
  overview: Overview,
  blind: {
    what: Part
    from: Instant
    to: Instant
    unread: Way[]
    /** Who was out when it began: what was read back may have brought them home. */
    before: Glance[]
  },
): Text[] {
  const { what, from, to, unread, before } = blind
  const read =
    unread.length > 0
      ? unread.map((u) => text('room.blind.unread', { what: text(`part.${u}`) }))
      : [text('room.blind.read')]
  return [
    text('room.blind', { what: text(`part.${what}`), from: clock(from), to: clock(to) }),
    ...read,
    ...whoWasOut(overview, from, before),
  ]
}

export function whoWasOut(overview: Overview, from: Instant, before: Glance[] = []): Text[] {
  const out = overview.out().sort((a, b) => (a.dueAt ?? 0) - (b.dueAt ?? 0))
  const ids = new Set(out.map(({ id }) => id))
  const back = before.filter(({ id }) => !ids.has(id))
  if (out.length + back.length === 0) return [text('room.blind.nobody')]
  const named = [...out, ...back].slice(0, MOST_NAMED)
  const lines = named.map((g) => (ids.has(g.id) ? lineOf(g, from) : text('room.blind.back', { name: g.name })))
  const more = out.length + back.length - named.length
  return more > 0 ? [...lines, text('room.blind.more', { count: more })] : lines
}

const lineOf = ({ name, dueAt, incident }: Glance, from: Instant): Text =>
  incident && incident.raisedAt >= from
    ? text('room.blind.late', { name, due: clock(dueAt ?? incident.raisedAt) })
    : text('room.blind.out', { name, due: clock(dueAt ?? incident?.raisedAt ?? from) })
