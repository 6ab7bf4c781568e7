import type { OlmMachine } from '@matrix-org/matrix-sdk-crypto-wasm'
import type { Log } from '../../ports/log.ts'
import type { MatrixApi } from './api.ts'
import type { IdentityResult } from './identity/ensure-identity.ts'
import { ensureIdentity } from './identity/ensure-identity.ts'
import { wordsForResult } from './identity/words.ts'
import { Refused } from './refused.ts'
import type { SmallValues } from './small-values.ts'

export const wordsForForeign = (userId: string): string =>
  wordsForResult({ type: 'foreign-identity', held: true }, userId).join(' ')

/** It was printed once; from then on only the command shows it. */
const SHOWN = 'identity.recovery-key-shown'

/** Makes or checks our own identity, and hands the recovery key over once. Throws `Refused` or `MatrixFailure`. */
export async function ownIdentity(options: {
  machine: OlmMachine
  api: MatrixApi
  values: SmallValues
  password: string | undefined
  showRecoveryKey: (written: string) => void
  log: Log
}): Promise<void> {
  const { machine, api, values, password, showRecoveryKey, log } = options
  const result: IdentityResult = await ensureIdentity({ machine, api, store: values }, password)
  const words = wordsForResult(result, api.userId)
  if (result.type === 'made' || result.type === 'ready') {
    for (const { what } of result.unfinished)
      log.warn('a part of the Matrix identity is not finished; it is tried again at the next start', { part: what })
  }
  if (result.type === 'ready') return
  if (result.type !== 'made') throw new Refused(`matrix-${result.type}`, words.join(' '))
  if (values.get(SHOWN) === undefined) {
    showRecoveryKey(result.recoveryKey)
    values.set({ [SHOWN]: 'yes' })
  } else log.warn(words.join(' '))
}
