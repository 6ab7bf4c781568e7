import { createHmac, createSecretKey, randomBytes } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { chmod, link, mkdir, open, readFile, readdir, stat, unlink } from 'node:fs/promises'
import { join } from 'node:path'

/** The 256-bit key that protects data at rest. A `KeyObject`, because it does not print itself into a log. */
export type DataKey = KeyObject

const BYTES = 32
const HOW = 'make one with `openssl rand -base64 32`'

/** A key that cannot be used. The message never contains any of it. */
export class KeyError extends Error {
  override readonly name = 'KeyError'
}

/**
 * Reads a key as people write it: 32 random bytes in base64 (also base64url) or hex. A passphrase is refused: stretched or not, it
 * would make the strength of the whole folder a matter of taste. Throws `KeyError`; `where` names the place to look at.
 */
export function parseDataKey(text: string, where: string): DataKey {
  const written = text.trim()
  const bytes = /^[0-9a-f]{64}$/i.test(written)
    ? Buffer.from(written, 'hex')
    : /^[\w+/-]{43}=?$/.test(written)
      ? Buffer.from(written, 'base64')
      : undefined
  if (bytes?.length !== BYTES) {
    throw new KeyError(
      `${where}: found ${written.length} characters, expected 32 random bytes in base64 (44 characters) or hex (64); ${HOW}`,
    )
  }
  if (new Set(bytes).size < 8) throw new KeyError(`${where}: these 32 bytes are not random; ${HOW}`)
  return createSecretKey(bytes)
}

/** Names a key without giving it away: 16 hex digits. Kept in every record, so that keys may rotate. */
export const keyId = (key: DataKey): string =>
  createHmac('sha256', key).update('imok key id').digest('hex').slice(0, 16)

/**
 * The data key in file mode: `folder/key`, mode 0600, made and fsynced on the first run. `folder` is made too, mode 0700.
 * Throws `KeyError` if the file is unusable, or missing although the folder holds data, or `elsewhere` does: a new key could read none of it.
 */
export async function loadDataKey(folder: string, elsewhere?: string): Promise<DataKey> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  await chmod(folder, 0o700)
  const path = join(folder, 'key')
  const found = await readKeyFile(path)
  if (found) return found
  if (elsewhere !== undefined) {
    throw new KeyError(
      `${path} is missing, but ${elsewhere} holds data sealed with a key; bring the file "key" from the data folder of the machine ` +
        'that made it, or set IMOK_SECRET_KEY',
    )
  }
  if (await holdsData(folder)) {
    throw new KeyError(
      `${path} is missing, but ${folder} holds data sealed with it; put the key file back, or set IMOK_SECRET_KEY`,
    )
  }
  await makeKey(folder, path)
  const made = await readKeyFile(path)
  if (!made) throw new KeyError(`${path} vanished while it was made`)
  return made
}

/** Undefined if there is no such file. Closed to others if it was left open. Throws `KeyError`. */
export async function readKeyFile(path: string): Promise<DataKey | undefined> {
  let text
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw new KeyError(`${path} cannot be read (${(error as NodeJS.ErrnoException).code})`, { cause: error })
  }
  const key = parseDataKey(text, path)
  if ((await stat(path)).mode & 0o077) await chmod(path, 0o600)
  return key
}

/** Whether there is anything in the folder that a new key could not read, or one of these. */
export async function holdsData(folder: string, ...others: readonly string[]): Promise<boolean> {
  const names = await readdir(folder).catch(absent)
  return ['store.json', 'documents', ...others].some((name) => names.includes(name))
}

const absent = (error: unknown): string[] => {
  if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
  throw error
}

/** Written under another name and linked: a crash leaves no half key, and of two first runs at once one key wins. */
async function makeKey(folder: string, path: string): Promise<void> {
  const draft = `${path}.${randomBytes(6).toString('hex')}.tmp`
  const file = await open(draft, 'wx', 0o600)
  try {
    await file.writeFile(`${randomBytes(BYTES).toString('base64')}\n`)
    await file.sync()
  } finally {
    await file.close()
  }
  try {
    await link(draft, path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  } finally {
    await unlink(draft)
  }
  const directory = await open(folder, 'r')
  try {
    await directory.sync()
  } finally {
    await directory.close()
  }
}
