import type { Instant } from '../core/time.ts'
import { replaceFile } from './lowdb/disk.ts'
import type { Disk } from './lowdb/disk.ts'

/**
 * When the time of each open session is over, in clear and in order of time: what a kernel without the data key needs to know whether anybody
 * is out or overdue, and nothing of whom, not even an id.
 */
const FILE = 'out.json'
const FORMAT = 1
/** Bytes: ten times what ten thousand sessions take. */
const LONGEST = 2 * 1024 * 1024

export interface OutList {
  /** When it was written, by the kernel's clock. */
  at: Instant
  due: Instant[]
}

/** Durable. Throws what the disk throws. */
export async function writeOutList(disk: Disk, { at, due }: OutList): Promise<void> {
  const sorted = [...due].sort((a, b) => a - b)
  await replaceFile(disk, FILE, Buffer.from(`${JSON.stringify({ format: FORMAT, at, due: sorted })}\n`))
  await disk.syncFolder('.')
}

/** It would tell of sessions that are not those of the records any more. Durable. Throws what the disk throws. */
export async function removeOutList(disk: Disk): Promise<void> {
  if ((await disk.read(FILE)) === undefined) return
  await disk.remove(FILE)
  await disk.syncFolder('.')
}

/** Undefined if there is none that can be read: then nobody can tell whether somebody is out. */
export async function readOutList(disk: Disk): Promise<OutList | undefined> {
  try {
    const bytes = await disk.read(FILE)
    if (!bytes || bytes.length > LONGEST) return undefined
    const list = JSON.parse(bytes.toString('utf8')) as Partial<OutList> & { format?: number }
    const isTime = (one: unknown): boolean => Number.isSafeInteger(one)
    if (list.format !== FORMAT || !isTime(list.at) || !Array.isArray(list.due) || !list.due.every(isTime))
      return undefined
    return { at: list.at ?? 0, due: list.due }
  } catch {
    return undefined
  }
}
