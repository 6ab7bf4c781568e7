import { closeSync, readFileSync } from 'node:fs'
import { readFrames } from '../../../crypto/frames.ts'
import type { Seal } from '../../../crypto/seal.ts'
import { CryptoStoreError } from './crypto-store-error.ts'
import { disk } from './disk.ts'
import { decode } from './entry.ts'
import type { Entry } from './entry.ts'
import { createSegment, listSegments, removeBefore, sealName, segmentPath, tidyFolder } from './segments.ts'

/** Where a journal stands after it was read. */
export interface Standing {
  /** Of the segment that is written to, open. */
  handle: number
  number: number
  /** Where the next entry goes. */
  end: number
  /** Bytes of the segments before it. */
  older: number
  /** Bytes of the snapshot among them. */
  snapshot: number
  /** Bytes of an entry that was being written when the process or the power ended; nobody was told that it was there. */
  torn: number
}

interface Segment {
  number: number
  entries: Entry[]
  end: number
  length: number
}

/** Gives `each` the entries, in order. Throws `CryptoStoreError`: `damaged` if there is a hole, `wrong-key`, `newer-format`; then nothing was changed. */
export function readJournal(folder: string, seal: Seal, each: (entry: Entry) => void): Standing {
  tidyFolder(folder)
  const numbers = listSegments(folder)
  const last = numbers.at(-1)
  if (last === undefined) {
    const handle = createSegment(folder, 1)
    return { handle, number: 1, end: 0, older: 0, snapshot: 0, torn: 0 }
  }
  const segments = readBack(folder, seal, numbers)
  const torn = tornIn(segments, last)
  for (const { entries } of segments) for (const entry of entries) each(entry)
  const [base] = segments
  if (base) removeBefore(folder, base.number)
  const handle = goOnIn(folder, segments, last)
  const sizes = segments.map(({ end }) => end)
  const end = sizes.at(-1) ?? 0
  return {
    handle,
    number: last,
    end,
    older: sizes.reduce((sum, size) => sum + size, 0) - end,
    snapshot: base && isSnapshot(base) ? base.end : 0,
    torn,
  }
}

const isSnapshot = ({ entries }: Segment): boolean => entries[0]?.kind === 'snapshot'

/** The values come last. */
const isWholeSnapshot = ({ entries, end, length }: Segment): boolean =>
  end === length && entries.at(-1)?.kind === 'values'

/** From the newest back to the one that stands for all before it. */
function readBack(folder: string, seal: Seal, numbers: readonly number[]): Segment[] {
  const segments: Segment[] = []
  for (const number of numbers.toReversed()) {
    const segment = readSegment(folder, seal, number)
    segments.unshift(segment)
    if (isSnapshot(segment)) break
  }
  return segments
}

function readSegment(folder: string, seal: Seal, number: number): Segment {
  const bytes = readFileSync(segmentPath(folder, number))
  const entries: Entry[] = []
  const { end, damaged, unopened } = readFrames(bytes, seal.of(sealName(number)), (record) =>
    entries.push(decode(record)),
  )
  if ([...unopened].some((key) => !seal.knows(key)))
    throw new CryptoStoreError('wrong-key', 'the crypto store is sealed with another key; nothing was changed')
  if (damaged) throw damage(`something is missing in segment ${number}`)
  return { number, entries, end, length: bytes.length }
}

/** How much was being written at the end. Anything else that is missing is a hole. */
function tornIn(segments: readonly Segment[], last: number): number {
  const [first] = segments
  if (first && first.number !== 1 && !isSnapshot(first)) throw damage('its beginning is missing')
  // A snapshot takes its place when all of it is durable and there is a segment behind it; nothing is ever appended to it.
  if (first && isSnapshot(first) && (first.number === last || !isWholeSnapshot(first)))
    throw damage('its end is missing')
  let torn = 0
  for (const [i, { number, end, length }] of segments.entries()) {
    if (i > 0 && segments[i - 1]?.number !== number - 1) throw damage(`segment ${number - 1} is missing`)
    // Whatever comes later was written after all of this was durable.
    if (torn && length) throw damage(`the end of segment ${number - 1} is missing`)
    torn += length - end
  }
  return torn
}

const damage = (what: string): CryptoStoreError =>
  new CryptoStoreError('damaged', `the crypto store is damaged: ${what}; nothing was changed`)

/** Cuts off what is torn, and makes what a killed process had no time to sync last: we have read it. */
function goOnIn(folder: string, segments: readonly Segment[], last: number): number {
  for (const { number, end, length } of segments) {
    const handle = disk.open(segmentPath(folder, number))
    try {
      if (length > end) disk.truncate(handle, end)
      disk.sync(handle)
    } catch (error) {
      closeSync(handle)
      throw error
    }
    if (number === last) return handle
    closeSync(handle)
  }
  throw damage('it has no segments')
}
