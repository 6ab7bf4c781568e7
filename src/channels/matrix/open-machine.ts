import { DeviceId, initAsync, OlmMachine, StoreHandle, UserId } from '@matrix-org/matrix-sdk-crypto-wasm'
import type { Account } from './sign-in.ts'

/** The library's own log names users, devices and sessions: it is kept from everybody. */
const mute = (): void => undefined
const logger = { debug: mute, info: mute, warn: mute, error: mute }

/** The crypto library on a store whose databases are in memory and kept by the recorder. */
export async function openMachine(storeName: string, { userId, deviceId }: Account): Promise<OlmMachine> {
  await initAsync()
  const handle = await StoreHandle.open(storeName, undefined, logger)
  return OlmMachine.initFromStore(new UserId(userId), new DeviceId(deviceId), handle, logger)
}
