import type { Member } from '../core/member/member.ts'
import { ready } from '../core/outbox/lifecycle.ts'
import type { Room } from '../ports/channel.ts'
import type { Clock } from '../ports/clock.ts'
import type { Log } from '../ports/log.ts'
import type { Renderer } from '../ports/texts.ts'
import { codeOf } from './due-loop.ts'
import { outgoing } from './outgoing.ts'

/**
 * A state that could not be saved: its alerts go to the room all the same, under the ids that the save will give them. A room that
 * knows the id shows the message once.
 */
export function createUnsaved(
  parts: () => { room: Room; texts: Renderer; language: string; clock: Clock; log: Log },
): (state: Member) => void {
  const sent = new Set<string>()
  return (state) => {
    const { room, texts, language, clock, log } = parts()
    for (const effect of ready(state, clock.now())) {
      if (effect.purpose !== 'alert' || effect.recipient.to !== 'room' || sent.has(effect.id)) continue
      sent.add(effect.id)
      room.send(outgoing(state, effect, texts, language, clock.now(), clock.speed)).catch((error: unknown) => {
        sent.delete(effect.id)
        log.error('an alert could neither be saved nor sent; it is tried again in a second', {
          effect: effect.id,
          code: codeOf(error),
        })
      })
    }
  }
}
