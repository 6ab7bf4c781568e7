import type { EffectId } from '../core/effect.ts'
import type { Fresh } from '../core/member/event.ts'
import type { Instant } from '../core/time.ts'
import type { SaidAlarm, Told } from './unsaved.ts'

/**
 * What the room heard and no record has yet: alarms that could not be saved, under which ids, and with which numbers. A term may end in that very
 * moment (a frozen process, a database that was away), and the next one of the same process goes on with it; else their end would never be said.
 */
export interface TermMemory {
  /** What the room was told, by the id that the effect has or was to have; what is decided from the same record gets the same one. */
  told: Map<EffectId, Told[]>
  /** Those that are not saved yet. */
  waiting: Map<EffectId, SaidAlarm>
  /** What a roll-call says, and since when. */
  inRollCall: Map<EffectId, Instant>
  /** By member, until the save: a transition that must be redone gets the same ids and the same number again. */
  given: Map<string, Fresh>
  /** A term begins. Where another kernel was in office in between, the records have gone on without this. */
  begins: (epoch: number) => void
}

export function createTermMemory(): TermMemory {
  let last: number | undefined
  const parts = { told: new Map(), waiting: new Map(), inRollCall: new Map(), given: new Map() }
  return {
    ...parts,
    begins: (epoch) => {
      if (last !== undefined && epoch !== last + 1) for (const part of Object.values(parts)) part.clear()
      last = epoch
    },
  }
}
