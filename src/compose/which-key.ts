import path from 'node:path'
import type { Config } from '../config/config.ts'
import { holdsData, KeyError, keyId, readKeyFile } from '../crypto/data-key.ts'
import { KEY_FILE, SEALED_FILE, sealedKeyId } from '../crypto/key-files.ts'
import type { KeyPlace } from '../crypto/key-files.ts'
import { folderPlace } from '../stores/lowdb/copying.ts'
import { readOnly } from '../stores/lowdb/read-only.ts'
import { isUnder } from '../stores/lowdb/term.ts'

/** What is wrong, and what to do. */
export type Trouble = readonly [what: string, todo: string]

/**
 * Why nothing may be made of the key in this data folder: there are two, or it is not the one of the records. No passphrase is needed to
 * see it. Throws `KeyError` if a file cannot be read.
 */
export async function troubleWithKey(config: Config, place: KeyPlace): Promise<Trouble | undefined> {
  const { dataDir, mongodbUrl } = config
  if (place === 'none') return undefined
  const [open, sealed] = await idsIn(dataDir, place)
  const disk = folderPlace(dataDir).look()
  const isOf = (id: string): boolean | undefined => disk && isUnder(readOnly(disk), id)
  if (open !== undefined && sealed !== undefined)
    return open === sealed
      ? isStrange(dataDir, KEY_FILE, mongodbUrl ? undefined : isOf(open))
      : [`"key" and key.sealed in ${dataDir} hold different keys.`, choice(isOf(open), isOf(sealed))]
  // Where the records are in a database an old store beside the key says nothing of it.
  return isStrange(
    dataDir,
    open === undefined ? SEALED_FILE : KEY_FILE,
    mongodbUrl ? undefined : isOf(open ?? sealed ?? ''),
  )
}

function choice(isOpen: boolean | undefined, isSealed: boolean | undefined): string {
  if (isOpen) return '"key" is the one of the records there. Move key.sealed to another place, and run this again.'
  if (isSealed) return 'key.sealed is the one of the records there. Move "key" to another place, and run this again.'
  if (isOpen === false)
    return 'Neither is the one of the records there. Move both to another place, and put the right one back from the backup.'
  return (
    'Nothing there tells which is the right one. Keep the one that your records were sealed with (those of a backup, or of a database); ' +
    'move the other one to another place, and run this again.'
  )
}

const isStrange = (folder: string, name: string, isOfRecords: boolean | undefined): Trouble | undefined =>
  isOfRecords === false
    ? [
        `${path.join(folder, name)} is not the key of the records in ${folder}.`,
        'Move it to another place, and put the right one back from the backup.',
      ]
    : undefined

/** Names of the keys in `key` and in `key.sealed`. */
async function idsIn(folder: string, place: KeyPlace): Promise<[open?: string | undefined, sealed?: string]> {
  const idOfOpen = async (): Promise<string | undefined> => {
    const key = await readKeyFile(path.join(folder, KEY_FILE))
    return key && keyId(key)
  }
  if (place === 'file') return [await idOfOpen()]
  if (place === 'passphrase') return [undefined, await sealedKeyId(folder)]
  return [
    await idOfOpen().catch(beside(folder, KEY_FILE, SEALED_FILE)),
    await sealedKeyId(folder).catch(beside(folder, SEALED_FILE, KEY_FILE)),
  ]
}

/** One of two cannot be read: it is not taken for nothing, and the other one is not lost by it. */
const beside =
  (folder: string, name: string, other: string) =>
  (error: unknown): never => {
    if (!(error instanceof KeyError)) throw error
    throw new KeyError(
      `${path.join(folder, name)} holds no key that can be read, and ${other} lies beside it; nothing was changed. ` +
        `Move ${name} to another place, and run this again`,
      { cause: error },
    )
  }

/** Of a data folder in which there is neither file. */
export async function absenceOfKey({ dataDir, mongodbUrl }: Config): Promise<Trouble> {
  if (mongodbUrl)
    return [
      `There is no key in ${dataDir}, and the records are in the database (IMOK_MONGODB_URL).`,
      'If it holds any, a new key opens none of them: bring the file "key" from another machine of this group, or set IMOK_SECRET_KEY. ' +
        'If it is empty, the first start makes a key.',
    ]
  if (await holdsData(dataDir))
    return [
      `There is no key in ${dataDir}, and there are records that only it opens. Without it imok starts LOCKED.`,
      'Put the file "key" back from the backup. If imok gets it by IMOK_SECRET_KEY or IMOK_SECRET_KEY_FILE, run this with the same setting.',
    ]
  return [
    `There are no records in ${dataDir}, and no key.`,
    'Is IMOK_DATA_DIR right? If it is, the first start makes a key there.',
  ]
}
