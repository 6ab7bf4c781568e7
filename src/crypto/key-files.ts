import { randomBytes, timingSafeEqual } from 'node:crypto'
import { open, readFile, readdir, rename, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { KeyError, readKeyFile } from './data-key.ts'
import type { DataKey } from './data-key.ts'
import { unwrapKey, wrapKey, wrappedKeyId } from './wrapped-key.ts'
import type { Cost } from './wrapped-key.ts'

/** The data key as it is, so that imok starts alone. */
export const KEY_FILE = 'key'
/** The data key where a passphrase opens it. */
export const SEALED_FILE = 'key.sealed'

const DRAFT = /^key(\.sealed)?\.[0-9a-f]{12}\.tmp$/

/** How a data folder keeps its key. `both`: a move from one to the other was cut short; `key` is what counts. */
export type KeyPlace = 'file' | 'passphrase' | 'both' | 'none'

export async function keyPlace(folder: string): Promise<KeyPlace> {
  const names = await readdir(folder).catch((error: unknown): string[] => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  })
  const [open, sealed] = [names.includes(KEY_FILE), names.includes(SEALED_FILE)]
  if (open) return sealed ? 'both' : 'file'
  return sealed ? 'passphrase' : 'none'
}

interface Moving {
  cost?: Cost
  /** Called between any two steps, for tests that die there. */
  at?: (point: string) => void
}

/** Puts the key where only the passphrase opens it. What is in clear goes only when the other was read back and opened. Throws `KeyError`. */
export async function sealKeyFile(
  folder: string,
  key: DataKey,
  passphrase: string,
  moving: Moving = {},
): Promise<void> {
  const { cost, at = () => undefined } = moving
  await place(folder, SEALED_FILE, await wrapKey(key, passphrase, cost), at)
  const again = await openSealed(folder, passphrase)
  if (!isSame(again, key))
    throw new KeyError(`${join(folder, SEALED_FILE)} holds another key than was written: is the disk sound?`)
  at('checked')
  await take(folder, (name) => name === KEY_FILE || DRAFT.test(name), at)
}

/** The way back: the key in clear, and then nothing else. Throws `KeyError`. */
export async function openKeyFile(folder: string, key: DataKey, { at = () => undefined }: Moving = {}): Promise<void> {
  await place(folder, KEY_FILE, `${key.export().toString('base64')}\n`, at)
  const again = await readKeyFile(join(folder, KEY_FILE))
  if (!again || !isSame(again, key))
    throw new KeyError(`${join(folder, KEY_FILE)} holds another key than was written: is the disk sound?`)
  at('checked')
  await take(folder, (name) => name === SEALED_FILE || DRAFT.test(name), at)
}

/** Throws `WrongPassphrase` or `KeyError`. */
export async function openSealed(folder: string, passphrase: string): Promise<DataKey> {
  const where = join(folder, SEALED_FILE)
  return unwrapKey(await textOf(where), passphrase, where)
}

/** Which key a passphrase would open. Throws `KeyError`. */
export async function sealedKeyId(folder: string): Promise<string> {
  const where = join(folder, SEALED_FILE)
  return wrappedKeyId(await textOf(where), where)
}

const isSame = (one: DataKey, other: DataKey): boolean => timingSafeEqual(one.export(), other.export())

async function textOf(where: string): Promise<string> {
  try {
    return await readFile(where, 'utf8')
  } catch (error) {
    throw new KeyError(`${where} cannot be read (${String((error as NodeJS.ErrnoException).code)})`, { cause: error })
  }
}

/** Durable, and never half: a crash leaves what was there, or all of the new. */
async function place(folder: string, name: string, text: string, at: (point: string) => void): Promise<void> {
  const draft = join(folder, `${name}.${randomBytes(6).toString('hex')}.tmp`)
  at('begun')
  const file = await open(draft, 'wx', 0o600)
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
  at('written')
  await rename(draft, join(folder, name))
  at('placed')
  await syncFolder(folder)
  at('durable')
}

async function take(folder: string, isMeant: (name: string) => boolean, at: (point: string) => void): Promise<void> {
  for (const name of (await readdir(folder)).filter(isMeant)) {
    await unlink(join(folder, name))
    at('taken')
  }
  await syncFolder(folder)
}

async function syncFolder(folder: string): Promise<void> {
  const directory = await open(folder, 'r')
  try {
    await directory.sync()
  } finally {
    await directory.close()
  }
}
