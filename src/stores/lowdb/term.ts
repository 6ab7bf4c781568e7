import type { Seal } from '../../crypto/seal.ts'
import type { Instant } from '../../core/time.ts'
import { StoreError } from '../../ports/store.ts'
import type { Damage } from '../../ports/store.ts'
import { replaceFile } from './disk.ts'
import type { Disk } from './disk.ts'
import { FOLDER, parseRecord } from './stored-document.ts'

/** What this folder is: which kernel's term it is in, and under which key it lies. */
const FILE = 'store.json'
const FORMAT = 1

interface StoreFile {
  format: number
  keyId: string
  epoch: number
}

/**
 * Begins a term of office: one more than any before, durably. Throws `StoreError('wrong-key')` before anything is written if the folder
 * lies under another key, and `StoreError('newer-schema')` if a newer kernel made it.
 */
export async function beginTerm(
  disk: Disk,
  seal: Seal,
  now: Instant,
  asideName: string,
): Promise<{ epoch: number; damage: Damage[] }> {
  const bytes = disk.readNow(FILE)
  const file = bytes && parse(bytes)
  if (file && file.format > FORMAT)
    throw new StoreError('newer-schema', 'this data folder was written by a newer imok: install that one')
  if (file ? !seal.knows(file.keyId) : !opensSome(disk, seal)) throw wrongKey(file?.keyId, seal)
  const damage: Damage[] = []
  if (bytes && !file) {
    await disk.rename(FILE, `${FILE}.${asideName}`)
    damage.push({ id: 'store', what: 'torn', setAside: `${FILE}.${asideName}` })
  }
  // Without a count to go on from: seconds since 1970, which no count of openings ever reaches.
  const lost = damage.length > 0 || disk.list(FOLDER).some((name) => name.endsWith('.json'))
  const epoch = file ? file.epoch + 1 : lost ? Math.floor(now / 1000) : 1
  const next: StoreFile = { format: FORMAT, keyId: seal.keyId, epoch }
  await replaceFile(disk, FILE, Buffer.from(`${JSON.stringify(next)}\n`))
  await disk.syncFolder('.')
  return { epoch, damage }
}

function parse(bytes: Buffer): StoreFile | undefined {
  try {
    const value = JSON.parse(bytes.toString('utf8')) as Partial<StoreFile> | null
    const whole =
      Number.isSafeInteger(value?.format) && Number.isSafeInteger(value?.epoch) && typeof value?.keyId === 'string'
    return whole ? (value as StoreFile) : undefined
  } catch {
    return undefined
  }
}

/** Without the store's own word: documents of which none lies under our keys mean that the key is wrong. */
function opensSome(disk: Disk, seal: Seal): boolean {
  const keys = disk
    .list(FOLDER)
    .filter((name) => name.endsWith('.json'))
    .map((name) => parseRecord(disk.readNow(`${FOLDER}/${name}`) ?? Buffer.alloc(0)))
    .flatMap((record) => (typeof record === 'object' ? record.keyId : []))
  return keys.length === 0 || keys.some((key) => seal.knows(key))
}

const wrongKey = (stored: string | undefined, seal: Seal): StoreError =>
  new StoreError(
    'wrong-key',
    `the data was sealed with another key (${stored ?? 'unknown'}) than the one given (${seal.keyId}); ` +
      'nothing was changed: give the key of this data folder, or another data folder',
  )
