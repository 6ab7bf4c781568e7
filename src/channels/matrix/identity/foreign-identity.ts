// The machine believes any identity that the homeserver shows for our own account, and throws the private keys of the old one away
// (measured with 18.9.0: one answer to /keys/query is enough, and `bootstrapCrossSigning(false)` then makes a third identity). So an
// identity that is not ours never reaches a machine that holds one.
import type { OlmMachine } from '@matrix-org/matrix-sdk-crypto-wasm'
import { heldKeys } from './held-keys.ts'

export interface SignedKeys {
  keys: Record<string, string>
  signatures?: Record<string, Record<string, string>>
}

/** The answer to `POST /keys/query`, as far as we read it. By user id, devices then by device id. */
export interface KeysAnswer {
  device_keys?: Record<string, Record<string, SignedKeys>>
  master_keys?: Record<string, SignedKeys>
  self_signing_keys?: Record<string, SignedKeys>
  user_signing_keys?: Record<string, SignedKeys>
  failures?: Record<string, unknown>
}

/** The homeserver shows an identity of our account that we did not make: it was reset by somebody, or the server lies. */
export class ForeignIdentity extends Error {
  override readonly name = 'ForeignIdentity'
  constructor() {
    super('the homeserver shows an identity of our own account that is not ours')
  }
}

/** The answer that the machine may see, and whether something was taken out of it. */
export async function withoutForeignIdentity(
  machine: OlmMachine,
  answer: KeysAnswer,
): Promise<{ answer: KeysAnswer; foreign: boolean }> {
  const us = machine.userId.toString()
  const shown = answer.master_keys?.[us]
  const held = shown && (await heldKeys(machine))
  if (!held || Object.values(shown.keys).every((key) => key === held.publicMaster)) return { answer, foreign: false }
  return {
    answer: {
      ...answer,
      master_keys: without(answer.master_keys, us),
      self_signing_keys: without(answer.self_signing_keys, us),
      user_signing_keys: without(answer.user_signing_keys, us),
    },
    foreign: true,
  }
}

const without = (keys: Record<string, SignedKeys> | undefined, user: string): Record<string, SignedKeys> =>
  Object.fromEntries(Object.entries(keys ?? {}).filter(([name]) => name !== user))
