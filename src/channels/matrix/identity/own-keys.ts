// What the homeserver shows to the world as our identity and our device.
import type { OlmMachine } from '@matrix-org/matrix-sdk-crypto-wasm'
import type { MatrixApi } from '../api.ts'
import { withoutForeignIdentity } from './foreign-identity.ts'
import type { KeysAnswer } from './foreign-identity.ts'
import { heldKeys } from './held-keys.ts'

export interface OwnKeys {
  /** Whose identity the account has. `foreign` also when it may once have been ours, but this machine cannot sign with it. */
  identity: 'ours' | 'foreign' | 'none'
  /** The public master key that the server shows, in unpadded base64. */
  shownMaster: string | undefined
  /** `foreign`: under our device id there are keys of another machine. */
  device: 'ours' | 'foreign' | 'none'
  /** The identity that the server shows has signed this device, and the server shows the signature. */
  signed: boolean
}

/**
 * Asks, and tells the machine what it may see. Throws `MatrixFailure`.
 * A foreign device is not told: it would be taken for our own with changed keys. An identity other than the one the machine holds is
 * told only if it is `proved`, a public master key whose private half is in our hands: the machine forgets the old one then.
 */
export async function askOwnKeys(machine: OlmMachine, api: MatrixApi, proved?: string): Promise<OwnKeys> {
  const request = machine.queryKeysForUsers([machine.userId])
  const shown = await api.request<KeysAnswer>('POST', '/_matrix/client/v3/keys/query', {
    body: JSON.parse(request.body) as unknown,
  })
  const us = machine.userId.toString()
  const shownMaster = keyOf(shown.master_keys?.[us]?.keys)
  const device = whoseDevice(machine, shown)
  if (device !== 'foreign') {
    const trusted = shownMaster !== undefined && shownMaster === proved
    const { answer } = trusted ? { answer: shown } : await withoutForeignIdentity(machine, shown)
    await machine.markRequestAsSent(request.id, request.type, JSON.stringify(answer))
  }
  const held = await heldKeys(machine)
  return {
    identity: shownMaster === undefined ? 'none' : shownMaster === held?.publicMaster ? 'ours' : 'foreign',
    shownMaster,
    device,
    signed: device === 'ours' && (await isSigned(machine)),
  }
}

function whoseDevice(machine: OlmMachine, shown: KeysAnswer): OwnKeys['device'] {
  const name = machine.deviceId.toString()
  const keys = shown.device_keys?.[machine.userId.toString()]?.[name]?.keys
  if (!keys) return 'none'
  const { ed25519, curve25519 } = machine.identityKeys
  return keys[`ed25519:${name}`] === ed25519.toBase64() && keys[`curve25519:${name}`] === curve25519.toBase64()
    ? 'ours'
    : 'foreign'
}

/** The machine has what the server has just shown, and checked the signature. */
async function isSigned(machine: OlmMachine): Promise<boolean> {
  const device = await machine.getDevice(machine.userId, machine.deviceId)
  return device?.isCrossSignedByOwner() ?? false
}

const keyOf = (keys: Record<string, string> | undefined): string | undefined => Object.values(keys ?? {})[0]
