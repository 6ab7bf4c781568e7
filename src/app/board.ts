import type { Text } from '../core/texts.ts'
import { clock, text } from '../core/texts.ts'
import type { Instant } from '../core/time.ts'
import type { Glance, Overview } from './overview.ts'

/** More names than this do not fit on a phone's screen; the alarms are always among them. */
const MOST_LINES = 30

/** Who is out, until when, who is late, who has it: alarms first, then by time. */
export function boardLines(overview: Overview, now: Instant): Text[] {
  const out = overview.out()
  if (out.length === 0) return [text('board.title', { at: clock(now) }), text('board.nobody')]
  const shown = foremost(out, MOST_LINES).flatMap((g) => lineOf(g))
  const more = out.length > MOST_LINES ? [text('board.more', { count: out.length - MOST_LINES })] : []
  return [text('board.title', { at: clock(now) }), ...shown, ...more]
}

const weight = (g: Glance): number => (g.incident ? (g.incident.kind === 'sos' ? 0 : 1) : 2)
const byWeight = (a: Glance, b: Glance): number => weight(a) - weight(b) || (a.dueAt ?? 0) - (b.dueAt ?? 0)

/** The first so many by weight. Without sorting the others: the board is drawn twice a second, and ten thousand may be out. */
function foremost(all: readonly Glance[], count: number): Glance[] {
  const found: Glance[] = []
  for (const glance of all) {
    const last = found[count - 1]
    if (last && byWeight(glance, last) >= 0) continue
    const place = found.findLastIndex((it) => byWeight(it, glance) <= 0) + 1
    found.splice(place, 0, glance)
    if (found.length > count) found.pop()
  }
  return found
}

function lineOf({ name, dueAt, incident }: Glance): Text[] {
  if (!incident) return [text('board.out', { name, due: clock(dueAt ?? 0) })]
  const { number, kind, holder, until } = incident
  const held =
    holder !== undefined && until !== undefined
      ? text('board.held', { holder, until: clock(until) })
      : text('board.not-held')
  return [
    kind === 'sos'
      ? text('board.sos', { name, number })
      : text('board.late', { name, number, due: clock(dueAt ?? incident.raisedAt) }),
    held,
  ]
}
