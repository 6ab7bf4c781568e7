import { createHash } from 'node:crypto'
import type { Address } from '../core/address.ts'
import type { Instant } from '../core/time.ts'
import type { InboxItem } from '../ports/inbox.ts'
import type { Document, SimulatedMessage } from '../ports/store.ts'

/** One of the things that a store keeps, opened, as any other store can keep it. */
export type StoreRecord =
  | { is: 'document'; document: Document }
  | { is: 'address'; address: Address; member: string }
  /** In the inbox and not done yet. `place` counts from 1 in the order in which they came. */
  | { is: 'waiting'; place: number; item: InboxItem }
  /** In the inbox and done: known, so that it is not applied again. */
  | { is: 'done'; id: string; receivedAt: Instant }
  /** An entry of the simulator's list. */
  | { is: 'sent'; n: number; effectId: string; entry: SimulatedMessage }

/** A store that is copied. It is only read. */
export interface Source {
  /** At least that of every kernel that ever worked on it: what such a kernel had claimed is known by it. */
  epoch: number
  /** All of them, each time read anew. Throws `StoreError` at the first that cannot be read: half a store is no copy. */
  records: () => AsyncIterable<StoreRecord>
  /** Throws `StoreError` if a kernel has begun to work on it. */
  refuseKernel: () => Promise<void>
  close: () => Promise<void>
}

/** A store that is filled. Until `finish` no kernel opens it. */
export interface Target {
  /** What an interrupted copy left lies there. */
  isUnfinished: boolean
  /** From now on it is unfinished, and empty. Throws `StoreError` if it holds records of its own. */
  begin: () => Promise<void>
  write: (record: StoreRecord) => Promise<void>
  /** All that lies there, each time read anew. */
  records: () => AsyncIterable<StoreRecord>
  /** It is whole: kernels may open it, in terms of office higher than `epoch`. */
  finish: (epoch: number) => Promise<void>
  close: () => Promise<void>
}

/** Among the records of a store there is one with this name. For operators too: it tells no words, and no address but in a digest. */
export function nameOf(record: StoreRecord): string {
  switch (record.is) {
    case 'document':
      return `document ${record.document.id}`
    case 'address':
      return `address ${digest(record.address).slice(0, 12)} of member ${record.member}`
    case 'waiting':
      return `what waits in the inbox as number ${String(record.place)}`
    case 'done':
      return `what is done in the inbox as ${record.id}`
    case 'sent':
      return `simulator's message ${String(record.n)}`
  }
}

/** SHA-256 of the JSON, with the keys of every object in order: the same for the same content, whichever store it lay in. */
export const digest = (value: unknown): string => createHash('sha256').update(canonical(value)).digest('hex')

/** JSON with the keys of every object in order. */
export const canonical = (value: unknown): string =>
  JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  )
