import type { EffectId } from '../core/effect.ts'
import { isOpen } from '../core/effect.ts'
import type { Text } from '../core/texts.ts'
import { clock as clockText, text } from '../core/texts.ts'
import type { Member } from '../core/member/member.ts'
import type { Instant } from '../core/time.ts'
import type { Clock } from '../ports/clock.ts'
import type { Announce } from './announce.ts'
import type { House } from './house.ts'
import { isAlarm, isTakenBack, openingOf } from './unsaved.ts'
import type { SaidAlarm, Unsaved } from './unsaved.ts'

/**
 * The room heard an alarm that the store could not save, and the record went on without it: an OUT, or more time, had been saved and nobody
 * was told so. Then nothing else would ever say that it is over (S6).
 */
export function createSaidForNothing(options: {
  house: Pick<House, 'members' | 'numberSpent'>
  unsaved: () => Pick<Unsaved, 'members' | 'of' | 'forget'>
  announce: Announce
  clock: Pick<Clock, 'now'>
}): { look: () => Promise<void> } {
  const { house, unsaved, announce, clock } = options
  return {
    look: async () => {
      for (const id of unsaved().members()) {
        const member = await house.members.read(id)
        if (!member) continue
        for (const [effect, said] of unsaved().of(id)) {
          if (isSavedAnew(member, effect, said)) unsaved().forget(effect)
          if (!isForNothing(member, effect, said, clock.now())) continue
          await announce(`for-nothing:${effect}`, over(member, said), { loud: true })
          unsaved().forget(effect)
          house.numberSpent(id)
        }
      }
    },
  }
}

/**
 * It was raised again from a newer record, under the same number and another id; or it was taken back there while the alarm goes on. A cry for help may
 * wait to be applied: that is another one.
 */
const isSavedAnew = ({ version, incident, effects }: Member, effect: EffectId, said: SaidAlarm): boolean =>
  (said.kind === 'overdue' || effects.some((e) => isAlarm(e) && openingOf(e) === said.opening)) &&
  version > said.version &&
  incident?.number === said.number &&
  !effects.some((e) => e.id === effect && isAlarm(e) && isOpen(e))

/**
 * The record is newer than what was to be saved with the alarm, and does not have it, or has taken it back unheard. A cry for help that waits to be
 * applied is never for nothing, nor is anything while an alarm is open, or is to be raised.
 */
function isForNothing(member: Member, effect: EffectId, { version, kind }: SaidAlarm, now: Instant): boolean {
  if (kind === 'sos' || member.version <= version || member.incident) return false
  if (member.session && member.session.dueAt <= now) return false
  const there = member.effects.find((e) => e.id === effect && isAlarm(e))
  return there === undefined || isTakenBack(there)
}

const over = ({ name, session }: Member, { number }: SaidAlarm): Text[] => [
  text('room.said-for-nothing', { number, name }),
  session ? text('room.blind.out', { name, due: clockText(session.dueAt) }) : text('room.blind.back', { name }),
]
