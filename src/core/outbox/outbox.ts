import type { Effect, EffectId, Recipient, Urgency } from '../effect.ts'
import { doubtOf, mayBeHeard } from '../effect.ts'
import type { Text } from '../texts.ts'
import type { Instant } from '../time.ts'

/** What every aggregate has: its saves are counted, and its effects are kept with its state, in one save. */
export interface Outbox {
  id: string
  /** The version that is stored; the save in the making is the next. */
  version: number
  /** Counts effects for ever, so that no id is used twice. */
  serial: number
  effects: Effect[]
  /** Ids of what was applied lately, newest last, so that a replay is a no-op. */
  applied: string[]
}

/** A state in the making, inside one transition. `state` is a copy: the caller's is never touched. */
export interface Draft<State extends Outbox> {
  state: State
  at: Instant
}

/** Enough for every item that a crash can leave between "saved" and "done", many times over. */
const APPLIED_KEPT = 100

export const draft = <State extends Outbox>(state: State, at: Instant): Draft<State> => ({ state: { ...state }, at })

export type NewEffect = { urgency: Urgency; recipient: Recipient; purpose: string; body: Text[] } & Partial<
  Pick<Effect, 'incident' | 'choices' | 'media' | 'loud' | 'expiresAt' | 'after' | 'onlyIfHeard' | 'notBefore'>
>

/** Adds an effect to the state, to be done once the state is saved. */
export function emit(draft: Draft<Outbox>, effect: NewEffect): EffectId {
  const { state, at } = draft
  const serial = state.serial + 1
  const id = `${state.id}:${state.version + 1}:${serial}`
  state.serial = serial
  state.effects = [...state.effects, { notBefore: at, ...effect, id, state: 'pending', createdAt: at, attempts: 0 }]
  return id
}

export function change(draft: Draft<Outbox>, id: EffectId, changes: Partial<Effect>): void {
  draft.state.effects = draft.state.effects.map((e) => (e.id === id ? { ...e, ...changes } : e))
}

export const find = (state: Outbox, id: EffectId): Effect | undefined => state.effects.find((e) => e.id === id)

/** True, and remembered, if this inbound item or effect was not applied before. */
export function firstTime(draft: Draft<Outbox>, id: string): boolean {
  if (draft.state.applied.includes(id)) return false
  draft.state.applied = [...draft.state.applied, id].slice(-APPLIED_KEPT)
  return true
}

/**
 * Takes back what has not gone out. What may have gone out already is not tried again once its attempt ends, nor elsewhere when
 * proof comes that it did not arrive.
 * Returns the ids of those that somebody may have heard or may hear yet.
 */
export function withdraw(draft: Draft<Outbox>, which: (effect: Effect) => boolean): EffectId[] {
  const heard: EffectId[] = []
  draft.state.effects = draft.state.effects.map((e) => {
    if (!which(e)) return e
    if (mayBeHeard(e)) heard.push(e.id)
    if (e.state === 'pending' || e.state === 'unknown') return { ...e, state: 'cancelled', doubtSince: doubtOf(e) }
    return e.state === 'claimed' || e.state === 'accepted' ? { ...e, withdrawn: true } : e
  })
  return heard
}

/** Nothing was put in another's place: such a state needs no save. */
export const unchanged = <State extends Outbox>(before: State, after: State): boolean => {
  const keys = Object.keys(after) as (keyof State)[]
  return keys.length === Object.keys(before).length && keys.every((key) => before[key] === after[key])
}
