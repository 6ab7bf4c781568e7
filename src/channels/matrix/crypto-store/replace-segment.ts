import { closeSync } from 'node:fs'
import { disk, writeAll } from './disk.ts'
import { removeDraft, segmentParts } from './rewrite-segment.ts'
import type { Replacing } from './rewrite-segment.ts'
import { draftOf, takePlace } from './segments.ts'
import type { Hook } from './segments.ts'

/**
 * Puts the entries in the place of a segment and of all before it, at once: for a journal whose last entries are missing, where nothing may
 * be appended before it is done (10 ms for a small store, half a second for one of 20 MB). Returns the length. If it throws, what a next
 * opening reads is whole: that of before, or these entries.
 */
export function replaceSegment({ folder, number, seal, hook, entries }: Replacing): number {
  const draft = draftOf(folder, number)
  try {
    const length = writeDraft(draft, segmentParts(entries, seal, number), hook)
    takePlace(draft, folder, number, (stage) => hook(`mend:${stage}`))
    return length
  } catch (error) {
    // It would keep from a full disk what everybody else needs.
    removeDraft(draft)
    throw error
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
