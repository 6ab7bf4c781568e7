import { randomBytes } from 'node:crypto'
import type { OlmMachine } from '@matrix-org/matrix-sdk-crypto-wasm'
import { UserId } from '@matrix-org/matrix-sdk-crypto-wasm'
import type { MatrixApi } from '../api.ts'
import { perform } from '../outgoing-requests.ts'
import type { SmallValues } from '../replays.ts'
import { BACKUP_SECRET, makeBackup, restoreBackup, resumeBackup } from './backup.ts'
import { bootstrap, standing } from './cross-signing.ts'
import { decodeRecoveryKey, encodeRecoveryKey } from './recovery-key.ts'
import { readSecrets, storeSecrets } from './secret-storage.ts'

const MASTER = 'm.cross_signing.master'
const SELF_SIGNING = 'm.cross_signing.self_signing'
const USER_SIGNING = 'm.cross_signing.user_signing'

/** Sealed in the crypto store until the operator has confirmed that they wrote it down. */
const UNCONFIRMED = 'identity:recovery-key'
/** Secrets and backup are on the server. */
const STORED = 'identity:stored'

/** The server shows an identity of ours whose keys we do not hold. */
export class ForeignIdentity extends Error {
  readonly code = 'matrix-foreign-identity'
  constructor(userId: string) {
    super(
      `The homeserver has keys for ${userId} that imok does not hold. imok never overwrites them. If imok ran with this account before: npm run matrix -- recover (it asks for the recovery key). If the account is new or somebody else's: give imok an account of its own.`,
    )
    this.name = 'ForeignIdentity'
  }
}

/** How it went: `made` with the recovery key, once; afterwards `ready`. */
export type Identity = { type: 'made'; recoveryKey: string } | { type: 'ready' }

/**
 * Our identity, made on the first run and checked on every other. Each step can be repeated, so a crash between any two goes on where it
 * was. Never reset by itself: it would cut every admin off who has verified us (measured). Throws `ForeignIdentity`, `MatrixFailure`.
 */
export async function ensureIdentity(
  machine: OlmMachine,
  api: MatrixApi,
  values: SmallValues,
  password: string | undefined,
): Promise<Identity> {
  const stands = await standing(machine, api)
  if (stands === 'foreign') throw new ForeignIdentity(api.userId)
  if (stands === 'none') await bootstrap(machine, api, { fresh: true, password })
  else if (stands === 'unfinished') await bootstrap(machine, api, { fresh: false, password })
  if (values.get(STORED) !== undefined) {
    await resumeBackup(machine, api)
    return { type: 'ready' }
  }
  return { type: 'made', recoveryKey: await handOut(machine, api, values) }
}

/** The secrets go to the server under a fresh recovery key, which is kept here before anything is sealed under it. */
async function handOut(machine: OlmMachine, api: MatrixApi, values: SmallValues): Promise<string> {
  const kept = values.get(UNCONFIRMED)
  const key = kept === undefined ? randomBytes(32) : decodeRecoveryKey(kept)
  const written = encodeRecoveryKey(key)
  if (kept === undefined) values.set({ [UNCONFIRMED]: written })
  const keys = await machine.exportCrossSigningKeys()
  if (!keys?.masterKey || !keys.self_signing_key || !keys.userSigningKey)
    throw new Error('there is no identity to keep')
  const backup = await makeBackup(machine, api)
  await storeSecrets(api, key, {
    [MASTER]: keys.masterKey,
    [SELF_SIGNING]: keys.self_signing_key,
    [USER_SIGNING]: keys.userSigningKey,
    [BACKUP_SECRET]: backup,
  })
  values.set({ [STORED]: 'yes' })
  return written
}

/** The recovery key that nobody has confirmed yet. */
export const unconfirmedKey = (values: SmallValues): string | undefined => values.get(UNCONFIRMED)

/** Two of its groups typed back, in this order: from now on only the operator has it. False if they are not in it. */
export function confirmKey(values: SmallValues, typed: string): boolean {
  const kept = values.get(UNCONFIRMED)
  const groups = typed.trim().split(/\s+/)
  const own = kept?.split(' ') ?? []
  if (groups.length < 2 || new Set(groups).size < 2 || !groups.every((group) => own.includes(group))) return false
  values.set({ [UNCONFIRMED]: undefined })
  return true
}

/**
 * After a loss of everything: a new device becomes the same person again, by the recovery key. Returns how many of the room's keys came back.
 * Throws `NotARecoveryKey`, `WrongRecoveryKey`, `NothingStored`, `MatrixFailure`.
 */
export async function recoverIdentity(
  machine: OlmMachine,
  api: MatrixApi,
  values: SmallValues,
  written: string,
): Promise<number> {
  const key = decodeRecoveryKey(written)
  const found = await readSecrets(api, key, [MASTER, SELF_SIGNING, USER_SIGNING, BACKUP_SECRET])
  await perform(machine, api, machine.queryKeysForUsers([new UserId(api.userId)]))
  await machine.importCrossSigningKeys(found[MASTER], found[SELF_SIGNING], found[USER_SIGNING])
  await bootstrap(machine, api, { fresh: false, password: undefined })
  const backup = found[BACKUP_SECRET]
  const restored = backup === undefined ? 0 : await restoreBackup(machine, api, backup)
  values.set({ [STORED]: 'yes' })
  return restored
}
