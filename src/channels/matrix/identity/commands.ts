// npm run matrix -- status | recover | confirm-recovery-key. Each takes what it needs and returns what to print.
import { allStored } from './stored-secrets.ts'
import type { Desk, Unfinished } from './ensure-identity.ts'
import { confirmRecoveryKey, pendingRecoveryKey, storageKeyId } from './hand-over.ts'
import { isTo, newestBackup } from './key-backup.ts'
import { askOwnKeys } from './own-keys.ts'
import type { OwnKeys } from './own-keys.ts'
import { recover } from './recover.ts'
import { CONFIRM, RECOVER, wordsForError, wordsForResult } from './words.ts'
import type { SmallValues } from '../small-values.ts'

export interface Said {
  lines: string[]
  /** 1: something is left for the operator to do. */
  exitCode: 0 | 1
}

/** Looks, and changes nothing on the homeserver. */
export async function status({ machine, api, store }: Desk): Promise<Said> {
  const lines = [`${api.userId}, device ${api.deviceId}`]
  const todo: string[] = []
  try {
    const shown = await askOwnKeys(machine, api)
    const trouble = troubleOf(shown, (await machine.crossSigningStatus()).hasMaster)
    lines.push(`identity        ${identityLine(shown)}`)
    if (trouble) todo.push(...wordsForResult(trouble, api.userId))
    else {
      const id = storageKeyId(store)
      const stored = id !== undefined && (await allStored(api, id))
      lines.push(`secret storage  ${stored ? 'complete' : 'not complete; it is completed when imok starts'}`)
      lines.push(`key backup      ${await backupLine({ machine, api, store })}`)
    }
    if (!trouble && !(shown.identity === 'ours' && shown.signed)) todo.push('Start imok: it does what is missing.')
  } catch (error) {
    todo.push(wordsForError(error))
  }
  const pending = pendingRecoveryKey(store) !== undefined
  lines.push(`recovery key    ${recoveryLine(store)}`)
  if (pending) todo.push(`See the recovery key and confirm that it is written down: ${CONFIRM}`)
  return { lines: [...lines, ...todo], exitCode: todo.length > 0 ? 1 : 0 }
}

function troubleOf(shown: OwnKeys, held: boolean): Parameters<typeof wordsForResult>[0] | undefined {
  if (shown.device === 'foreign') return { type: 'foreign-device' }
  return shown.identity === 'foreign' ? { type: 'foreign-identity', held } : undefined
}

function identityLine(shown: OwnKeys): string {
  if (shown.device === 'foreign') return 'cannot be judged: this device id belongs to another machine'
  if (shown.identity === 'none') return 'none yet; it is made when imok starts'
  const key = `master key ${String(shown.shownMaster)}`
  if (shown.identity === 'foreign') return `not ours (${key})`
  return shown.signed
    ? `ours (${key}), and this device is signed with it`
    : `ours (${key}), this device is not signed yet`
}

const recoveryLine = (store: SmallValues): string =>
  pendingRecoveryKey(store) ? 'waits to be written down' : storageKeyId(store) ? 'confirmed' : 'not made yet'

async function backupLine({ machine, api }: Desk): Promise<string> {
  const newest = await newestBackup(api)
  const key = (await machine.getBackupKeys()).decryptionKey?.toBase64()
  if (!newest || key === undefined || !isTo(newest, key)) return 'off; it is turned on when imok starts'
  const { backedUp, total } = await machine.roomKeyCounts()
  return `on, version ${newest.version}, ${backedUp} of ${total} room keys saved`
}

/** `typed` is what the operator typed; it is never repeated. */
export async function recoverWith(desk: Desk, typed: string): Promise<Said> {
  try {
    const { roomKeys, unfinished } = await recover(desk, typed)
    return {
      lines: [
        `${desk.api.userId} is itself again: this device (${desk.api.deviceId}) is signed with its identity. Nobody has to accept anything.`,
        roomKeys
          ? `Room keys restored: ${roomKeys.read} of ${roomKeys.found}. What was said before can be read; no command among it is obeyed.`
          : 'There were no room keys to restore: what was said before cannot be read here.',
        ...unfinished.map(unfinishedLine),
        'Keep the recovery key: it stays the same. Remove the lost device in the account settings, then start imok.',
      ],
      exitCode: unfinished.length > 0 ? 1 : 0,
    }
  } catch (error) {
    return { lines: ['The identity was not recovered.', wordsForError(error)], exitCode: 1 }
  }
}

const unfinishedLine = ({ what, error }: Unfinished): string =>
  `Not finished: ${what === 'key-backup' ? 'the backup of room keys' : 'secret storage'}. ${wordsForError(error)} Then run again: ${RECOVER}`

/** Without words it shows the key and says which two groups to type; with them it forgets the key, if they are right. */
export function confirm(store: SmallValues, user: string, typed?: string): Said {
  const pending = pendingRecoveryKey(store)
  if (!pending) return { lines: [`No recovery key of ${user} waits to be written down.`], exitCode: 0 }
  const [first, second] = pending.asked
  if (typed === undefined) return { lines: handOver(user, pending.recoveryKey, first, second), exitCode: 1 }
  if (confirmRecoveryKey(store, typed) === 'confirmed')
    return {
      lines: ['That is right. The recovery key is no longer on this machine: what you wrote down is the only copy.'],
      exitCode: 0,
    }
  return {
    lines: [
      `These are not groups ${first} and ${second} of the recovery key. Capital and small letters count. The key is still kept here.`,
      `Compare what you wrote down: ${CONFIRM}`,
    ],
    exitCode: 1,
  }
}

function handOver(user: string, recoveryKey: string, first: number, second: number): string[] {
  const groups = recoveryKey.split(' ')
  const rows = [0, 4, 8].map((from) => {
    const label = `${from + 1} to ${from + 4}`.padStart(8)
    return `  ${label}   ${groups.slice(from, from + 4).join(' ')}`
  })
  return [
    `The recovery key of ${user}, twelve groups of four:`,
    '',
    ...rows,
    '',
    'Write it on paper or into a password manager, not onto this machine: it is for the day this machine is lost. With it and the',
    'account’s password anybody can pass as the bot. It is shown until you confirm it, and never again after that.',
    `To confirm, type groups ${first} and ${second}: ${CONFIRM} <group ${first}> <group ${second}>`,
  ]
}
