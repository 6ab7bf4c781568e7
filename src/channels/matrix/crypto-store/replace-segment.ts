import { closeSync } from 'node:fs'
import type { Seal } from '../../../crypto/seal.ts'
import { disk, writeAll } from './disk.ts'
import type { Entry } from './entry.ts'
import { removeDraft, segmentParts } from './rewrite-segment.ts'
import { removeBefore, segmentPath } from './segments.ts'
import type { Hook } from './segments.ts'

interface Replacing {
  folder: string
  number: number
  seal: Seal
  hook: Hook
  entries: Iterable<Entry>
}

/**
 * Puts the entries in the place of a segment and of all before it, at once: for a journal whose last entries are missing, where nothing may
 * be appended before it is done (10 ms for a small store, half a second for one of 20 MB). Returns the length. If it throws, what a next
 * opening reads is whole: that of before, or these entries.
 */
export function replaceSegment({ folder, number, seal, hook, entries }: Replacing): number {
  const path = segmentPath(folder, number)
  const draft = `${path}.tmp`
  let isDone = false
  try {
    const length = writeDraft(draft, segmentParts(entries, seal, number), hook)
    disk.rename(draft, path)
    isDone = true
    hook('mend:renamed')
    disk.syncFolder(folder)
    removeBefore(folder, number)
    hook('mend:done')
    return length
  } finally {
    // It would keep from a full disk what everybody else needs.
    if (!isDone) removeDraft(draft)
  }
}

function writeDraft(draft: string, parts: Iterable<Buffer>, hook: Hook): number {
  const handle = disk.create(draft)
  try {
    let length = 0
    for (const part of parts) {
      writeAll(handle, part, length)
      length += part.length
    }
    hook('mend:written')
    disk.sync(handle)
    hook('mend:synced')
    return length
  } finally {
    closeSync(handle)
  }
}
