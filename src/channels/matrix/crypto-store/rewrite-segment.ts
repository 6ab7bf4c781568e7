import { closeSync } from 'node:fs'
import { setImmediate } from 'node:timers/promises'
import { frame } from '../../../crypto/frames.ts'
import type { Seal } from '../../../crypto/seal.ts'
import { disk, writeAll } from './disk.ts'
import { encode } from './entry.ts'
import type { Entry } from './entry.ts'
import { draftOf, sealName, takePlace } from './segments.ts'
import type { Hook } from './segments.ts'

/** Bytes written at a time, which takes a millisecond: appends and everything else come in between. */
const PART = 64 * 1024

export interface Replacing {
  folder: string
  number: number
  seal: Seal
  hook: Hook
  entries: Iterable<Entry>
}

interface Rewriting extends Replacing {
  isGivenUp: () => boolean
}

/**
 * Puts the entries in the place of a segment and of all before it. Resolves with the length of it, or with nothing if it was given up
 * meanwhile; then, and if it throws, all is as before.
 */
export async function rewriteSegment({ folder, number, seal, hook, entries, isGivenUp }: Rewriting) {
  const draft = draftOf(folder, number)
  try {
    const length = await writeDraft(draft, segmentParts(entries, seal, number), isGivenUp, hook)
    // From here on in one breath, so that nothing changes on the disk after the store was closed.
    if (!isGivenUp()) {
      takePlace(draft, folder, number, (stage) => hook(`rewrite:${stage}`))
      return length
    }
  } catch (error) {
    removeDraft(draft)
    throw error
  }
  // One that stays is taken away at the next opening.
  removeDraft(draft)
  return undefined
}

async function writeDraft(
  draft: string,
  bytes: Iterable<Buffer>,
  isGivenUp: () => boolean,
  hook: Hook,
): Promise<number> {
  const handle = disk.create(draft)
  try {
    let length = 0
    for (const part of bytes) {
      writeAll(handle, part, length)
      length += part.length
      await setImmediate()
      if (isGivenUp()) return length
    }
    hook('rewrite:written')
    await disk.syncBehind(handle)
    hook('rewrite:synced')
    return length
  } finally {
    closeSync(handle)
  }
}

/** The bytes of a segment, some tens of kilobytes at a time. */
export function* segmentParts(entries: Iterable<Entry>, seal: Seal, number: number): Generator<Buffer> {
  const place = seal.of(sealName(number))
  let at = 0
  let part: Buffer[] = []
  let size = 0
  for (const entry of entries) {
    const bytes = frame(place, seal.keyId, at, encode(entry))
    part.push(bytes)
    at += bytes.length
    size += bytes.length
    if (size < PART) continue
    yield Buffer.concat(part)
    part = []
    size = 0
  }
  yield Buffer.concat(part)
}

export function removeDraft(draft: string): void {
  try {
    disk.remove(draft)
  } catch {
    // As good as it gets.
  }
}
