import type { Effect, EffectId, Outcome } from '../core/effect.ts'
import { isInDoubt, isOpen } from '../core/effect.ts'
import type { IncidentKind, Member } from '../core/member/member.ts'
import { ready } from '../core/outbox/lifecycle.ts'
import type { Duration, Instant } from '../core/time.ts'
import { MINUTE, SECOND } from '../core/time.ts'
import type { Room } from '../ports/channel.ts'
import { SendError } from '../ports/channel.ts'
import type { Clock } from '../ports/clock.ts'
import type { InboxItem } from '../ports/inbox.ts'
import type { Log } from '../ports/log.ts'
import { StoreError } from '../ports/store.ts'
import type { Renderer } from '../ports/texts.ts'
import { codeOf } from './due-loop.ts'
import type { House } from './house.ts'
import { outgoing } from './outgoing.ts'
import type { TermMemory } from './term-memory.ts'

/** Real milliseconds after which an alarm that was said counts as saved, or as come to nothing: another event may have given it another id. */
const REMEMBERED: Duration = MINUTE

/** So many different ones are said under one id: two phones may cry at once, but nothing may fill the room with a message a second. */
const MOST_TOLD = 5

/** Real milliseconds after which an alarm that was said is worth hearing again when it is saved: people have been looking at it for that long. */
const STILL_NEW: Duration = 20 * SECOND

/** Kernel milliseconds after which it is said once more when it is saved: as often as an alarm repeats that nobody takes (design/protocol.md section 3). */
const REPEATED: Duration = 5 * MINUTE

/** Real milliseconds that what somebody wrote waits for an alarm to be saved. */
const PATIENCE: Duration = 10 * SECOND

/** Alerts that the room hears although the store could not save them (docs/adr/0003-alerts-that-cannot-be-saved.md). */
export interface Unsaved {
  /** The alerts of a state that could not be saved go to the room under the ids that the save will give them. A room that knows the id shows the message once. */
  say: (state: Member) => void
  /**
   * A message that stands for these alerts goes out, under an id of its own: none of them is said by itself while it does, nor, where the room took it,
   * until that is saved. Passes on how it went.
   */
  named: (alerts: readonly EffectId[], attempt: Promise<Outcome>) => Promise<Outcome>
  /** This state was saved. */
  saved: (state: Pick<Member, 'id' | 'version' | 'effects'>) => void
  /** Whether an alarm of this member is among them. */
  has: (member: string) => boolean
  /**
   * Under which id the room hears this effect. Where it was said already that is the one that the room knows; where something else was said under its id
   * it is another: what is decided from the same record gets the same ids.
   */
  idInRoom: (effect: Effect) => EffectId
  /** Whose alarms were said, and are not yet saved as having been said. */
  members: () => string[]
  /** Those alarms of one of them that the room has, or may have. */
  of: (member: string) => [EffectId, SaidAlarm][]
  /** Whether the room has it, although that is not saved; also while a roll-call says it. */
  isHeard: (effect: Effect) => boolean
  /** Whether the room was told it although it could not be saved, and has not refused that for certain: then it has it, or may yet. */
  mayHave: (effect: Effect) => boolean
  /** It came to nothing, and that was said. */
  forget: (effect: EffectId) => void
}

export interface SaidAlarm {
  member: string
  /** When it was last refused. */
  since: Instant
  /** Of the record that it was to be saved into. */
  version: number
  /** Of its incident. */
  number: number
  kind: IncidentKind
  /** What makes it this alarm, whatever else it says. */
  opening: string
  /** All that it said. */
  body: string
  /** Under which id, and when. */
  idInRoom: EffectId
  saidAt: Instant
}

/** What the room was told under an id. It may have it also where it refused: nothing else is ever said under that. */
export interface Told {
  opening: string
  idInRoom: EffectId
  isRefused: boolean
  /** The first time that it may have been heard. */
  since?: Instant
  /** The room took it. */
  isHeard?: boolean
}

/** The room has what it was told, or may yet: it has not refused it for certain. */
const mayHave = (telling: Told | undefined): boolean => telling?.since !== undefined

/** The room takes what has a known id for a repetition. */
const spent = (id: EffectId): string => `${id}.after`

/** Two alarms of which this is equal are the same one, said again: an SOS is another one with other words, or said at another time. */
export const openingOf = ({ body }: Effect): string => {
  const [opening, ...lines] = body
  const at = opening?.key === 'room.sos' ? opening.params.at : undefined
  return JSON.stringify([opening?.key, at, lines.filter(({ key }) => key === 'line.words')])
}

/** All that it says. */
const sayings = ({ body }: Effect): string => JSON.stringify(body)

/** By the record it was taken back before the room can have heard it. */
export const isTakenBack = (effect: Effect): boolean => effect.state === 'cancelled' && !isInDoubt(effect)

/** By the record the room cannot have it: taken back so, it never hears of its end. */
const isUnheard = (effect: Effect): boolean => effect.state === 'pending' || isTakenBack(effect)

/** In a record, under an id that was said: that alarm. Anything else that has the id is not. */
export const isAlarm = ({ purpose, recipient }: Effect): boolean => purpose === 'alert' && recipient.to === 'room'

export function createUnsaved(
  parts: () => { room: Room; texts: Renderer; language: string; clock: Clock; log: Log },
  { told, waiting, inRollCall }: Pick<TermMemory, 'told' | 'waiting' | 'inRollCall'>,
): Unsaved {
  const idFor = (effect: Effect): EffectId => toldOf(effect)?.idInRoom ?? unusedId(effect)

  /** Longer than all under which something was said. */
  const unusedId = ({ id }: Effect): EffectId => {
    const used = told.get(id) ?? []
    if (used.length === 0) return id
    return spent(used.map(({ idInRoom }) => idInRoom).reduce((a, b) => (b.length > a.length ? b : a)))
  }

  const tellingOf = (id: EffectId, opening: string): Told | undefined =>
    told.get(id)?.find((telling) => telling.opening === opening)

  const toldOf = (effect: Effect): Told | undefined => tellingOf(effect.id, openingOf(effect))

  /** The very same was said just now for a record that was older than we knew, and is under another id there: the room knows it by that one. */
  const adopt = (
    effect: Effect,
    { id: member, version, effects }: Pick<Member, 'id' | 'version' | 'effects'>,
  ): void => {
    if (told.has(effect.id)) return
    const { clock } = parts()
    const same = [...waiting].find(
      ([id, it]) =>
        it.member === member &&
        it.body === sayings(effect) &&
        clock.now() - it.saidAt < STILL_NEW * clock.speed &&
        !effects.some((e) => e.id === id && isAlarm(e)),
    )
    if (!same) return
    const [before, said] = same
    told.set(effect.id, told.get(before)?.filter(({ idInRoom }) => idInRoom === said.idInRoom) ?? [])
    waiting.delete(before)
    waiting.set(effect.id, { ...said, version })
  }

  /** The ladder stood still while nothing could be saved. */
  const sayAgain = (effect: Effect): void => {
    const { clock } = parts()
    const [telling, said] = [toldOf(effect), waiting.get(effect.id)]
    if (!telling || !said || clock.now() - said.saidAt < REPEATED) return
    telling.idInRoom = unusedId(effect)
    // Nobody has said it under that yet: should its claim be refused, it is.
    telling.isRefused = true
    telling.since = clock.now()
    waiting.set(effect.id, { ...said, idInRoom: telling.idInRoom, saidAt: clock.now() })
  }

  return {
    say: (state) => {
      const { room, texts, language, clock, log } = parts()
      // One whose claim was refused is not being said by anybody else.
      const claimed = state.effects.filter((e) => e.state === 'claimed' && e.withdrawn !== true)
      for (const effect of [...ready(state, clock.now()), ...claimed]) {
        if (!isAlarm(effect) || clock.now() - (inRollCall.get(effect.id) ?? -Infinity) < REPEATED) continue
        adopt(effect, state)
        // Refused once more: it is waited for still.
        const waits = waiting.get(effect.id)
        if (waits) waits.since = clock.now()
        const before = toldOf(effect)
        if (before ? !before.isRefused : (told.get(effect.id)?.length ?? 0) >= MOST_TOLD) continue
        const { id: member, version, incident } = state
        if (!incident) continue
        const { number, kind } = incident
        const idInRoom = idFor(effect)
        const telling: Told = before ?? { opening: openingOf(effect), idInRoom, isRefused: false }
        telling.isRefused = false
        if (!before) told.set(effect.id, [...(told.get(effect.id) ?? []), telling])
        const now = clock.now()
        const said = {
          opening: openingOf(effect),
          body: sayings(effect),
          idInRoom,
          saidAt: (telling.since ??= now),
        }
        waiting.set(effect.id, { member, since: now, version, number, kind, ...said })
        const message = outgoing(state, effect, texts, language, now, clock.speed)
        const heard = (): void => void (telling.isHeard = true)
        room.send({ ...message, id: idInRoom }).then(heard, (error: unknown) => {
          telling.isRefused = true
          // What the room has not taken for certain was not said: people wait from when they hear it.
          if (error instanceof SendError && error.kind !== 'unknown') delete telling.since
          log.error('an alert could neither be saved nor sent; it is tried again in a second', {
            effect: effect.id,
            code: codeOf(error),
          })
        })
      }
    },
    named: async (alerts, attempt) => {
      for (const id of alerts) inRollCall.set(id, parts().clock.now())
      const outcome = await attempt
      if (outcome.type !== 'accepted') for (const id of alerts) inRollCall.delete(id)
      return outcome
    },
    saved: (state) => {
      if (inRollCall.size > 0) for (const e of state.effects) if (!isOpen(e)) inRollCall.delete(e.id)
      if (waiting.size === 0) return
      for (const effect of state.effects.filter(isAlarm)) {
        // One that is only pending is taken back in silence by an OUT, and the room would never hear of its end.
        if (!isUnheard(effect)) waiting.delete(effect.id)
        else if (effect.state === 'pending') {
          adopt(effect, state)
          sayAgain(effect)
        }
      }
    },
    idInRoom: idFor,
    has: (id) => waiting.size > 0 && [...waiting.values()].some(({ member }) => member === id),
    members: () => {
      const { clock } = parts()
      for (const [id, { since }] of waiting) if (clock.now() - since > REMEMBERED * clock.speed) waiting.delete(id)
      return [...new Set([...waiting.values()].map(({ member }) => member))]
    },
    of: (id) =>
      [...waiting].filter(([effect, { member, opening }]) => member === id && mayHave(tellingOf(effect, opening))),
    isHeard: (effect) => isOpen(effect) && (toldOf(effect)?.isHeard ?? inRollCall.has(effect.id)),
    mayHave: (effect) => mayHave(toldOf(effect)),
    forget: (effect) => void waiting.delete(effect),
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
