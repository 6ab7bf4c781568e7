import type { Effect, EffectId } from '../core/effect.ts'
import type { IncidentKind, Member } from '../core/member/member.ts'
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

/** Real milliseconds after which an alarm that was said is worth hearing again when it is saved: people have been looking at it for that long. */
const STILL_NEW: Duration = 20 * SECOND

/** Real milliseconds that what somebody wrote waits for an alarm to be saved. */
const PATIENCE: Duration = 10 * SECOND

/** Alerts that the room hears although the store could not save them (docs/adr/0003-alerts-that-cannot-be-saved.md). */
export interface Unsaved {
  /** The alerts of a state that could not be saved go to the room under the ids that the save will give them. A room that knows the id shows the message once. */
  say: (state: Member) => void
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
  /** Those alarms of one of them. */
  of: (member: string) => [EffectId, SaidAlarm][]
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
  /** All that it said. */
  body: string
  /** Under which id, and when. */
  idInRoom: EffectId
  saidAt: Instant
}

/** What the room was told under an id. It may have it also where it refused: nothing else is ever said under that. */
interface Told {
  opening: string
  idInRoom: EffectId
  isRefused: boolean
}

/** The room takes what has a known id for a repetition. */
const spent = (id: EffectId): string => `${id}.after`

/** Two alarms that open alike are the same one, said again. */
const openingOf = ({ body }: Effect): string => body[0]?.key ?? ''

/** Nobody has begun to say it for the record: taken back so, the room never hears of its end. */
const isUnheard = ({ state, attempts }: Effect): boolean =>
  state === 'pending' || (state === 'cancelled' && attempts === 0)

/** In a record, under an id that was said: that alarm. Anything else that has the id is not. */
export const isAlarm = ({ purpose, recipient }: Effect): boolean => purpose === 'alert' && recipient.to === 'room'

export function createUnsaved(
  parts: () => { room: Room; texts: Renderer; language: string; clock: Clock; log: Log },
): Unsaved {
  const told = new Map<EffectId, Told>()
  const waiting = new Map<EffectId, SaidAlarm>()
  /** What was said before it was saved, and was saved under another id: the record was newer than we knew. By that one. */
  const savedAnew = new Map<EffectId, EffectId>()

  const idFor = (effect: Effect): EffectId => {
    const before = told.get(effect.id)
    if (!before) return savedAnew.get(effect.id) ?? effect.id
    return before.opening === openingOf(effect) ? before.idInRoom : spent(before.idInRoom)
  }

  const sayings = ({ body }: Effect): string => JSON.stringify(body)

  return {
    say: (state) => {
      const { room, texts, language, clock, log } = parts()
      // One whose claim was refused is not being said by anybody else.
      const claimed = state.effects.filter((e) => e.state === 'claimed' && e.withdrawn !== true)
      for (const effect of [...ready(state, clock.now()), ...claimed]) {
        if (!isAlarm(effect)) continue
        // Refused once more: it is waited for still.
        const waits = waiting.get(effect.id)
        if (waits) waits.since = clock.now()
        const before = told.get(effect.id)
        const isSame = before?.opening === openingOf(effect)
        if (isSame && !before.isRefused) continue
        const { id: member, version, incident } = state
        if (!incident) continue
        const { number, kind } = incident
        const idInRoom = idFor(effect)
        const telling: Told = { opening: openingOf(effect), idInRoom, isRefused: false }
        told.set(effect.id, telling)
        const now = clock.now()
        const said = { body: sayings(effect), idInRoom, saidAt: now }
        waiting.set(effect.id, { member, since: now, version, number, kind, ...said })
        const message = outgoing(state, effect, texts, language, now, clock.speed)
        room.send({ ...message, id: idInRoom }).catch((error: unknown) => {
          telling.isRefused = true
          log.error('an alert could neither be saved nor sent; it is tried again in a second', {
            effect: effect.id,
            code: codeOf(error),
          })
        })
      }
    },
    saved: (state) => {
      if (waiting.size === 0) return
      const { clock } = parts()
      const alarms = state.effects.filter(isAlarm)
      const ids = new Set(alarms.map((e) => e.id))
      for (const effect of alarms) {
        // One that is only pending is taken back in silence by an OUT, and the room would never hear of its end.
        if (!isUnheard(effect)) waiting.delete(effect.id)
        if (effect.state !== 'pending' || told.has(effect.id) || savedAnew.has(effect.id)) continue
        const same = [...waiting].find(
          ([id, it]) =>
            it.member === state.id &&
            !ids.has(id) &&
            it.body === sayings(effect) &&
            clock.now() - it.saidAt < STILL_NEW * clock.speed,
        )
        if (!same) continue
        const [before, said] = same
        savedAnew.set(effect.id, said.idInRoom)
        waiting.delete(before)
        waiting.set(effect.id, { ...said, version: state.version })
      }
    },
    idInRoom: idFor,
    has: (id) => waiting.size > 0 && [...waiting.values()].some(({ member }) => member === id),
    members: () => {
      const { clock } = parts()
      for (const [id, { since }] of waiting) if (clock.now() - since > REMEMBERED * clock.speed) waiting.delete(id)
      return [...new Set([...waiting.values()].map(({ member }) => member))]
    },
    of: (id) => [...waiting].filter(([, { member }]) => member === id),
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
