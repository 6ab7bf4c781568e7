import type { Member } from '../core/member/member.ts'
import { ready } from '../core/outbox/lifecycle.ts'
import type { Duration, Instant } from '../core/time.ts'
import { MINUTE } from '../core/time.ts'
import type { Room } from '../ports/channel.ts'
import type { Clock } from '../ports/clock.ts'
import type { Log } from '../ports/log.ts'
import type { Renderer } from '../ports/texts.ts'
import { codeOf } from './due-loop.ts'
import { outgoing } from './outgoing.ts'

/** Real milliseconds after which an alarm that was said counts as saved, or as come to nothing: another event may have given it another id. */
const REMEMBERED: Duration = MINUTE

/** Alerts that the room hears although the store could not save them (docs/adr/0003-alerts-that-cannot-be-saved.md). */
export interface Unsaved {
  /** The alerts of a state that could not be saved go to the room under the ids that the save will give them. A room that knows the id shows the message once. */
  say: (state: Member) => void
  /** This state was saved. */
  saved: (state: Pick<Member, 'effects'>) => void
  /** Whose alarms were said and are not saved yet. */
  members: () => string[]
}

export function createUnsaved(
  parts: () => { room: Room; texts: Renderer; language: string; clock: Clock; log: Log },
): Unsaved {
  const sent = new Set<string>()
  /** By effect. */
  const waiting = new Map<string, { member: string; since: Instant }>()
  return {
    say: (state) => {
      const { room, texts, language, clock, log } = parts()
      for (const effect of ready(state, clock.now())) {
        if (effect.purpose !== 'alert' || effect.recipient.to !== 'room' || sent.has(effect.id)) continue
        sent.add(effect.id)
        waiting.set(effect.id, { member: state.id, since: clock.now() })
        room.send(outgoing(state, effect, texts, language, clock.now(), clock.speed)).catch((error: unknown) => {
          sent.delete(effect.id)
          log.error('an alert could neither be saved nor sent; it is tried again in a second', {
            effect: effect.id,
            code: codeOf(error),
          })
        })
      }
    },
    saved: (state) => {
      if (waiting.size > 0) for (const { id } of state.effects) waiting.delete(id)
    },
    members: () => {
      const { clock } = parts()
      for (const [id, { since }] of waiting) if (clock.now() - since > REMEMBERED * clock.speed) waiting.delete(id)
      return [...new Set([...waiting.values()].map(({ member }) => member))]
    },
  }
}
