import { inPortions } from './turns.ts'
import { canonical, digest, nameOf } from './store-record.ts'
import type { Source, StoreRecord, Target } from './store-record.ts'

/** Records written at once: enough for the disk or the servers to be busy. */
const AT_ONCE = 32

/** What kinds of records an operator is told of, in this order. */
export const sorts = [
  'members',
  'group',
  'watch',
  'room',
  'addresses',
  'inbox, waiting',
  'inbox, done',
  "simulator's messages",
] as const
export type Sort = (typeof sorts)[number]

export interface Survey {
  counts: Map<Sort, { count: number; bytes: number }>
  count: number
  /** By the records' names. */
  digests: Map<string, string>
}

/** Where the copy stands: so many of so many. */
export type Progress = (doing: 'reading' | 'copying' | 'comparing', done: number, of?: number) => void

/** Counts all records, and takes the digest of each. `bytes` are those of its JSON. */
export async function survey(records: AsyncIterable<StoreRecord>, step: (done: number) => void): Promise<Survey> {
  const found: Survey = { counts: new Map(), count: 0, digests: new Map() }
  for await (const record of records) {
    const sort = sortOf(record)
    const { count, bytes } = found.counts.get(sort) ?? { count: 0, bytes: 0 }
    found.counts.set(sort, { count: count + 1, bytes: bytes + Buffer.byteLength(canonical(record)) })
    found.digests.set(nameOf(record), digest(record))
    step(++found.count)
  }
  return found
}

/** The names of the records that are not the same in both, or not in both. */
export function differences(one: Survey, other: Survey): string[] {
  const names = new Set([...one.digests.keys(), ...other.digests.keys()])
  return [...names].filter((name) => one.digests.get(name) !== other.digests.get(name))
}

/**
 * Copies all records, reads both stores again and compares them. The target is whole, and may be opened by a kernel, only if nothing is returned:
 * otherwise the names of the records that differ.
 */
export async function copyRecords(source: Source, target: Target, total: number, tell: Progress): Promise<string[]> {
  await target.begin()
  // Begun in the order of the records: texts wait in the order in which they came.
  await inPortions(source.records(), AT_ONCE, target.write, (done) => tell('copying', done, total))
  const wanted = await survey(source.records(), (done) => tell('comparing', done, 2 * total))
  const found = await survey(target.records(), (done) => tell('comparing', wanted.count + done, 2 * total))
  const different = differences(wanted, found)
  if (different.length > 0) return different
  await source.refuseKernel()
  await target.finish(source.epoch)
  return []
}

function sortOf(record: StoreRecord): Sort {
  switch (record.is) {
    case 'document':
      return record.document.kind === 'member' ? 'members' : record.document.kind
    case 'address':
      return 'addresses'
    case 'waiting':
      return 'inbox, waiting'
    case 'done':
      return 'inbox, done'
    case 'sent':
      return "simulator's messages"
  }
}
