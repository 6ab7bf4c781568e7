// The identity that the crypto library holds for each user, known in the very moment in which a key is shared: the library itself waits for
// the server before it tells.
import { UserId } from '@matrix-org/matrix-sdk-crypto-wasm'
import type { OlmMachine } from '@matrix-org/matrix-sdk-crypto-wasm'
import type { KeysAnswer } from './identity/foreign-identity.ts'

export interface ShownIdentities {
  /** The public part of a user's master key; undefined while it is unknown or changes. */
  of: (user: string) => string | undefined
  /** Asks the library, which waits a second for an answer that is on its way (measured). Undefined for whoever has no identity. */
  ask: (user: string) => Promise<string | undefined>
  /** `hear` tells the library this answer: meanwhile nobody whose identity it may change is known. */
  whileHearing: (answer: KeysAnswer, hear: () => Promise<unknown>) => Promise<void>
}

const all = new WeakMap<OlmMachine, ShownIdentities>()

export function shownIdentities(machine: OlmMachine): ShownIdentities {
  const known = all.get(machine) ?? create(machine)
  all.set(machine, known)
  return known
}

function create(machine: OlmMachine): ShownIdentities {
  const keys = new Map<string, string | undefined>()
  /** How many answers that may change a user's identity are being heard. */
  const changing = new Map<string, number>()
  /** Of answers heard: what was asked before one of them is no longer true. */
  let heard = 0

  const ask = async (user: string): Promise<string | undefined> => {
    const before = heard
    const identity = await machine.getIdentity(new UserId(user))
    const key = identity && masterKeyIn(identity.masterKey)
    if (before === heard) keys.set(user, key)
    return key
  }

  const count = (user: string, by: 1 | -1): void => {
    heard += 1
    keys.delete(user)
    changing.set(user, (changing.get(user) ?? 0) + by)
  }

  return {
    of: (user) => ((changing.get(user) ?? 0) > 0 ? undefined : keys.get(user)),
    ask,
    whileHearing: async (answer, hear) => {
      const changed = Object.entries(answer.master_keys ?? {})
        .filter(([user, shown]) => Object.values(shown.keys)[0] !== keys.get(user))
        .map(([user]) => user)
      for (const user of changed) count(user, 1)
      try {
        await hear()
      } finally {
        for (const user of changed) count(user, -1)
        await Promise.all(changed.map(ask))
      }
    },
  }
}

/** From the signed JSON of a cross-signing key: `{"keys": {"ed25519:<key>": "<key>"}, …}`. */
function masterKeyIn(json: string): string | undefined {
  const { keys } = JSON.parse(json) as { keys?: Record<string, string> }
  return Object.values(keys ?? {})[0]
}
