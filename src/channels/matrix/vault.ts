import type { OlmMachine } from '@matrix-org/matrix-sdk-crypto-wasm'
import type { Account } from './sign-in.ts'
import type { SmallValues } from './small-values.ts'

/** The keys of this device: opened once, closed at the end. */
export interface Vault extends SmallValues {
  machine: (account: Account) => Promise<OlmMachine>
  /** What the machine writes meanwhile is on the disk as a whole or not at all. Throws, and does nothing, while afloat. */
  together: <T>(work: () => Promise<T>) => Promise<T>
  /** Resolves when all that the machine knows is on the disk, or cannot be for now (`afloat`). */
  durable: () => Promise<void>
  /** The disk's code while it takes nothing, and what the machine learns and uses up is in memory only (ADR 10). */
  afloat: () => string | undefined
  /** The run before this one may have sent more than the disk knows of. */
  mayBeBehind: boolean
  /** Tries to make all of that durable; true when it is. Throws if it never will be (`failed`). */
  mend: () => Promise<boolean>
  /** A short code when it cannot be used any more: then everything is opened anew. */
  failed: () => string | undefined
  close: () => Promise<void>
}
