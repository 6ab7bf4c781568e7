import { createPrivateKey, createPublicKey } from 'node:crypto'
import type { OlmMachine } from '@matrix-org/matrix-sdk-crypto-wasm'
import { unpadded } from './secret-storage.ts'

/** The private halves of an identity, as seeds in unpadded base64. */
export interface HeldKeys {
  master: string
  selfSigning: string
  userSigning: string
  /** The public half of the master key: the identity's name to everybody else. Unpadded base64. */
  publicMaster: string
}

/** The identity that this machine can sign with; undefined unless it holds all three keys. */
export async function heldKeys(machine: OlmMachine): Promise<HeldKeys | undefined> {
  const exported = await machine.exportCrossSigningKeys()
  const { masterKey: master, self_signing_key: selfSigning, userSigningKey: userSigning } = exported ?? {}
  if (master === undefined || selfSigning === undefined || userSigning === undefined) return undefined
  return { master, selfSigning, userSigning, publicMaster: publicKey(master) }
}

/** What goes before a seed to make it a private Ed25519 key in PKCS #8 (RFC 8410). */
const pkcs8 = Buffer.from('302e020100300506032b657004220420', 'hex')

/** The public half of an Ed25519 seed, both in base64. */
export function publicKey(seed: string): string {
  const key = createPrivateKey({
    key: Buffer.concat([pkcs8, Buffer.from(seed, 'base64')]),
    format: 'der',
    type: 'pkcs8',
  })
  return unpadded(createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(-32))
}
