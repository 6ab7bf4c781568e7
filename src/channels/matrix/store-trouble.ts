import type { Duration } from '../../core/time.ts'
import { SECOND } from '../../core/time.ts'
import type { RoomMessage } from '../../ports/channel.ts'
import { endsAlert } from './content.ts'
import { CryptoStoreError } from './crypto-store/crypto-store-error.ts'
import { MatrixFailure } from './failure.ts'
import type { Vault } from './vault.ts'

/** Between two tries to write all of it anew: a disk with hiccups is not kept busy by us. Real milliseconds. */
const BETWEEN: Duration = SECOND

/** What tells the server or others of keys that only memory has, or makes the server forget what is not on the disk (ADR 10). */
const untellable = /^\/_matrix\/client\/v3\/(sync|room_keys|keys\/(upload|signatures|device_signing))(\/|$)/

/** What goes out all the same while the disk takes nothing: an alarm, that it is over, and that nobody watches. */
export const goesAfloat = ({ urgency, purpose }: Pick<RoomMessage, 'urgency' | 'purpose'>): boolean =>
  urgency === 'alert' || endsAlert.has(purpose) || purpose === 'announcement'

/** A short code while what lies in the vault is not what it should be. */
export function troubleOf(vault: Vault | undefined): string | undefined {
  const code = vault?.failed() ?? vault?.afloat()
  return code === undefined ? undefined : `matrix-store-${code}`
}

/** Resolves when a request to this path may go. */
export async function tellable(vault: Vault, path: string): Promise<void> {
  await vault.durable()
  const code = vault.afloat()
  if (code !== undefined && untellable.test(path)) throw new MatrixFailure('unreachable', 0, `store-${code}`)
}

/** Makes durable what is not. Resolves with what keeps it from that. */
export function createMending(): (vault: Vault | undefined) => Promise<CryptoStoreError | undefined> {
  let triedAt = -Infinity
  return async (vault) => {
    const trouble = vault?.failed() ?? vault?.afloat()
    if (!vault || trouble === undefined) return undefined
    const isSoon = performance.now() - triedAt < BETWEEN
    if (vault.failed() === undefined && !isSoon) {
      // That somebody else has written there is seen just now, perhaps.
      const isMended = await vault.mend().catch(() => false)
      triedAt = performance.now()
      if (isMended) return undefined
    }
    return new CryptoStoreError(trouble, `the keys of the Matrix room cannot be written: ${trouble}`)
  }
}
