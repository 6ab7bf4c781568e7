import type { Address } from '../core/address.ts'
import type { Inbox } from './inbox.ts'
import type { Instant } from '../core/time.ts'

/** One aggregate as it is kept: a member, the group, the watch. */
export interface Document {
  id: string
  kind: 'member' | 'group' | 'watch' | 'room'
  /** Of the body; a kernel refuses a newer one and migrates an older one. */
  schema: number
  /** Counts saves, from 1. */
  version: number
  /** When it next wants attention; indexed. Absent: never by itself. */
  wakeAt?: Instant
  /** Plain JSON. Encrypted at rest. */
  body: unknown
}

/** The body was saved by somebody else since it was read: read again and redo. */
export class Conflict extends Error {
  constructor(id: string) {
    super(`document ${id} has another version by now`)
    this.name = 'Conflict'
  }
}

/** The store cannot write or read now (disk full, server gone). Nothing was changed, as far as is known. */
export class StoreError extends Error {
  /** A short code for operators: `ENOSPC`, `EROFS`, `timeout`. */
  readonly code: string
  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'StoreError'
    this.code = code
  }
}

/** The store as a whole gave no answer, or none in time, or one that tells nothing of this write: it may have been made all the same. */
export const isUnanswered = (error: unknown): error is StoreError =>
  error instanceof StoreError && (error.code === 'timeout' || error.code.startsWith('mongodb-'))

/** It is the record that is not what it was, or we who may use the store no more: neither ends by itself. */
const LASTING: ReadonlySet<string> = new Set([
  'damaged',
  'undecryptable',
  'newer-schema',
  'closed',
  'crashed',
  'not-in-office',
])

/** The place where the records lie cannot be asked, or not be trusted to have what it was given: what is known of it is as it was. */
export const isAway = (error: unknown): error is StoreError =>
  error instanceof StoreError && !(error instanceof Conflict) && !LASTING.has(error.code)

/** Documents with compare-and-set. Every write that resolved survives a crash; one that threw changed nothing, or all of it. */
export interface Documents {
  read: (id: string) => Promise<Document | undefined>
  /** Saves `document` if the stored version is `document.version - 1` (0 = not there yet). Throws `Conflict` or `StoreError`. */
  write: (document: Document) => Promise<void>
  /** Removes it for good, if its version is still `version`. */
  erase: (id: string, version: number) => Promise<void>
  /** What wants attention until then, soonest first; answered from an index. */
  due: (until: Instant, limit: number) => Promise<{ id: string; version: number; wakeAt: Instant }[]>
  /** Every readable document of a kind. */
  all: (kind: Document['kind']) => AsyncIterable<Document>
}

/** Which member a phone belongs to. */
export interface Addresses {
  find: (address: Address) => Promise<string | undefined>
  /** Durable. False if it belongs to another member already. */
  assign: (address: Address, memberId: string) => Promise<boolean>
  release: (address: Address) => Promise<void>
}

/** What the simulator sent, in order, by effect id; survives everything, encrypted at rest. */
export interface SentLog<Entry> {
  /** Durable. The number of the entry; the number of the earlier one if this effect id was appended before. */
  append: (effectId: string, entry: Entry) => Promise<number>
  list: (after: number) => Promise<(Entry & { n: number })[]>
}

/** A document that could not be read at start: set aside under another name, its owner named if known. */
export interface Damage {
  id: string
  what: 'torn' | 'undecryptable' | 'newer-schema'
  /** Where it was put, for the operator. */
  setAside: string
}

export interface Store {
  documents: Documents
  inbox: Inbox
  addresses: Addresses
  sent: SentLog<SimulatedMessage>
  /** This process's term of office: higher than any before it. */
  epoch: number
  damage: Damage[]
  /**
   * Erases for good what the inbox still holds of the content of items that are done, if any of it came before `done`, and what was set aside
   * before `setAside`. Ids stay known for 72 h, and puts go on meanwhile. Throws `StoreError`: then some of it may still be there, and
   * the next call tries again.
   */
  tidy: (before: { done: Instant; setAside: Instant }) => Promise<void>
  close: () => Promise<void>
}

/** An entry of the simulator's list. `to` is a number, or `room`. */
export interface SimulatedMessage {
  to: string
  text: string
  /** ISO 8601, by the kernel's clock. */
  at: string
  buttons?: string[]
  /** What pressing each button says, in the same order. Not shown. */
  says?: string[]
}
