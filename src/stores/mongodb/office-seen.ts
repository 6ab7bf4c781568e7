import type { Collection } from 'mongodb'
import type { Duration } from '../../core/time.ts'
import { SECOND } from '../../core/time.ts'
import { openLink } from './link.ts'
import type { Link } from './link.ts'
import { isSameBeat, OFFICE } from './office.ts'
import type { Beat, OfficeRow } from './office.ts'
import { Rows } from './rows.ts'
import { createWire } from './wire.ts'

/** Longer than a beat, so that each look at a kernel that acts sees another one. Real milliseconds. */
const LOOK: Duration = 3 * SECOND

/** So long after the last beat that was seen a kernel counts as acting: a term, with some looks on both sides. Real milliseconds. */
const ACTS: Duration = 20 * SECOND

/** Who has no data key can read nothing in the database but that: whether some kernel acts. */
export interface OfficeSeen {
  /** A beat was seen just now. False while nobody knows: the database cannot be asked either. */
  isTaken: () => boolean
  close: () => Promise<void>
}

/** Looks from now on, whether or not the database can be reached. `onTrouble`: it could not be asked; that is tried again. */
export function seeOffice(
  url: string,
  onTrouble: (error: unknown) => void,
  times: { look: Duration; acts: Duration } = { look: LOOK, acts: ACTS },
  open: (url: string) => Promise<Link> = openLink,
): OfficeSeen {
  let link: Link | undefined
  let rows: Rows<OfficeRow> | undefined
  let seen: Beat | undefined
  let beatAt = -Infinity
  let isClosed = false
  let looking: Promise<void> | undefined

  const look = async (): Promise<void> => {
    try {
      link ??= await open(url)
      if (isClosed) return
      rows ??= new Rows<OfficeRow>(
        link.db.collection('meta') as unknown as Collection<OfficeRow>,
        createWire(() => undefined),
      )
      const row = await rows.find(OFFICE)
      // What stood there at the first look may be of a kernel that died long ago.
      if (row && row.holder !== '' && seen && !isSameBeat(row, seen)) beatAt = performance.now()
      seen = row ?? { epoch: 0, beat: 0, holder: '' }
    } catch (error) {
      onTrouble(error)
    }
  }
  const lookOnce = (): void => void (looking ??= look().finally(() => (looking = undefined)))
  lookOnce()
  const timer = setInterval(lookOnce, times.look)
  return {
    isTaken: () => performance.now() - beatAt < times.acts,
    close: async () => {
      isClosed = true
      clearInterval(timer)
      await looking
      await link?.close().catch(() => undefined)
    },
  }
}
