import path from 'node:path'
import type { Config } from '../config/config.ts'
import type { DataKey } from '../crypto/data-key.ts'
import { holdsData, KeyError, loadDataKey, parseDataKey } from '../crypto/data-key.ts'
import { KEY_FILE, keyPlace, openSealed, SEALED_FILE } from '../crypto/key-files.ts'
import { PAIR as LOCKED_PAIR } from '../stores/locked-inbox.ts'

/** The key is not at hand, and there is something to watch over: what would bring it. */
export interface Missing {
  /** A human has to type the passphrase, or a file that is not there has to appear. */
  why: 'passphrase' | 'file'
  /** The file that is to be opened, or to appear. */
  where: string
}

/** Undefined if the key is at hand, or can be made. Throws `KeyError` if it is missing and nothing is lost by not starting. */
export async function missingKey({
  secretKey,
  secretKeyFile,
  mongodbUrl,
  dataDir,
}: Config): Promise<Missing | undefined> {
  if (secretKey) return undefined
  if (secretKeyFile !== undefined) {
    if (mongodbUrl || (await holdsData(dataDir))) return { why: 'file', where: secretKeyFile }
    throw new KeyError(
      `IMOK_SECRET_KEY_FILE names ${secretKeyFile}, which is not there. There is nothing to watch in ${dataDir} yet, so imok waits for nobody: ` +
        'put the key there (`openssl rand -base64 32`), or name another file',
    )
  }
  const place = await keyPlace(dataDir)
  if (place === 'passphrase') return { why: 'passphrase', where: path.join(dataDir, SEALED_FILE) }
  // What lies in a database that was never opened with this folder is none of our business yet.
  if (place === 'none' && (await (mongodbUrl ? hasServed(dataDir) : holdsData(dataDir))))
    return { why: 'file', where: path.join(dataDir, KEY_FILE) }
  return undefined
}

/** Whether imok has watched with this folder before, on whichever store. */
export const hasServed = (dataDir: string): Promise<boolean> => holdsData(dataDir, LOCKED_PAIR)

/** A change of the mode was cut short, or somebody put the file back. */
export const isOpenBesideSealed = async ({ secretKey, secretKeyFile, dataDir }: Config): Promise<boolean> =>
  !secretKey && secretKeyFile === undefined && (await keyPlace(dataDir)) === 'both'

/**
 * The key that everything at rest is sealed with: as it is set, else from the data folder, where the first start makes it. `elsewhere`: what
 * holds data already, so that a new key would be of no use. `ask`: for the passphrase, where a human is there to be asked.
 */
export async function dataKeyOf(config: Config, elsewhere?: string, ask?: () => Promise<string>): Promise<DataKey> {
  const { secretKey, secretKeyFile, dataDir } = config
  if (secretKey) return parseDataKey(secretKey.reveal(), 'IMOK_SECRET_KEY')
  if (secretKeyFile !== undefined)
    throw new KeyError(`${secretKeyFile}, which IMOK_SECRET_KEY_FILE names, is not there`)
  if ((await keyPlace(dataDir)) !== 'passphrase') return loadDataKey(dataDir, elsewhere)
  if (!ask) throw new KeyError(`the key is sealed with a passphrase, in ${path.join(dataDir, SEALED_FILE)}`)
  return openSealed(dataDir, await ask())
}
