import type { Duration } from '../core/time.ts'

/** Which of several kernels acts; the others stand by. Where it is absent the store's lock says that there is only one. */
export interface Office {
  /** Resolves when this kernel has taken office: nobody else acts from now on. Rejects with the reason of `signal`. Throws `StoreError`. */
  take: (signal: AbortSignal) => Promise<Term>
  /** Whether another kernel was seen in office within the last seconds. */
  isHeldByAnother: () => boolean
  /** How many others stand by, as was seen within the last seconds by a kernel in office. */
  standbys: () => number
  /** Whether another kernel was ever seen to live in office, since this one was started. */
  hasSeenAnother: () => boolean
}

/** A time in office. */
export interface Term {
  /** Higher than that of any term before it. */
  epoch: number
  /** Real milliseconds for which no other kernel can be in office, for sure. 0: it may have ended without our knowing yet. */
  left: () => Duration
  /** Asks the database whether the term goes on: false if it is over. Throws `StoreError` if it cannot be asked. */
  prove: () => Promise<boolean>
  /** The database was asked within the last seconds, and could not be: nobody can tell whether the term goes on. */
  isCutOff: () => boolean
  /** Resolves when another kernel has taken office: nothing may be sent or saved any more. */
  over: Promise<void>
  /** Ends the term; the next kernel need not wait. Never rejects. */
  resign: () => Promise<void>
}
