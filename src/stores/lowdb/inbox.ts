import type { Instant } from '../../core/time.ts'
import { REMEMBERED } from '../../ports/inbox.ts'
import type { Inbox, InboxItem } from '../../ports/inbox.ts'
import type { Journal, Kept } from './journal.ts'
import { makeTurns } from '../turns.ts'

/** Ids in one record of a snapshot. */
const PACK = 500
/** About what a remembered id takes in a snapshot, in bytes. */
const ID_BYTES = 60

export type InboxRecord =
  | { put: InboxItem }
  | { done: string }
  | { failed: string }
  /** Ids with the moment they came, of what is done. */
  | { seen: [id: string, receivedAt: Instant][] }

/** What the inbox's journal amounts to. */
export class InboxState implements Kept<InboxRecord> {
  /** Items as JSON, in the order they were put: whoever asks parses a copy of their own. */
  readonly #pending = new Map<string, { text: string; failures: number }>()
  readonly #seen = new Map<string, Instant>()
  readonly #now: () => Instant
  #bytes = 0
  /** When the oldest item came that is done and whose content may still lie in the journal. */
  #oldestDone: Instant = Infinity

  constructor(now: () => Instant) {
    this.#now = now
  }

  apply(record: InboxRecord): void {
    if ('put' in record) this.#put(record.put)
    else if ('done' in record) this.#finish(record.done)
    else if ('failed' in record) this.#count(record.failed)
    else for (const [id, at] of record.seen) this.#seen.set(id, at)
  }

  clear(): void {
    this.#pending.clear()
    this.#seen.clear()
    this.#bytes = 0
    this.#oldestDone = Infinity
  }

  *snapshot(): Generator<InboxRecord> {
    this.forget()
    const seen = this.remembered()
    for (let start = 0; start < seen.length; start += PACK) yield { seen: seen.slice(start, start + PACK) }
    for (const put of this.pending()) yield { put }
  }

  worth(): number {
    return this.#bytes + this.#seen.size * ID_BYTES
  }

  pending(): InboxItem[] {
    return [...this.#pending.values()].map(({ text, failures }) => {
      const item = JSON.parse(text) as InboxItem
      return failures ? { ...item, failures } : item
    })
  }

  /** The ids of what is done, with the moment they came. */
  remembered(): [id: string, receivedAt: Instant][] {
    return [...this.#seen].filter(([id]) => !this.#pending.has(id))
  }

  isPending(id: string): boolean {
    return this.#pending.has(id)
  }

  failures(id: string): number {
    return this.#pending.get(id)?.failures ?? 0
  }

  knows(id: string): boolean {
    const at = this.#seen.get(id)
    return this.#pending.has(id) || (at !== undefined && this.#now() - at <= REMEMBERED)
  }

  /** Lets go of ids that nobody can ask about any more. */
  forget(): void {
    const oldest = this.#now() - REMEMBERED
    for (const [id, at] of this.#seen) if (at < oldest && !this.#pending.has(id)) this.#seen.delete(id)
  }

  /** Answers when the oldest content came that a compaction from now on erases, and counts it as erased. */
  takeOldestDone(): Instant {
    const oldest = this.#oldestDone
    this.#oldestDone = Infinity
    return oldest
  }

  /** It was not erased after all. */
  stillHas(oldest: Instant): void {
    this.#oldestDone = Math.min(this.#oldestDone, oldest)
  }

  #finish(id: string): void {
    if (this.#pending.has(id)) this.stillHas(this.#seen.get(id) ?? this.#now())
    this.#drop(id)
  }

  #put(item: InboxItem): void {
    const { failures = 0, ...rest } = item
    const text = JSON.stringify(rest)
    this.#drop(item.id)
    this.#pending.set(item.id, { text, failures })
    this.#seen.set(item.id, item.receivedAt)
    this.#bytes += text.length
  }

  #drop(id: string): void {
    this.#bytes -= this.#pending.get(id)?.text.length ?? 0
    this.#pending.delete(id)
  }

  #count(id: string): void {
    const item = this.#pending.get(id)
    if (item) item.failures++
  }
}

/**
 * The durable queue. A `put` that threw is not in the queue; only if the process dies right then may it turn up at the next opening, and
 * then its id is known as well, so that the provider's retry is a duplicate of something that was in fact stored.
 */
export function makeInbox(state: InboxState, journal: Journal<InboxRecord>): Inbox {
  // What concerns one id happens in order: two deliveries at once are one item, and the second waits until the first is durable.
  const turns = makeTurns()
  return {
    put: (item) =>
      turns.take(item.id, async () => {
        if (state.knows(item.id)) return 'duplicate'
        await journal.append({ put: structuredClone(item) })
        return 'stored'
      }),
    pending: () => Promise.resolve(state.pending()),
    done: (id) =>
      turns.take(id, async () => {
        if (state.isPending(id)) await journal.append({ done: id })
      }),
    failed: (id) =>
      turns.take(id, async () => {
        if (state.isPending(id)) await journal.append({ failed: id })
        return state.failures(id)
      }),
  }
}

/** Erases the content of all that is done, if any of it came before then: `Store.tidy`. */
export async function tidyInbox(state: InboxState, journal: Journal<InboxRecord>, before: Instant): Promise<void> {
  const oldest = state.takeOldestDone()
  try {
    if (oldest < before) await journal.compact()
    else state.stillHas(oldest)
  } catch (error) {
    state.stillHas(oldest)
    throw error
  }
}
