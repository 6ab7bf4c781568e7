import type { Device, OlmMachine } from '@matrix-org/matrix-sdk-crypto-wasm'
import { DeviceId, DeviceKeyAlgorithmName, UserId } from '@matrix-org/matrix-sdk-crypto-wasm'
import { shownIdentities } from './shown-identities.ts'

/** A device as its owner's identity vouches for it, at this moment. */
export interface SeenDevice {
  /** Signed by its owner's present identity. */
  signed: boolean
  ed25519: string | undefined
}

/** What the crypto library knows of other people's keys. It knows only what the server told it: compare with the pins. */
export interface Identities {
  /** The public part of the master key; undefined when the user has no identity, or we have not asked yet. */
  masterKey: (user: string) => Promise<string | undefined>
  /** The same as far as it is known at once; undefined also while it changes. */
  knownMasterKey: (user: string) => string | undefined
  device: (user: string, device: string) => Promise<SeenDevice | undefined>
  /** The user's devices that their identity has signed. */
  signedDevices: (user: string) => Promise<string[]>
}

export function identitiesOf(machine: OlmMachine): Identities {
  const shown = shownIdentities(machine)
  return {
    masterKey: shown.ask,
    knownMasterKey: shown.of,
    device: async (user, device) => {
      const found = await machine.getDevice(new UserId(user), new DeviceId(device))
      return found && !found.isDeleted() ? seen(found) : undefined
    },
    signedDevices: async (user) => {
      const devices = (await machine.getUserDevices(new UserId(user))).devices()
      return devices
        .filter((device) => !device.isDeleted() && device.isCrossSignedByOwner())
        .map((device) => device.deviceId.toString())
    },
  }
}

const seen = (device: Device): SeenDevice => ({
  signed: device.isCrossSignedByOwner(),
  ed25519: device.getKey(DeviceKeyAlgorithmName.Ed25519)?.toBase64(),
})
