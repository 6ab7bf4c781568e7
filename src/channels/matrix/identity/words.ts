// What an operator reads: what happened, with what, what to do next.
import { MatrixFailure } from '../failure.ts'
import { SignaturesRefused } from '../outgoing-requests.ts'
import { NotShown } from './ensure-identity.ts'
import type { IdentityResult } from './ensure-identity.ts'
import { RecoveryFailure } from './recover.ts'
import { RecoveryKeyError } from './recovery-key.ts'

export const RECOVER = 'npm run matrix -- recover'
export const CONFIRM = 'npm run matrix -- confirm-recovery-key'

/** For the terminal and the log: nothing secret is in it. Empty when there is nothing to do. */
export function wordsForResult(result: IdentityResult, user: string): string[] {
  switch (result.type) {
    case 'ready':
      return []
    case 'made':
      return [
        `The recovery key of ${user} has not been written down. Without it the bot cannot be itself again after the loss of this machine.`,
        `See it and confirm it: ${CONFIRM}`,
      ]
    case 'foreign-identity':
      return [
        result.held
          ? `The homeserver shows an identity of ${user} that is not the one kept here: somebody reset it in another client, or the homeserver does not tell the truth. The Matrix room is off. Nothing was changed.`
          : `${user} already has an identity, and its keys are not on this machine. The Matrix room is off. Nothing was changed.`,
        `With the recovery key that belongs to the identity on the homeserver: ${RECOVER}`,
        'Without it: reset the identity in a client that is signed in to the account, note the new recovery key, and use that. The admins will be warned, and must accept the new identity.',
      ]
    case 'foreign-device':
      return [
        `The device id that imok signed in with has keys of another machine: the access token was copied from another client, or the data folder was lost or exchanged. The Matrix room is off. Nothing was changed.`,
        `Set IMOK_MATRIX_PASSWORD instead of a token, so that imok signs in as a new device; with the data folder lost, run after that: ${RECOVER}`,
      ]
    case 'needs-password':
      return [
        `The homeserver wants to know that it is really ${user} before it takes the bot's keys. The Matrix room is off until then.`,
        wordsForPassword(result),
      ]
    default:
      return result satisfies never
  }
}

function wordsForPassword({ why, url }: IdentityResult & { type: 'needs-password' }): string {
  if (why === 'none') return 'Set IMOK_MATRIX_PASSWORD to the password of the account, and start imok again.'
  if (why === 'wrong')
    return 'It refused the password that is set: put IMOK_MATRIX_PASSWORD right, and start imok again.'
  const where = url === undefined ? 'in the account settings of the homeserver' : `at ${url}`
  return `A password is not enough here: confirm it ${where}, signed in as the account, and start imok again within ten minutes.`
}

/** One sentence or two. For what is not known here, the error's own name: messages of libraries may quote what they were given. */
export function wordsForError(error: unknown): string {
  if (error instanceof RecoveryKeyError) return `That is not a recovery key: ${error.message}.`
  if (error instanceof RecoveryFailure) return forRecovery[error.why]
  if (error instanceof MatrixFailure) return wordsForFailure(error)
  if (error instanceof NotShown || error instanceof SignaturesRefused)
    return `${sentence(error.message)} Try again; if it stays so, ask who runs the homeserver.`
  return `Something unexpected broke: ${error instanceof Error ? error.name : typeof error}.`
}

const forRecovery: Record<RecoveryFailure['why'], string> = {
  'wrong-key':
    'This recovery key is well written, but it is not the one that the secrets of this account lie under. If the identity was reset, or a new key was made since, only the latest one opens them.',
  'no-secrets':
    'The account keeps no secrets of an identity, so no recovery key can help. Reset the identity in a client that is signed in to the account, note the new recovery key, and use that.',
  damaged:
    'The secrets of the account are damaged, although the recovery key is right. Reset the identity in a client that is signed in to the account, note the new recovery key, and use that.',
  'no-identity':
    'The account has no identity at all, so there is nothing to recover. Start imok: it makes a new one and a new recovery key.',
  'other-identity':
    'The secrets are those of an older identity: it was reset since, without new secrets. Use the recovery key of the reset, or reset it again in a client that makes one.',
  'foreign-device':
    'The device id that imok signed in with has keys of another machine. Remove the access token, set IMOK_MATRIX_PASSWORD, so that imok signs in as a new device, and run this again.',
}

function wordsForFailure({ kind, status, code, wait }: MatrixFailure): string {
  if (kind !== 'answered')
    return `The homeserver does not answer (${code}). Check IMOK_MATRIX_HOMESERVER and the network, and try again.`
  if (wait !== undefined) return `The homeserver wants a pause of ${Math.ceil(wait / 1_000)} s. Try again after that.`
  if (status === 401)
    return `The homeserver does not accept our sign-in (${code}). Check IMOK_MATRIX_PASSWORD or IMOK_MATRIX_ACCESS_TOKEN.`
  return `The homeserver answered ${status} ${code}. Try again; if it stays so, ask who runs it.`
}

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`
