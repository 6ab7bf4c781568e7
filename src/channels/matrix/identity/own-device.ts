import type { OlmMachine } from '@matrix-org/matrix-sdk-crypto-wasm'
import type { MatrixApi } from '../api.ts'
import { perform, sendOutgoing } from '../outgoing-requests.ts'
import { askOwnKeys } from './own-keys.ts'
import type { OwnKeys } from './own-keys.ts'

/**
 * Sees to it that the server has this device's keys. Throws what the upload threw.
 * A server that deleted the device (signed out elsewhere, an older backup of its database) and let it sign in again has none, and the
 * machine, which uploaded them once, never does it again: then they are written anew, exactly as they were.
 */
export async function uploadDevice(machine: OlmMachine, api: MatrixApi, shown: OwnKeys): Promise<void> {
  const failed = await sendOutgoing(machine, api)
  const upload = failed.find(({ request }) => request === 'KeysUpload')
  if (upload) throw upload.error
  if (shown.device === 'ours' || (await askOwnKeys(machine, api)).device === 'ours') return
  await api.request('POST', '/_matrix/client/v3/keys/upload', { body: { device_keys: await deviceKeys(machine) } })
}

/** Signs this device with the identity that the machine holds. Throws `MatrixFailure` or `SignaturesRefused`. */
export async function signDevice(machine: OlmMachine, api: MatrixApi): Promise<void> {
  const device = await machine.getDevice(machine.userId, machine.deviceId)
  if (!device) throw new Error('the machine does not know its own device')
  await perform(machine, api, await device.verify())
}

async function deviceKeys(machine: OlmMachine): Promise<unknown> {
  const user = machine.userId.toString()
  const device = machine.deviceId.toString()
  const { curve25519, ed25519 } = machine.identityKeys
  // In the order of canonical JSON, which is what is signed.
  const keys = {
    algorithms: ['m.olm.v1.curve25519-aes-sha2', 'm.megolm.v1.aes-sha2'],
    device_id: device,
    keys: { [`curve25519:${device}`]: curve25519.toBase64(), [`ed25519:${device}`]: ed25519.toBase64() },
    user_id: user,
  }
  const signatures = JSON.parse((await machine.sign(JSON.stringify(keys))).asJSON()) as Record<
    string,
    Record<string, string>
  >
  // `sign` signs with the master key too, which has no business here.
  const name = `ed25519:${device}`
  return { ...keys, signatures: { [user]: { [name]: signatures[user]?.[name] } } }
}
