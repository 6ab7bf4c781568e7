import type { Duration, Instant } from '../core/time.ts'
import { SECOND } from '../core/time.ts'
import type { Clock } from '../ports/clock.ts'
import type { InboxItem } from '../ports/inbox.ts'
import { inTime } from './in-time.ts'

/** One message that cannot be applied holds up others for no longer than this, real time. */
const PATIENCE: Duration = 3 * SECOND

/**
 * The order in which people said things: what waited before the providers were asked and is on no list is oldest, then comes what they list,
 * then what this kernel or another took since. For one sender times of different clocks are not compared: a list's are whole seconds, and ours
 * may have been set since. Between senders that is all that anybody knows.
 */
export function inOrder(
  items: InboxItem[],
  listed: ReadonlyMap<string, Instant>,
  waitedBefore: ReadonlySet<string>,
): InboxItem[] {
  const place = new Map([...listed].sort(([, a], [, b]) => a - b).map(([id], index) => [id, index + 1]))
  const rank = ({ id }: InboxItem): number => place.get(id) ?? (waitedBefore.has(id) ? 0 : Infinity)
  return byTime(
    items.sort((a, b) => (rank(a) === rank(b) ? 0 : rank(a) - rank(b))),
    listed,
  )
}

/** Whose turn it is while a backlog is applied. */
export interface Turns {
  /** Resolves when all is applied that this one must not overtake. */
  mine: (id: string) => Promise<void>
  over: (id: string) => void
}

/**
 * Members do not wait for one another, but an order keeps its place among their messages: "resolve 7" must not end the SOS that came
 * after it, and "in Mo" must not open a watch behind the OUT that ended it. `items` are in order. For one that is about a member's time
 * nobody waits here: its place among what that member sends is kept by `in-turn.ts`. A new number of theirs is another matter: what comes from
 * it is nobody's until then, also a cry for help.
 */
export function createTurns(items: readonly InboxItem[], clock: Clock, isTimed: (item: InboxItem) => boolean): Turns {
  const turns = new Map<string, { before: Promise<unknown>; over: () => void }>()
  let order: Promise<unknown> = Promise.resolve()
  let since: Promise<unknown>[] = []
  for (const item of items) {
    const { promise, resolve } = Promise.withResolvers<undefined>()
    const isOrder = item.heard.type === 'order'
    turns.set(item.id, { before: isOrder ? Promise.all([order, ...since]) : order, over: () => resolve(undefined) })
    if (isOrder && !isTimed(item)) [order, since] = [promise, []]
    else if (!isOrder) since.push(promise)
  }
  return {
    mine: async (id) => {
      const turn = turns.get(id)
      if (turn) await inTime<unknown>(clock, PATIENCE, turn.before, () => undefined)
    },
    over: (id) => {
      turns.get(id)?.over()
      turns.delete(id)
    },
  }
}

/** By when it was said as far as anybody knows; nobody's message comes before an earlier one of theirs. */
function byTime(items: readonly InboxItem[], listed: ReadonlyMap<string, Instant>): InboxItem[] {
  const latest = new Map<string, Instant>()
  const timed = items.map((item) => {
    const said = listed.get(item.id) ?? ('sentAt' in item.heard ? item.heard.sentAt : undefined) ?? item.receivedAt
    const at = Math.max(said, latest.get(item.sender) ?? 0)
    latest.set(item.sender, at)
    return { item, at }
  })
  return timed.sort((a, b) => a.at - b.at).map(({ item }) => item)
}
