import { clock as clockText, text } from '../core/texts.ts'
import type { Text } from '../core/texts.ts'
import type { Duration, Instant } from '../core/time.ts'
import { MINUTE, SECOND } from '../core/time.ts'
import type { Clock } from '../ports/clock.ts'
import type { Log } from '../ports/log.ts'
import type { Announce, Way } from './announce.ts'
import { blindness, whoWasOut } from './announce.ts'
import type { Overview } from './overview.ts'
import type { Ailment, Pulse } from './pulse.ts'
import type { Readable } from './read-back.ts'
import { readAllBack } from './read-back.ts'

/** A trouble shorter than this is a hiccup: providers have many, and a room that cries wolf is not read. Real milliseconds. */
export const HICCUP: Duration = MINUTE

/** A clock that moved further than this against the steady one has jumped: time that nobody watched, or a wrong clock. */
export const JUMP: Duration = 5 * SECOND

/**
 * It looks every five seconds; whoever has not looked for so long was not there, though no clock jumped: frozen, or starved by the machine. Real
 * milliseconds.
 */
const ABSENT: Duration = 30 * SECOND

/** A way in that can tell how it is. */
export interface Watched extends Readable {
  trouble?: () => string | undefined
}

/** Notices that something does not watch any more, and tells the room from when to when it did not (S10). */
export function createOutages(options: {
  ways: readonly Watched[]
  overview: Overview
  pulse: Pulse
  announce: Announce
  /** False if the provider could not be read: then what was missed stays missed. */
  readBack: (way: Readable, since: Instant) => Promise<boolean>
  clock: Clock
  log: Log
}): { look: () => Promise<void> } {
  const { ways, overview, pulse, announce, readBack, clock, log } = options
  const troubled = new Map<Way, { since: Instant; announced: boolean }>()
  const stuck = new Map<Ailment, Instant>()
  const loud = (): boolean => overview.out().length > 0

  const lookAtWay = async (way: Watched): Promise<void> => {
    const { name } = way
    const trouble = way.trouble?.()
    const known = troubled.get(name)
    if (trouble === undefined) {
      // Forgotten only when it is said: a save that is refused is tried again.
      if (known?.announced) await recovered(way, known.since)
      troubled.delete(name)
      return
    }
    const since = known?.since ?? clock.now()
    troubled.set(name, { since, announced: known?.announced ?? false })
    if (known?.announced || (clock.now() - since) / clock.speed < HICCUP) return
    log.error('a way in does not work', { part: name, trouble })
    // Of the room itself nobody can read that now; they hear when it is over.
    if (name !== 'room')
      await announce(
        `trouble:${name}:${String(since)}`,
        [text('room.trouble', { what: text(`part.${name}`), code: trouble, since: clockText(since) })],
        { loud: loud() },
      )
    troubled.set(name, { since, announced: true })
  }

  const recovered = async (way: Watched, since: Instant): Promise<void> => {
    const before = overview.out()
    const read = await readBack(way, since)
    const lines = blindness(overview, {
      what: way.name,
      from: since,
      to: clock.now(),
      unread: read ? [] : [way.name],
      before,
    })
    await announce(`blind:${way.name}:${String(since)}`, lines, { loud: loud() })
  }

  let lookedAt: Instant | undefined
  /** Not said yet: how far the clock jumped, and when that was seen. */
  let jump: { by: Duration; at: Instant } | undefined

  const lookAtOurselves = async (since: Instant, to: Instant): Promise<void> => {
    log.error('this kernel was not there for a while: was the machine asleep, frozen or overloaded?', {
      seconds: Math.round((to - since) / clock.speed / SECOND),
    })
    const before = overview.out()
    const unread = await readAllBack(ways, since, clock, log)
    const lines = blindness(overview, { what: 'everything', from: since, to, unread, before })
    await announce(`absent:${String(since)}`, lines, { loud: loud() })
  }

  const lookAtClock = async (): Promise<void> => {
    const by = clock.jump()
    const now = clock.now()
    const since = lookedAt ?? now
    if (Math.abs(by) > JUMP) {
      if (clock.speed === 1) {
        log.warn('the clock jumped', { by: Math.round(by / SECOND) })
        jump = { by: (jump?.by ?? 0) + by, at: now }
      }
    } else if ((now - since) / clock.speed >= ABSENT) await lookAtOurselves(since, now)
    lookedAt = now
    if (jump) await sayJump(jump)
    jump = undefined
  }

  const sayJump = async ({ by, at }: { by: Duration; at: Instant }): Promise<void> => {
    // A jump forward was followed, so the clock reads the new time; one back was not.
    const [from, until] = by > 0 ? [at - by, at] : [at, at + by]
    await announce(
      `clock:${String(at)}`,
      [text('room.clock', { from: clockText(from), to: clockText(until) }), ...whoWasOut(overview, from)],
      { loud: loud() },
    )
  }

  const lookAtStuck = async (): Promise<void> => {
    const ailments = pulse.ailments()
    // Everything waits for the store then, and that is said elsewhere: what still waits when it is well again is stuck.
    if (ailments.includes('store') && !ailments.includes('outdated')) return stuck.clear()
    for (const gone of [...stuck.keys()].filter((a) => !ailments.includes(a))) stuck.delete(gone)
    for (const ailment of ailments) {
      const what = stuckPart(ailment)
      if (!what) continue
      const since = stuck.get(ailment) ?? clock.now()
      stuck.set(ailment, since)
      await announce(`${ailment}:${String(since)}`, [text('room.stuck', { what, since: clockText(since) })], {
        once: ailment,
        loud: true,
      })
    }
  }

  return {
    look: async () => {
      await lookAtClock()
      for (const way of ways) await lookAtWay(way)
      await lookAtStuck()
    },
  }
}

function stuckPart(ailment: Ailment): Text | undefined {
  switch (ailment) {
    case 'stuck-deadline':
      return text('part.deadline')
    case 'stuck-alert':
      return text('part.alert')
    case 'stuck-inbox':
      return text('part.inbox')
    case 'stuck-claimed':
      return text('part.claimed')
    case 'stuck-unknown':
      return text('part.unknown')
    case 'stuck-pending':
      return text('part.pending')
    default:
      return undefined
  }
}
