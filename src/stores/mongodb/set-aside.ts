import type { Instant } from '../../core/time.ts'
import type { Row, Rows } from './rows.ts'

/** What cannot be read, as it lay there, under a name that tells since when. */
export type AsideRow = Row & { _id: string; at: Instant; was: unknown }

/** Moves a row out of the way, to be looked at by a person. Where it lies then. */
export type SetAside = <R extends Row>(rows: Rows<R>, row: R) => Promise<string>

export const createSetAside =
  (aside: Rows<AsideRow>, now: () => Instant): SetAside =>
  async (rows, row) => {
    const name = `${String(row._id)}.damaged-${new Date(now()).toISOString()}`
    await aside.insert({ _id: name, at: now(), was: row })
    await rows.remove(row._id, { nonce: row.nonce ?? null } as Partial<typeof row>)
    return `aside/${name}`
  }
