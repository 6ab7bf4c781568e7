import type { SentLog } from '../../ports/store.ts'
import type { Journal, Kept } from './journal.ts'
import { makeTurns } from '../turns.ts'

export interface SentRecord<Entry> {
  n: number
  effectId: string
  entry: Entry
}

/** What was sent, in order of the numbers. */
export class SentState<Entry> implements Kept<SentRecord<Entry>> {
  readonly #entries: { n: number; effectId: string; text: string }[] = []
  readonly #numbers = new Map<string, number>()
  #last = 0

  apply({ n, effectId, entry }: SentRecord<Entry>): void {
    this.#entries.push({ n, effectId, text: JSON.stringify(entry) })
    this.#numbers.set(effectId, n)
    this.#last = Math.max(this.#last, n)
  }

  clear(): void {
    this.#entries.length = 0
    this.#numbers.clear()
  }

  *snapshot(): Generator<SentRecord<Entry>> {
    for (const { n, effectId, text } of this.#entries) yield { n, effectId, entry: JSON.parse(text) as Entry }
  }

  /** Nothing is ever dropped, so writing it anew gains nothing. */
  worth(): number {
    return Infinity
  }

  numberOf(effectId: string): number | undefined {
    return this.#numbers.get(effectId)
  }

  /** Counted up even if the append then fails: a number that might lie on the disk is not given to something else. */
  next(): number {
    return ++this.#last
  }

  after(n: number): (Entry & { n: number })[] {
    let first = this.#entries.length
    while (first > 0 && (this.#entries[first - 1]?.n ?? 0) > n) first--
    return this.#entries.slice(first).map(({ n, text }) => ({ ...(JSON.parse(text) as Entry), n }))
  }
}

export function makeSentLog<Entry>(state: SentState<Entry>, journal: Journal<SentRecord<Entry>>): SentLog<Entry> {
  const turns = makeTurns()
  return {
    append: (effectId, entry) =>
      turns.take(effectId, async () => {
        const before = state.numberOf(effectId)
        if (before !== undefined) return before
        const n = state.next()
        await journal.append({ n, effectId, entry: structuredClone(entry) })
        return n
      }),
    list: (after) => Promise.resolve(state.after(after)),
  }
}
