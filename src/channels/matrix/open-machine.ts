import { DeviceId, OlmMachine, StoreHandle, UserId, initAsync } from '@matrix-org/matrix-sdk-crypto-wasm'
import type { CryptoStore } from './crypto-store/open-crypto-store.ts'

/** What the wasm has to say names people, devices and rooms: it is said to nobody. */
const silent = { debug: ignore, info: ignore, warn: ignore, error: ignore }
function ignore(): void {
  // On purpose.
}

export interface Machine {
  readonly olm: OlmMachine
  /** From now on every call of it throws. The store stays open. */
  close(): void
}

export interface MachineOptions {
  store: CryptoStore
  /** `@imok:example.org` */
  userId: string
  deviceId: string
}

/**
 * The encryption of one device, kept in the store. Its databases are not encrypted once more by a key of the wasm: they are in memory, and
 * the store's journal is sealed. Throws if the store holds another user's or device's keys.
 *
 * Hazards of the wasm (18.9.0): most calls take objects given to them (`UserId`, `DecryptionSettings`) for good, so make new ones for each; and
 * `encryptRoomEvent` without a room key that was shared and has not expired panics, which is an uncaught exception, a line on standard error and a promise that
 * never settles. Always `shareRoomKey` just before it.
 */
export async function openMachine({ store, userId, deviceId }: MachineOptions): Promise<Machine> {
  await initAsync()
  const handle = await StoreHandle.open(store.name, undefined, silent)
  let olm: OlmMachine
  try {
    olm = await OlmMachine.initFromStore(new UserId(userId), new DeviceId(deviceId), handle, silent)
  } finally {
    handle.free()
  }
  return { olm, close: () => olm.close() }
}
