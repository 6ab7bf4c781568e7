import { setTimeout } from 'node:timers/promises'
import type { Duration } from '../../core/time.ts'
import { SECOND } from '../../core/time.ts'
import { randomFew } from '../../crypto/random-stock.ts'
import type { Office, Term } from '../../ports/office.ts'
import { StoreError } from '../../ports/store.ts'
import type { Row, Rows } from './rows.ts'
import type { StandbyRow } from './standbys.ts'
import { mongoStandbys } from './standbys.ts'
import type { Looks, StillOurs } from './still-ours.ts'

/** The row of `meta` that says who is in office. */
export const OFFICE = 'office'

/** Whether nothing was heard of the holder in between. */
export const isSameBeat = (one: OfficeRow | undefined, other: Beat | undefined): boolean =>
  one?.epoch === other?.epoch && one?.beat === other?.beat && one?.holder === other?.holder

/** How the row looks to somebody who has seen it before. */
function looks(row: OfficeRow | undefined, seen: Beat | undefined): Looks {
  if (!row || !seen) return 'changed'
  const isSameTerm = row.epoch === seen.epoch
  if (row.epoch < seen.epoch || (isSameTerm && row.beat < seen.beat)) return 'older'
  return isSameTerm && row.holder === seen.holder ? 'as-left' : 'changed'
}

export type Beat = Pick<OfficeRow, 'epoch' | 'beat' | 'holder'>

export interface OfficeRow extends Row {
  _id: string
  epoch: number
  /** Whose term it is; empty when it was given back. */
  holder: string
  /** Counts up while the holder lives. */
  beat: number
}

/** Real milliseconds. */
export interface OfficeTimes {
  /** How long a term lasts after its last beat. */
  lease: Duration
  beat: Duration
  /** How much longer the others wait, for clocks that do not run equally fast. */
  margin: Duration
  /** Between two looks of those who stand by. */
  look: Duration
  /** How long the holder of a term that ran out may take to come back when the database is back: some beats, and the driver's own looks. */
  comeBack: Duration
}

const officeTimes: OfficeTimes = {
  lease: 10 * SECOND,
  beat: 2 * SECOND,
  margin: SECOND / 2,
  look: SECOND,
  comeBack: 6 * SECOND,
}

/** The first term where data lies that no term is known of: seconds since 1970, which no count of terms ever reaches. */
const newFirstEpoch = (): number => Math.floor(Date.now() / 1000)

/**
 * A term lasts ten seconds from the moment at which its last beat was sent, by its holder's steady clock; another kernel takes over when it has
 * seen the same beat for longer than that, by its own, while the database answered. So no two clocks are ever compared. The change itself is a
 * compare-and-set.
 */
export function mongoOffice(options: {
  rows: Rows<OfficeRow>
  standbyRows: Rows<StandbyRow>
  times?: OfficeTimes
  /** Whether this database is empty. */
  isNew: () => Promise<boolean>
  /** Throws where it is not the database that was opened. */
  check: StillOurs['check']
  /** What must be done with the term begun, before anybody acts. */
  begin: (epoch: number) => Promise<void>
  onTrouble: (error: unknown) => void
}): Office & { close: () => void } {
  const { rows, standbyRows, times = officeTimes, isNew, check, begin, onTrouble } = options
  const self = randomFew(9).toString('base64url')
  const standbys = mongoStandbys({ rows: standbyRows, self, lease: times.lease })
  let beatAt = -Infinity
  /** Shows that it lives, where somebody else acts. */
  const standBy = async (): Promise<void> => {
    if (performance.now() - beatAt < times.beat) return
    await standbys.beat()
    beatAt = performance.now()
  }
  let seen: (Beat & { at: number; isWaitedFor?: true }) | undefined
  let couldNotLook = false
  let hasSeenAnother = false
  let closed = false
  const stops = new Set<() => void>()

  const look = async (): Promise<OfficeRow | undefined> => {
    const row = await rows.find(OFFICE)
    await check(looks(row, seen))
    if (row && row.holder === seen?.holder && row.holder !== self && row.beat > seen.beat) hasSeenAnother = true
    if (!row) seen = undefined
    else if (!seen || !isSameBeat(row, seen))
      // From when the answer is here: the beat is older.
      seen = { epoch: row.epoch, beat: row.beat, holder: row.holder, at: performance.now() }
    // When the database was away the holder could not beat either, and knows what it said meanwhile: it may come back, once.
    else if (couldNotLook && !seen.isWaitedFor) {
      const at = performance.now() + times.comeBack - times.lease - times.margin
      seen = { ...seen, at: Math.max(seen.at, at), isWaitedFor: true }
    }
    couldNotLook = false
    return row
  }

  /** The epoch of the new term, and when it began at the earliest; undefined: somebody else is in office, or was faster. */
  const tryToTake = async (): Promise<{ epoch: number; since: Moment } | undefined> => {
    const row = await look().catch((error: unknown) => {
      couldNotLook = true
      throw error
    })
    const since = moment()
    if (!row) {
      const epoch = (await isNew()) ? 1 : newFirstEpoch()
      return (await rows.insert({ _id: OFFICE, epoch, holder: self, beat: 0 })) ? undefined : { epoch, since }
    }
    const { epoch, beat, holder } = row
    const silent = performance.now() - (seen?.at ?? Infinity)
    // One of ours that is not served: its answer was lost, or it could not be given back.
    if (holder !== '' && holder !== self && silent <= times.lease + times.margin) return undefined
    const isTaken = await rows.change(OFFICE, { epoch, beat, holder }, { epoch: epoch + 1, holder: self, beat: 0 })
    return isTaken ? { epoch: epoch + 1, since } : undefined
  }

  const serve = (epoch: number, began: Moment): Term => {
    let since = began
    let beat = 0
    /** The last one that the database has answered. */
    let answered = 0
    let isOver = false
    let ended = (): void => undefined
    const over = new Promise<void>((resolve) => (ended = resolve))
    const end = (): void => {
      isOver = true
      clearInterval(timer)
      stops.delete(end)
      ended()
    }
    let renewing: Promise<boolean> | undefined
    let failed: Moment | undefined
    const renew = async (): Promise<boolean> => {
      const sentAt = moment()
      try {
        const mine = ++beat
        // One that comes late must not turn the count back; where it stands before what was answered, somebody has put back an older copy.
        const between = { $gt: answered - 1, $lt: mine }
        const isOurs = await rows.change(OFFICE, { epoch, holder: self, beat: between }, { beat: mine })
        // Given back meanwhile.
        if (!isOurs && isOver) return false
        // Whoever takes over counts on from our epoch.
        const isTaken = !isOurs && ((await rows.find(OFFICE))?.epoch ?? 0) > epoch
        await check(isOurs ? 'as-left' : isTaken ? 'changed' : 'older')
        failed = undefined
        if (isOurs) [since, answered] = [sentAt, mine]
        else end()
        return isOurs && !isOver
      } catch (error) {
        failed = moment()
        throw error
      }
    }
    /** Whoever asks while one is under way waits for that one: it may have begun before a long sleep, so its own time counts. */
    const prove = (): Promise<boolean> =>
      isOver ? Promise.resolve(false) : (renewing ??= renew().finally(() => (renewing = undefined)))
    const timer = setInterval(() => {
      prove().then(standbys.look).catch(onTrouble)
    }, times.beat)
    stops.add(end)
    return {
      epoch,
      over,
      prove,
      isCutOff: () => !isOver && failed !== undefined && passed(failed) < times.lease / 2,
      left: () => (isOver ? 0 : Math.max(0, times.lease - passed(since))),
      resign: async () => {
        if (isOver) return
        end()
        await rows.change(OFFICE, { epoch, holder: self }, { holder: '' }).catch(onTrouble)
      },
    }
  }

  return {
    take: async (signal) => {
      for (;;) {
        if (signal.aborted) await standbys.leave().catch(onTrouble)
        signal.throwIfAborted()
        try {
          const taken = await tryToTake()
          if (taken) {
            const term = serve(taken.epoch, taken.since)
            try {
              await begin(term.epoch)
              standbys.leave().catch(onTrouble)
              return term
            } catch (error) {
              await term.resign()
              throw error
            }
          }
          await standBy()
        } catch (error) {
          if (closed) throw error
          onTrouble(error)
        }
        // Whoever ends it is heard at the beginning of the next turn.
        await setTimeout(times.look, undefined, { signal }).catch(() => undefined)
      }
    },
    isHeldByAnother: () =>
      seen !== undefined &&
      seen.holder !== '' &&
      seen.holder !== self &&
      performance.now() - seen.at <= times.lease + times.margin,
    standbys: standbys.count,
    hasSeenAnother: () => hasSeenAnother,
    close: () => {
      closed = true
      for (const stop of stops) stop()
    },
  }
}

/**
 * Makes sure that nobody is in office, which takes as long as a term lasts if its holder did not give it back. Resolves with what is known of the
 * last term, and with how to ask again. Both throw `StoreError('in-office')`: a kernel is at work, or has been since.
 */
export async function watchEmptyOffice(
  rows: Rows<OfficeRow>,
  times: OfficeTimes = officeTimes,
): Promise<{ epoch: number; refuseKernel: () => Promise<void> }> {
  const first = await rows.find(OFFICE)
  const refuseKernel = async (): Promise<void> => {
    if ((await rows.find(OFFICE))?.nonce === first?.nonce) return
    throw new StoreError(
      'in-office',
      'an imok is at work in the database; stop every imok of this group, on all machines, and copy then',
    )
  }
  // One that stands by looks so often, and takes at once what was given back.
  const longest = first && first.holder !== '' ? times.lease + times.margin : 2 * times.look
  for (const until = performance.now() + longest; performance.now() < until;) {
    await setTimeout(times.look)
    await refuseKernel()
  }
  return { epoch: first?.epoch ?? 0, refuseKernel }
}

/** The next term is one more than `epoch`. */
export async function setLastTerm(rows: Rows<OfficeRow>, epoch: number): Promise<void> {
  await rows.remove(OFFICE)
  await rows.insert({ _id: OFFICE, epoch, holder: '', beat: 0 })
}

/** By two clocks: the steady one stands still while the machine sleeps, the other may be set. */
interface Moment {
  steady: number
  wall: number
}

const moment = (): Moment => ({ steady: performance.now(), wall: Date.now() })
const passed = (since: Moment): Duration => Math.max(performance.now() - since.steady, Date.now() - since.wall)
