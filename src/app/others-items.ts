import type { Inbox, InboxItem } from '../ports/inbox.ts'

/** What other kernels have put into the inbox is found by looking: nobody tells us. */
export interface OthersItems {
  /** Takes up what waits and is not known here. Throws `StoreError`. */
  look: () => Promise<void>
  /** The same with a look that begins from now on: what came before is taken up before what came just now. */
  lookAfresh: () => Promise<void>
  /** Resolves when all that another kernel has stored by now is applied. */
  catchUp: () => Promise<void>
  /** This one is applied and done. */
  done: (id: string) => void
}

export function createOthersItems(options: {
  inbox: Pick<Inbox, 'pending'>
  isKnown: (id: string) => boolean
  /** Resolves when it is applied. */
  takeUp: (item: InboxItem) => Promise<void>
}): OthersItems {
  const { inbox, isKnown, takeUp } = options
  /** Done while a list of what waits was on its way: what it says of them is old. */
  const doneMeanwhile = new Set<string>()
  const underWay = new Set<Promise<void>>()
  let running: Promise<void> | undefined
  let next: Promise<void> | undefined

  const lookOnce = async (): Promise<void> => {
    for (const item of await inbox.pending()) {
      if (isKnown(item.id) || doneMeanwhile.has(item.id)) continue
      const applied = takeUp(item)
      underWay.add(applied)
      void applied.finally(() => underWay.delete(applied))
    }
  }

  const look = (): Promise<void> =>
    (running ??= lookOnce().finally(() => {
      running = undefined
      doneMeanwhile.clear()
    }))

  const afterwards = async (): Promise<void> => {
    await running?.catch(() => undefined)
    next = undefined
    await look()
  }

  const lookAfresh = (): Promise<void> => (next ??= afterwards())

  return {
    look,
    lookAfresh,
    catchUp: async () => {
      await lookAfresh()
      await Promise.all(underWay)
    },
    done: (id) => {
      if (running) doneMeanwhile.add(id)
    },
  }
}
