import type { Member } from '../core/member/member.ts'
import { ready } from '../core/outbox/lifecycle.ts'
import type { Duration, Instant } from '../core/time.ts'
import { MINUTE, SECOND } from '../core/time.ts'
import type { Room } from '../ports/channel.ts'
import type { Clock } from '../ports/clock.ts'
import type { InboxItem } from '../ports/inbox.ts'
import type { Log } from '../ports/log.ts'
import { StoreError } from '../ports/store.ts'
import type { Renderer } from '../ports/texts.ts'
import { codeOf } from './due-loop.ts'
import type { House } from './house.ts'
import { outgoing } from './outgoing.ts'

/** Real milliseconds after which an alarm that was said counts as saved, or as come to nothing: another event may have given it another id. */
const REMEMBERED: Duration = MINUTE

/** Real milliseconds that what somebody wrote waits for an alarm to be saved. */
const PATIENCE: Duration = 10 * SECOND

/** Alerts that the room hears although the store could not save them (docs/adr/0003-alerts-that-cannot-be-saved.md). */
export interface Unsaved {
  /** The alerts of a state that could not be saved go to the room under the ids that the save will give them. A room that knows the id shows the message once. */
  say: (state: Member) => void
  /** This state was saved. */
  saved: (state: Pick<Member, 'effects'>) => void
  /** Whether an alarm of this member is among them. */
  has: (member: string) => boolean
  /** Whose alarms were said, and are not yet saved as having been said. */
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
      if (waiting.size === 0) return
      // One that is only pending is taken back in silence by an OUT, and the room would never hear of its end.
      for (const { id, state: stands } of state.effects) if (stands !== 'pending') waiting.delete(id)
    },
    has: (id) => waiting.size > 0 && [...waiting.values()].some(({ member }) => member === id),
    members: () => {
      const { clock } = parts()
      for (const [id, { since }] of waiting) if (clock.now() - since > REMEMBERED * clock.speed) waiting.delete(id)
      return [...new Set([...waiting.values()].map(({ member }) => member))]
    },
  }
}

/** `whose`: only what was said of this member matters. */
export type UntilSaved = (item: Pick<InboxItem, 'receivedAt'>, whose?: string) => Promise<void>

/**
 * The room has heard an alarm that is not saved yet. Whoever takes it must not hear that there is none, and an OUT must not end the session as if
 * there were none: it is saved first. Throws `StoreError` while it is not, so that the item is tried again, but not for long.
 */
export function createUntilSaved(options: {
  house: Pick<House, 'members'>
  unsaved: () => string[]
  clock: Clock
}): UntilSaved {
  const { house, unsaved, clock } = options
  return async ({ receivedAt }, whose) => {
    const waits = (): string[] => unsaved().filter((id) => whose === undefined || id === whose)
    for (const id of waits()) await house.members.apply(id, { type: 'woke', at: clock.now() }).catch(() => undefined)
    if (waits().length > 0 && clock.now() - receivedAt < PATIENCE * clock.speed)
      throw new StoreError('unsaved', 'an alarm that was said could not be saved yet')
  }
}
