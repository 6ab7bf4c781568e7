import type { Duration } from '../../core/time.ts'
import { SECOND } from '../../core/time.ts'
import type { Seal } from '../../crypto/seal.ts'
import type { SentLog } from '../../ports/store.ts'
import type { Row, Rows } from './rows.ts'
import { sealedJson } from './sealed-json.ts'
import type { Sealed } from './sealed-json.ts'

/** Entries are listed up to the first that is not there yet; one that is missing for so long never came. Real milliseconds. */
const NEVER: Duration = 15 * SECOND

/** The entry lies sealed in it. */
export interface SentRow extends Row, Sealed {
  /** The number of the entry. */
  _id: number
  effectId: string
  /** When it was written, by the machine's clock. */
  at: number
}

export interface MongoSentLog<Entry> extends SentLog<Entry> {
  /** Learns what other kernels have written. Before it nothing may be appended. */
  begin: () => Promise<void>
  /** All of them, with what `append` was given. Throws `Undecryptable` at one that cannot be read. */
  every: () => AsyncIterable<{ n: number; effectId: string; entry: Entry }>
  /** Puts an entry that has its number already. */
  put: (n: number, effectId: string, entry: Entry) => Promise<void>
}

/**
 * Numbers are given here and kept there. Only the kernel in office appends, but what the one before it had on the way may come late: `effectId`
 * has a unique index, so each message is there once.
 */
export function mongoSentLog<Entry>({ rows, seal }: { rows: Rows<SentRow>; seal: Seal }): MongoSentLog<Entry> {
  const box = sealedJson(seal, 'sent')
  /** Kept even if the call failed: what may lie there already gets the same number when it is appended again. */
  const numbers = new Map<string, number>()
  let last = 0
  /** Given, and not used: a gap would hold up whoever reads the list. */
  const free: number[] = []

  const learn = async (): Promise<void> => {
    for (const { _id, effectId } of await rows.list(
      { _id: { $gt: last } },
      { sort: { _id: 1 }, fields: ['effectId'] },
    )) {
      numbers.set(effectId, _id)
      last = Math.max(last, _id)
    }
  }

  const numberOf = (effectId: string): number => {
    const known = numbers.get(effectId)
    if (known !== undefined) return known
    const n = free.shift() ?? ++last
    numbers.set(effectId, n)
    return n
  }

  const append = async (effectId: string, entry: Entry): Promise<number> => {
    for (;;) {
      const n = numberOf(effectId)
      const there = await rows.insert({ _id: n, effectId, at: Date.now(), ...box.seal(String(n), entry) }, 'effectId')
      if (!there) return n
      if (there._id === n) numbers.delete(effectId)
      else free.push(n)
      numbers.set(there.effectId, there._id)
      if (there.effectId === effectId) return there._id
      // Another kernel's message has this number.
      await learn()
    }
  }

  const underWay = new Map<string, Promise<number>>()
  return {
    begin: learn,
    append: (effectId, entry) => {
      const running = underWay.get(effectId)
      if (running) return running
      const mine = append(effectId, structuredClone(entry)).finally(() => underWay.delete(effectId))
      underWay.set(effectId, mine)
      return mine
    },
    async *every() {
      for await (const { _id: n, effectId, ...sealed } of rows.walk({}))
        yield { n, effectId, entry: box.open(String(n), sealed) as Entry }
    },
    put: async (n, effectId, entry) => {
      // Long ago: a number that is missing before it will never come.
      await rows.insert({ _id: n, effectId, at: 0, ...box.seal(String(n), entry) }, 'effectId')
    },
    list: async (after) => {
      const found = await rows.list({ _id: { $gt: after } }, { sort: { _id: 1 } })
      const entries: (Entry & { n: number })[] = []
      let expected = Math.max(0, after) + 1
      for (const { _id, at, ...sealed } of found) {
        if (_id !== expected && Date.now() - at < NEVER) break
        const entry = box.open(String(_id), sealed) as Entry
        entries.push({ ...entry, n: _id })
        expected = _id + 1
      }
      return entries
    },
  }
}
