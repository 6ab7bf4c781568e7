import type { InboxItem } from '../ports/inbox.ts'
import type { Guest } from './gate.ts'
import type { Turn } from './in-turn.ts'
import type { Place } from './place.ts'

/** In line to be applied, or being applied. */
export interface Waiting extends Place, Turn, Guest {
  item: InboxItem
  /** Resolves when it is applied, or a stop has come. */
  over: Promise<unknown>
  end: () => void
  /** Called at its end. Unlike what hangs on a promise it can be taken out again. */
  onceOver: Set<() => void>
  /** What an order about a member ought to follow. */
  follows: readonly Waiting[]
  /** The store refused it, or what it follows. */
  isRefused?: boolean
  /** It pauses for that: it is looked at again now. */
  hurry?: () => void
  /** Called when the store refuses it once more, and then not again. */
  onceRefused: Set<() => void>
}

/**
 * Resolves when all of them are over, or nobody waits for it any more, and leaves nothing behind: while a store refuses, alarms wait for the same ones
 * every second.
 */
export async function allOver(items: readonly Pick<Waiting, 'onceOver'>[], signal: AbortSignal): Promise<void> {
  if (items.length === 0 || signal.aborted) return
  const { promise, resolve } = Promise.withResolvers<undefined>()
  let left = items.length
  const tell = (): void => {
    left--
    if (left === 0) resolve(undefined)
  }
  for (const { onceOver } of items) onceOver.add(tell)
  signal.addEventListener('abort', () => {
    for (const { onceOver } of items) onceOver.delete(tell)
    resolve(undefined)
  })
  await promise
}

/** Whether it comes from one of these lines, or is an order about the member whose they are. */
export const isIn = ({ item, about }: Waiting, lines: readonly string[]): boolean =>
  [item.sender, ...about].some((line) => lines.includes(line))

/**
 * Whether something of the same member that this one ought to follow is refused by the store. What came after that from a phone counts, too: it was
 * not tried yet.
 */
export const isBehindRefused = ({ follows, about }: Waiting, isWaiting: (id: string) => boolean): boolean => {
  const theirs = follows.filter((it) => it.about.length === 0 || it.about[0] === about[0])
  const refused = theirs.filter(({ isRefused }) => isRefused)
  const lines = new Set(refused.flatMap((it) => [it.item.sender, ...it.about]))
  const isHeldUp = (it: Waiting): boolean =>
    it.isRefused === true || (it.about.length === 0 && lines.has(it.item.sender))
  return theirs.some((it) => isWaiting(it.item.id) && isHeldUp(it))
}
