import type { Address, MemberChannel } from '../core/address.ts'
import type { Alarms } from '../core/group/bundles.ts'
import type { IncidentKind, Member } from '../core/member/member.ts'
import { isOpen } from '../core/effect.ts'
import type { Outbox } from '../core/outbox/outbox.ts'
import type { Instant } from '../core/time.ts'
import { createAlarms } from './alarms.ts'

/** A member at a glance: enough for the board, for finding people by name and number, and for the metrics. */
export interface Glance {
  id: string
  name: string
  status: Member['status']
  addresses: readonly Address[]
  /** Being watched until then. */
  dueAt?: Instant
  openedAt?: Instant
  incident?: { number: number; kind: IncidentKind; holder?: string; until?: Instant; raisedAt: Instant }
  /** The oldest alert that still waits to go out. */
  unsentAlert?: Instant
  /** Since when the oldest effect in each waiting state waits. */
  waiting: Partial<Record<Waiting, Instant>>
  dead: MemberChannel[]
}

/** States that must not last: each has a maximum age (`app/pulse.ts`). */
export type Waiting = 'pending' | 'claimed' | 'unknown'

/** What of a document waits to go out. */
type Waits = Pick<Glance, 'unsentAlert' | 'waiting'>

/** Everybody at a glance, in memory. Rebuilt from the store at start, kept up with every save. */
export interface Overview {
  saw: (member: Member) => void
  /** The group's own messages wait like everybody's. */
  sawGroup: (group: Outbox) => void
  forget: (id: string) => void
  get: (id: string) => Glance | undefined
  all: () => Iterable<Glance>
  /** Members with a session or an incident. */
  out: () => Glance[]
  byNumber: (number: number) => Glance | undefined
  incidents: () => Glance[]
  /** The incident number that comes next; it is used up once a member with it was seen. */
  nextNumber: () => number
  usedNumber: (number: number) => void
  /** The first session whose deadline is over although no alarm is open: it should be there for a moment only. */
  late: (now: Instant) => Glance | undefined
  oldestUnsentAlert: () => Instant | undefined
  oldestWaiting: (state: Waiting) => Instant | undefined
  /** What storms are made of. */
  alarms: Alarms
}

export function createOverview(isOver?: Parameters<typeof createAlarms>[0]): Overview {
  const glances = new Map<string, Glance>()
  const outs = new Map<string, Glance>()
  let ofGroup: Waits = { waiting: {} }
  const alarms = createAlarms(isOver)
  let highest = 0

  const saw = (member: Member): void => {
    const glance = glanceAt(member)
    glances.set(member.id, glance)
    alarms.saw(member)
    if (glance.dueAt !== undefined || glance.incident || Object.keys(glance.waiting).length > 0)
      outs.set(member.id, glance)
    else outs.delete(member.id)
    for (const number of [glance.incident?.number, member.past.at(-1)?.number]) highest = Math.max(highest, number ?? 0)
  }

  const out = (): Glance[] => [...outs.values()].filter((g) => g.dueAt !== undefined || g.incident)

  return {
    saw,
    sawGroup: (group) => {
      ofGroup = waitsIn(group)
      alarms.sawGroup(group)
    },
    forget: (id) => {
      glances.delete(id)
      alarms.forget(id)
      outs.delete(id)
    },
    get: (id) => glances.get(id),
    all: () => glances.values(),
    out,
    incidents: () => out().filter((g) => g.incident),
    byNumber: (number) => out().find((g) => g.incident?.number === number),
    nextNumber: () => highest + 1,
    usedNumber: (number) => {
      highest = Math.max(highest, number)
    },
    late: (now) => out().find((g) => g.dueAt !== undefined && g.dueAt < now && !g.incident),
    oldestUnsentAlert: () => earliest([...outs.values(), ofGroup].map((g) => g.unsentAlert)),
    oldestWaiting: (state) => earliest([...outs.values(), ofGroup].map((g) => g.waiting[state])),
    alarms,
  }
}

const earliest = (times: (Instant | undefined)[]): Instant | undefined => {
  const soonest = times.reduce<Instant>((a, b) => Math.min(a, b ?? Infinity), Infinity)
  return soonest === Infinity ? undefined : soonest
}

/** When the oldest effect began to wait, by state. A chained one waits only once it may go. */
export function waitingIn(state: Outbox): Glance['waiting'] {
  const waiting: Glance['waiting'] = {}
  for (const e of state.effects) {
    if (e.state !== 'pending' && e.state !== 'claimed' && e.state !== 'unknown') continue
    waiting[e.state] = Math.min(waiting[e.state] ?? Infinity, e.createdAt)
  }
  return waiting
}

function waitsIn(state: Outbox): Waits {
  const unsent = state.effects
    .filter((e) => e.urgency === 'alert' && e.recipient.to !== 'group' && isOpen(e))
    .map((e) => e.createdAt)
  return { ...(unsent.length > 0 && { unsentAlert: Math.min(...unsent) }), waiting: waitingIn(state) }
}

function glanceAt(member: Member): Glance {
  const { id, name, status, addresses, session, incident } = member
  return {
    id,
    name,
    status,
    addresses,
    ...(session && { dueAt: session.dueAt, openedAt: session.openedAt }),
    ...(incident && {
      incident: {
        number: incident.number,
        kind: incident.kind,
        raisedAt: incident.raisedAt,
        ...(incident.taken && { holder: incident.taken.by.name, until: incident.taken.until }),
      },
    }),
    ...waitsIn(member),
    dead: addresses.filter((a) => a.dead).map((a) => a.channel),
  }
}
