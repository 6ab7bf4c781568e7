import type { Duration } from '../../core/time.ts'
import { HOUR } from '../../core/time.ts'
import type { Row, Rows } from './rows.ts'

/** The row of a kernel that stands by. */
export interface StandbyRow extends Row {
  _id: string
  /** Counts up while it lives. */
  beat: number
}

/** A row whose kernel was not seen to live for so long is taken away. Real milliseconds. */
const DEAD: Duration = HOUR

/** Who stands by. Each shows by a beat that it lives, and whoever acts looks: like the term in office, without comparing clocks. */
export interface Standbys {
  /** This one stands by, and lives. */
  beat: () => Promise<void>
  /** This one does not stand by any more. */
  leave: () => Promise<void>
  /** Looks for the others. */
  look: () => Promise<void>
  /** Of the others, those that were seen to live within `lease`. */
  count: () => number
}

export function mongoStandbys(options: { rows: Rows<StandbyRow>; self: string; lease: Duration }): Standbys {
  const { rows, self, lease } = options
  const seen = new Map<string, { beat: number; at: number }>()
  let beats = 0
  let isHere = false
  return {
    beat: async () => {
      beats += 1
      isHere &&= await rows.change(self, {}, { beat: beats })
      if (!isHere) await rows.insert({ _id: self, beat: beats })
      isHere = true
    },
    leave: async () => {
      if (isHere) await rows.remove(self)
      isHere = false
    },
    look: async () => {
      const found = await rows.list({})
      const now = performance.now()
      for (const { _id: id, beat } of found) {
        const known = seen.get(id)
        // What was never seen before may be dead since yesterday: it counts from its next beat on.
        if (known?.beat !== beat) seen.set(id, { beat, at: known ? now : now - lease })
        else if (now - known.at > DEAD) await rows.remove(id, { beat })
      }
      for (const id of seen.keys()) if (!found.some((row) => row._id === id)) seen.delete(id)
    },
    count: () => [...seen].filter(([id, { at }]) => id !== self && performance.now() - at < lease).length,
  }
}
