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
  /** A copy into this folder has begun and not ended. */
  unfinished?: true
}

export interface BegunTerm {
  epoch: number
  damage: Damage[]
  /** Resolves when it is durable. Nothing may be saved before. */
  makeSure: () => Promise<void>
}

/** What a disk says that can be read, and takes nothing more. */
const full: ReadonlySet<unknown> = new Set(['ENOSPC', 'EDQUOT'])

/**
 * Begins a term of office: one more than any before, durably. On a full disk that waits until something is saved: whoever is out must be watched
 * over all the same. Throws `StoreError` before anything is written: `wrong-key` if the folder lies under another key, `newer-schema` if a newer
 * kernel made it, `unfinished-copy` if a copy into it did not end.
 */
export async function beginTerm(disk: Disk, seal: Seal, now: Instant, asideName: string): Promise<BegunTerm> {
  const bytes = disk.readNow(FILE)
  const file = bytes && parse(bytes)
  if (file && file.format > FORMAT)
    throw new StoreError('newer-schema', 'this data folder was written by a newer imok: install that one')
  if (file ? !seal.knows(file.keyId) : !opensSome(disk, seal)) throw wrongKey(file?.keyId, seal)
  if (file?.unfinished)
    throw new StoreError(
      'unfinished-copy',
      'a copy into this data folder was begun and has not ended, so records may be missing; nothing was changed: run it again ' +
        '(npm run store -- copy --from mongodb --to lowdb), or set IMOK_MONGODB_URL and go on with the database',
    )
  const damage: Damage[] = []
  if (bytes && !file) {
    await disk.rename(FILE, `${FILE}.${asideName}`)
    damage.push({ id: 'store', what: 'torn', setAside: `${FILE}.${asideName}` })
  }
  // Without a count to go on from: seconds since 1970, which no count of openings ever reaches.
  const lost = damage.length > 0 || disk.list(FOLDER).some((name) => name.endsWith('.json'))
  const epoch = file ? file.epoch + 1 : lost ? Math.floor(now / 1000) : 1
  const makeSure = untilDone(() => setTerm(disk, seal, epoch))
  try {
    await makeSure()
  } catch (error) {
    // In a folder that is new nobody is out.
    if (!file || !full.has((error as NodeJS.ErrnoException).code)) throw error
  }
  return { epoch, damage, makeSure }
}

/** Done once; what fails is tried again by whoever asks next. */
function untilDone(work: () => Promise<void>): () => Promise<void> {
  let doing: Promise<void> | undefined
  return () =>
    (doing ??= work().catch((error: unknown) => {
      doing = undefined
      throw error
    }))
}

/** Whether a copy into this folder has begun and not ended. Throws `StoreError` if the folder holds records of its own. */
export function isUnfinished(disk: Disk, folders: readonly string[], seal: Seal): boolean {
  const bytes = disk.readNow(FILE)
  const file = bytes && parse(bytes)
  if (file?.unfinished && file.format <= FORMAT) {
    if (!seal.knows(file.keyId)) throw wrongKey(file.keyId, seal)
    return true
  }
  if (bytes || folders.some((name) => disk.list(name).length > 0))
    throw new StoreError(
      'holds-records',
      'it holds records of its own; nothing was changed: choose another data folder with IMOK_DATA_DIR (and take the files "key" and ' +
        `"local.yaml" and the folder "matrix" there), or move ${FILE}, ${folders.join(', ')} out of this one and keep them`,
    )
  return false
}

/** From now on no kernel opens this folder, until a term is set. Durable. */
export const markUnfinished = (disk: Disk, seal: Seal): Promise<void> =>
  writeFile(disk, { format: FORMAT, keyId: seal.keyId, epoch: 0, unfinished: true })

/** The next term is one more than `epoch`. Durable. */
export const setTerm = (disk: Disk, seal: Seal, epoch: number): Promise<void> =>
  writeFile(disk, { format: FORMAT, keyId: seal.keyId, epoch })

async function writeFile(disk: Disk, file: StoreFile): Promise<void> {
  await replaceFile(disk, FILE, Buffer.from(`${JSON.stringify(file)}\n`))
  await disk.syncFolder('.')
}

/** Whether a kernel has ever worked in this folder. */
export const isStore = (disk: Disk): boolean => disk.list('.').includes(FILE) || disk.list(FOLDER).length > 0

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

/** Whether what lies in this folder is sealed under the key of that name; undefined where nothing tells. */
export function isUnder(disk: Disk, keyId: string): boolean | undefined {
  const bytes = disk.readNow(FILE)
  const file = bytes && parse(bytes)
  if (file) return file.keyId === keyId
  const keys = keysOfDocuments(disk)
  return keys.length === 0 ? undefined : keys.includes(keyId)
}

/** Without the store's own word: documents of which none lies under our keys mean that the key is wrong. */
function opensSome(disk: Disk, seal: Seal): boolean {
  const keys = keysOfDocuments(disk)
  return keys.length === 0 || keys.some((key) => seal.knows(key))
}

const keysOfDocuments = (disk: Disk): string[] =>
  disk
    .list(FOLDER)
    .filter((name) => name.endsWith('.json'))
    .map((name) => parseRecord(disk.readNow(`${FOLDER}/${name}`) ?? Buffer.alloc(0)))
    .flatMap((record) => (typeof record === 'object' ? record.keyId : []))

const wrongKey = (stored: string | undefined, seal: Seal): StoreError =>
  new StoreError(
    'wrong-key',
    `the data was sealed with another key (${stored ?? 'unknown'}) than the one given (${seal.keyId}); ` +
      'nothing was changed: give the key of this data folder, or another data folder',
  )
