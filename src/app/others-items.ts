import type { Instant } from '../core/time.ts'
import type { Inbox, InboxItem } from '../ports/inbox.ts'

/** What other kernels have put into the inbox is found by looking: nobody tells us. */
export interface OthersItems {
  /** Takes up what waits and is not known here. Throws `StoreError`. */
  look: () => Promise<void>
  /** The same with a look that begins from now on: what came before is taken up before what came just now. */
  lookAfresh: () => Promise<void>
  /** Resolves when all that another kernel had stored by `at` is taken up. Throws `StoreError`. */
  hear: (at: Instant) => Promise<void>
  /** This one is applied and done. */
  done: (id: string) => void
}

export function createOthersItems(options: {
  inbox: Pick<Inbox, 'pending'>
  /** What was put or taken up here need not be read. */
  known: (id: string) => InboxItem | undefined
  isTakenUp: (id: string) => boolean
  /** False: not now. */
  takeUp: (item: InboxItem) => boolean
  now: () => Instant
}): OthersItems {
  const { inbox, known, isTakenUp, takeUp, now } = options
  /** Done while a list of what waits was on its way: what it says of them is old. */
  const doneMeanwhile = new Set<string>()
  let running: { since: Instant; over: Promise<void> } | undefined
  /** When the last look began that has ended well. */
  let heardUntil = -Infinity

  const lookOnce = async (since: Instant): Promise<void> => {
    const found = await inbox.pending(known)
    const left = found.filter(({ id }) => !isTakenUp(id) && !doneMeanwhile.has(id))
    if (left.map(takeUp).every(Boolean)) heardUntil = since
  }

  const begin = (): NonNullable<typeof running> => {
    const since = now()
    const over = lookOnce(since).finally(() => {
      running = undefined
      doneMeanwhile.clear()
    })
    return { since, over }
  }

  const look = (): Promise<void> => (running ??= begin()).over

  const lookAfresh = async (): Promise<void> => {
    await running?.over.catch(() => undefined)
    // Whoever waited with us may have begun it.
    await look()
  }

  return {
    look,
    lookAfresh,
    hear: async (at) => {
      if (heardUntil > at) return
      await (running && running.since > at ? look() : lookAfresh())
    },
    done: (id) => {
      if (running) doneMeanwhile.add(id)
    },
  }
}
