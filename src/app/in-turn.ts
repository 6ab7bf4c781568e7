import type { Address } from '../core/address.ts'
import { sameAddress } from '../core/address.ts'
import type { Duration } from '../core/time.ts'
import { SECOND } from '../core/time.ts'
import type { Clock } from '../ports/clock.ts'
import type { InboxItem } from '../ports/inbox.ts'
import { inTime } from './in-time.ts'

/** What cannot be applied holds up an order about its sender for no longer than this. Real milliseconds. */
const PATIENCE: Duration = 10 * SECOND

/** In line to be applied, or being applied. */
export interface Waiting {
  item: InboxItem
  /** The place in line: whoever came later has a greater one. */
  place: number
  /** Resolves when it is applied, or a stop has come. */
  over: Promise<unknown>
  end: () => void
  /** It pauses, because the store refused: tried again now. */
  hurry?: () => void
}

/**
 * Members do not wait for one another, nor for the room. But an order about a member has its place among what that member sends: "in Mo" must not
 * be answered with the visit that Mo's OUT, still in line, ends; and Mo's next OUT must not overtake it (seed 850170).
 */
export interface InTurn {
  /**
   * Resolves when what came from these addresses before this order is applied, or it cannot wait longer. What comes from them after it waits
   * until it is over, and at most a second longer.
   */
  order: (id: string, addresses: readonly Address[]) => Promise<void>
  /** Resolves when no order that came before this one and is about its sender waits any more. */
  message: (item: InboxItem) => Promise<void>
  over: (id: string) => void
}

export function createInTurn(waiting: ReadonlyMap<string, Waiting>, clock: Clock): InTurn {
  /** Orders that are being obeyed, by id. */
  const orders = new Map<string, { place: number; addresses: readonly Address[]; over: Promise<unknown> }>()

  const bounded = (all: Promise<unknown>, longest: Duration): Promise<unknown> =>
    inTime(clock, longest, all, () => undefined)

  return {
    order: async (id, addresses) => {
      const order = waiting.get(id)
      if (!order) return
      // One that failed is obeyed again: nobody waits for it anew.
      if (!orders.has(id))
        orders.set(id, { place: order.place, addresses, over: bounded(order.over, PATIENCE + SECOND) })
      const earlier = [...waiting.values()].filter(({ item, place }) => place < order.place && isFrom(item, addresses))
      await bounded(Promise.all(earlier.map(({ over }) => over)), PATIENCE)
    },
    message: async (item) => {
      if (orders.size === 0) return
      const mine = waiting.get(item.id)?.place ?? 0
      const earlier = [...orders.values()].filter(({ place, addresses }) => place < mine && isFrom(item, addresses))
      await Promise.all(earlier.map(({ over }) => over))
    },
    over: (id) => void orders.delete(id),
  }
}

/** Whether it came from one of these addresses. */
export const isFrom = ({ heard }: InboxItem, addresses: readonly Address[]): boolean =>
  'from' in heard && addresses.some((it) => sameAddress(it, heard.from))
