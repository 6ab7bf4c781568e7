import { readFrames } from '../../crypto/frames.ts'
import type { Seal } from '../../crypto/seal.ts'
import type { Damage } from '../../ports/store.ts'
import { replaceFile } from './disk.ts'
import type { Disk, Hook } from './disk.ts'
import { Journal, RESET, removeBefore, sealName, segmentPath } from './journal.ts'
import type { Kept, Segment } from './journal.ts'

export interface OpenJournal<R> {
  name: string
  disk: Disk
  seal: Seal
  hook: Hook
  kept: Kept<R>
  /** What a damaged file's copy is called behind its own name. */
  asideName: string
}

/**
 * Reads a journal back: a torn tail is cut off, damage in the middle costs the damaged records only, and both are reported with a
 * copy of the bytes set aside.
 */
export async function openJournal<R>(options: OpenJournal<R>): Promise<{ journal: Journal<R>; damage: Damage[] }> {
  const { name, disk, kept } = options
  await disk.makeFolder(name)
  const numbers = await tidy(disk, name)
  const damage: Damage[] = []
  let bytes = 0
  let end = 0
  for (const number of numbers) {
    const read = await replay(options, number)
    if (read.damage) damage.push(read.damage)
    end = read.end
    bytes += end
  }
  const segment = await lastSegment(disk, name, numbers.at(-1), end)
  const journal = new Journal<R>({ ...options, kept, segment: { ...segment, bytes } })
  // Written anew without what could not be read, or every opening would report it again.
  if (damage.some(({ what, setAside }) => what === 'undecryptable' && setAside.includes(options.asideName)))
    await journal.compact().catch(() => undefined)
  return { journal, damage }
}

/** The numbers of the segments; what a crash left of an unfinished compaction is removed. */
async function tidy(disk: Disk, name: string): Promise<number[]> {
  const files = disk.list(name)
  // Names that a killed process gave are made to last before anything is built on them.
  await disk.syncFolder(name)
  for (const file of files) if (file.endsWith('.tmp')) await disk.remove(`${name}/${file}`)
  return files.filter((file) => /^\d{8}\.journal$/.test(file)).map((file) => Number.parseInt(file, 10))
}

async function lastSegment(
  disk: Disk,
  name: string,
  number: number | undefined,
  end: number,
): Promise<Omit<Segment, 'bytes'>> {
  if (number === undefined) {
    const file = await disk.create(segmentPath(name, 1))
    await disk.syncFolder(name)
    return { number: 1, file, end: 0 }
  }
  const file = await disk.open(segmentPath(name, number))
  await file.truncate(end)
  // A process that was killed may have written what it had no time to sync. We have read it, so from now on it must last.
  await file.sync()
  return { number, file, end }
}

async function replay<R>(options: OpenJournal<R>, number: number): Promise<{ end: number; damage?: Damage }> {
  const { name, disk, seal, kept } = options
  const path = segmentPath(name, number)
  const bytes = disk.readNow(path) ?? Buffer.alloc(0)
  const seen = { snapshot: false }
  const { end, damaged } = readFrames(bytes, seal.of(sealName(name, number)), (record) => {
    const text = record.toString()
    if (text === RESET) {
      kept.clear()
      seen.snapshot = true
    } else {
      kept.apply(JSON.parse(text) as R)
    }
  })
  if (seen.snapshot) await removeBefore(disk, name, number)
  if (damaged) return { end, damage: { id: name, what: 'undecryptable', setAside: await copy(options, path, bytes) } }
  if (end < bytes.length) {
    return { end, damage: { id: name, what: 'torn', setAside: await copy(options, path, bytes.subarray(end)) } }
  }
  return { end }
}

/** Where the bytes were put, or the file itself if there is no room for a copy. */
async function copy<R>({ disk, asideName }: OpenJournal<R>, path: string, bytes: Uint8Array): Promise<string> {
  try {
    await replaceFile(disk, `${path}.${asideName}`, bytes)
    return `${path}.${asideName}`
  } catch {
    return path
  }
}
