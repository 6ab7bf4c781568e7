import type { OlmMachine } from '@matrix-org/matrix-sdk-crypto-wasm'
import type { Account } from './sign-in.ts'
import type { SmallValues } from './small-values.ts'

/** The keys of this device: opened once, closed at the end. */
export interface Vault extends SmallValues {
  machine: (account: Account) => Promise<OlmMachine>
  /** What the machine writes meanwhile is on the disk as a whole or not at all. */
  together: <T>(work: () => Promise<T>) => Promise<T>
  /** Resolves when all that the machine knows is on the disk. */
  durable: () => Promise<void>
  /** A short code when it cannot write any more: then everything is opened anew. */
  failed: () => string | undefined
  close: () => Promise<void>
}
