import { randomUUID } from 'node:crypto'
import type { OlmMachine } from '@matrix-org/matrix-sdk-crypto-wasm'
import { KeysClaimRequest } from '@matrix-org/matrix-sdk-crypto-wasm'
import type { MatrixApi } from './api.ts'
import type { Identities } from './identities.ts'
import { perform } from './outgoing-requests.ts'

/** Milliseconds that the server waits for those of other people's devices. */
const PATIENCE = 3_000

/** Devices that were asked for a key in this run, as `user device`. */
const askedBy = new WeakMap<OlmMachine, Set<string>>()

/**
 * The channels to people's devices on the disk may be behind those that were used: a crash while it took nothing leaves them so (ADR 10). What is
 * sent again from the same place of one cannot be opened. So each device is given a new channel, once; the library takes the newest (measured).
 */
export function createFreshChannels(options: {
  machine: OlmMachine
  api: MatrixApi
  identities: Pick<Identities, 'signedDevices'>
}): {
  /** These, as `user device`, have just got their first channel. */
  note: (devices: readonly string[]) => void
  /** Resolves with whether somebody got one. One at a time. Throws `MatrixFailure`. */
  open: (users: readonly string[]) => Promise<boolean>
} {
  const { machine, api, identities } = options
  const asked = askedBy.get(machine) ?? new Set([`${api.userId} ${api.deviceId}`])
  askedBy.set(machine, asked)
  return {
    note: (devices) => devices.forEach((device) => asked.add(device)),
    open: async (users) => {
      const wanted: Record<string, Record<string, string>> = {}
      const fresh: string[] = []
      for (const user of users) {
        const devices = (await identities.signedDevices(user)).filter((device) => !asked.has(`${user} ${device}`))
        if (devices.length === 0) continue
        wanted[user] = Object.fromEntries(devices.map((device) => [device, 'signed_curve25519']))
        fresh.push(...devices.map((device) => `${user} ${device}`))
      }
      if (fresh.length === 0) return false
      const body = JSON.stringify({ timeout: PATIENCE, one_time_keys: wanted })
      await perform(machine, api, new KeysClaimRequest(randomUUID(), body))
      // Whoever had none keeps the old one: nobody is asked again and again.
      for (const device of fresh) asked.add(device)
      return true
    },
  }
}
