import { codeOf } from '../app/due-loop.ts'
import { inTime } from '../app/in-time.ts'
import type { Overview } from '../app/overview.ts'
import { READ_BACK } from '../app/read-back.ts'
import type { Duration } from '../core/time.ts'
import { SECOND } from '../core/time.ts'
import type { DataKey } from '../crypto/data-key.ts'
import { makeSeal } from '../crypto/seal.ts'
import type { Clock } from '../ports/clock.ts'
import type { Inbox } from '../ports/inbox.ts'
import type { Log } from '../ports/log.ts'
import type { Store } from '../ports/store.ts'
import { ensurePair, moveLockedInbox } from '../stores/locked-inbox.ts'
import type { LockedInbox } from '../stores/locked-inbox.ts'
import { nodeDisk } from '../stores/lowdb/node-disk.ts'
import type { Disk } from '../stores/lowdb/disk.ts'
import { writeOutList } from '../stores/out-list.ts'

/** Real milliseconds from one look at who is out to the next. */
const LOOK: Duration = SECOND / 2
const AGAIN: Duration = 5 * SECOND

type Way = Pick<Inbox, 'put'>

/** What a kernel that has the data key does for one that will not have it, and what it takes over from one that had not. */
export interface ForTheLocked {
  /**
   * Puts into the inbox what came in while locked, here or in an earlier run, and makes sure that the next locked kernel can take texts in. It
   * holds up the start for ten seconds at most; what fails is tried again every five.
   */
  takeOver: (inbox: Way, from?: LockedInbox) => Promise<void>
  /** From now on keeps the list of when whose time is over. */
  keepList: (overview: Pick<Overview, 'out'>) => void
  /** Writes the list for the last time. */
  stop: () => Promise<void>
}

export function forTheLocked(options: {
  folder: string
  key: DataKey
  store: Pick<Store, 'damage'>
  clock: Clock
  log: Log
}): ForTheLocked {
  const { folder, store, clock, log } = options
  let opened: Disk | undefined
  const disk = (): Disk => (opened ??= nodeDisk(folder))
  const seal = makeSeal(options.key)
  const offs: (() => void)[] = []
  let isOver = false
  let write = (): Promise<void> => Promise.resolve()

  const move = async (inbox: Way): Promise<void> => {
    const damage = await moveLockedInbox(disk(), seal, inbox, clock.now())
    store.damage.push(...damage)
    for (const { setAside } of damage)
      log.error('not all that came in while locked can be read: it is damaged, or was sealed to another key', {
        setAside,
      })
    await ensurePair(disk(), seal, clock.now())
  }

  const again = async (inbox: Way, error: unknown): Promise<void> => {
    log.error('what came in while locked could not be taken in; it is tried again every five seconds', {
      code: codeOf(error),
    })
    for (let isDone = false; !isDone;) {
      await clock.pause(AGAIN)
      isDone =
        isOver ||
        (await move(inbox).then(
          () => true,
          () => false,
        ))
    }
  }

  const listOf = (overview: Pick<Overview, 'out'>): number[] =>
    overview.out().map(({ dueAt = Infinity, incident }) => Math.min(dueAt, incident?.raisedAt ?? Infinity))

  return {
    takeOver: async (inbox, from) => {
      const moved = from ? from.handOver(inbox, () => move(inbox)) : move(inbox)
      const started = moved.catch((error: unknown) => void again(inbox, error))
      await inTime(clock, READ_BACK, started, () => undefined)
    },
    keepList: (overview) => {
      let written: string | undefined
      let isFailing = false
      let turn: Promise<void> = Promise.resolve()
      const look = async (): Promise<void> => {
        const due = listOf(overview)
        const text = due.join()
        if (text === written) return
        try {
          await writeOutList(disk(), { at: clock.now(), due })
          written = text
          isFailing = false
        } catch (error) {
          if (!isFailing)
            log.warn('who is out could not be written down for a locked kernel; it is tried again', {
              code: codeOf(error),
            })
          isFailing = true
        }
      }
      write = () => (turn = turn.then(look))
      let isLooking = false
      offs.push(
        clock.every(LOOK, () => {
          if (isLooking) return
          isLooking = true
          void write().finally(() => (isLooking = false))
        }),
      )
    },
    stop: async () => {
      isOver = true
      for (const off of offs) off()
      await write()
      await opened?.close()
    },
  }
}
