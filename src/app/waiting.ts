import type { Address } from '../core/address.ts'
import type { InboxItem } from '../ports/inbox.ts'
import type { Turn } from './in-turn.ts'
import { lineOf, lineOfMember } from './in-turn.ts'

/** A member and all their lines. */
export interface Addressed {
  id: string
  addresses: readonly Address[]
}

/** In line to be applied, or being applied. */
export interface Waiting extends Turn {
  item: InboxItem
  /** The lines of the member whom an order is about. */
  about: readonly string[]
  /** Resolves when it is applied, or a stop has come. */
  over: Promise<unknown>
  end: () => void
  /** Resolves when somebody waits for it who must not wait long. */
  wanted: Promise<unknown>
  want: () => void
  /** What an order about a member ought to follow. */
  follows: readonly Waiting[]
  /** The store refused it, or what it follows. */
  isRefused?: boolean
  /** It pauses for that: it is looked at again now. */
  hurry?: () => void
}

/** Whether it comes from one of these lines, or is an order about the member whose they are. */
export const isIn = ({ item, about }: Waiting, lines: readonly string[]): boolean =>
  [item.sender, ...about].some((line) => lines.includes(line))

export const linesOf = ({ id, addresses }: Addressed): string[] => [lineOfMember(id), ...addresses.map(lineOf)]

/**
 * Whether something that this one ought to follow is refused by the store. What came from a phone after a text that was refused counts, too: it was not
 * tried yet.
 */
export const isBehindRefused = ({ follows }: Waiting, isWaiting: (id: string) => boolean): boolean => {
  const senders = new Set(follows.filter(({ isRefused }) => isRefused).map(({ item }) => item.sender))
  return follows.some(
    ({ item, about, isRefused }) =>
      isWaiting(item.id) && (isRefused === true || (about.length === 0 && senders.has(item.sender))),
  )
}
