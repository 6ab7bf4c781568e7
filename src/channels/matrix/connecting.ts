import { codeOf } from '../../app/due-loop.ts'
import { CryptoStoreError } from './crypto-store/crypto-store-error.ts'
import { MatrixFailure } from './failure.ts'
import { Refused } from './refused.ts'

/** The kernel that acts has not made the identity, or the room, yet. */
export class NotYet extends Error {
  readonly code = 'matrix-nothing-to-follow'
}

/** We were put out of the room, or it was closed. Whether it lets us in again is asked at once. */
export class PutOut extends Error {
  readonly code = 'matrix-put-out'
}

/** What only the operator can mend: asking again is of little use. A disk that is full or hiccups is another matter. */
type Refusal = Refused | CryptoStoreError
const forGood = new Set(['damaged', 'wrong-key', 'newer-format', 'locked'])
export const isRefusal = (error: unknown): error is Refusal =>
  error instanceof Refused || (error instanceof CryptoStoreError && forGood.has(error.code))

/** What `doctor` and the metrics call it. */
export function wordFor(error: unknown): string {
  if (error instanceof MatrixFailure) return `matrix-${error.code}`
  return error instanceof CryptoStoreError ? `matrix-store-${error.code}` : codeOf(error)
}
