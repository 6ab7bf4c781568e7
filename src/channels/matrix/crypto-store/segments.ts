import * as fs from 'node:fs'
import { join } from 'node:path'
import { disk } from './disk.ts'

/** Called at named points of a write, for tests and the chaos checker; what it throws is taken for an error of the disk. */
export type Hook = (point: string) => void

export const segmentPath = (folder: string, number: number): string =>
  join(folder, `${String(number).padStart(8, '0')}.journal`)

export const draftOf = (folder: string, number: number): string => `${segmentPath(folder, number)}.tmp`

/** Each segment has a key of its own. */
export const sealName = (number: number): string => `matrix/crypto-store/${number}`

/** Made if need be, for our eyes only. */
export function makeFolder(folder: string): void {
  fs.mkdirSync(folder, { recursive: true, mode: 0o700 })
  if (fs.statSync(folder).mode & 0o077) fs.chmodSync(folder, 0o700)
  disk.syncFolder(join(folder, '..'))
}

/** After a crash: takes away drafts of an unfinished compaction, and makes names that a killed process gave last, before anything is built on them. */
export function tidyFolder(folder: string): void {
  for (const file of fs.readdirSync(folder)) if (file.endsWith('.journal.tmp')) disk.remove(join(folder, file))
  disk.syncFolder(folder)
}

/** The numbers of the segments, in order. */
export function listSegments(folder: string): number[] {
  const files = fs.readdirSync(folder).sort()
  return files.filter((file) => /^\d{8}\.journal$/.test(file)).map((file) => Number.parseInt(file, 10))
}

/** Nothing was written to any segment behind this one. */
export function isAloneUpTo(folder: string, number: number): boolean {
  const later = listSegments(folder).filter((other) => other > number)
  return later.every((other) => fs.statSync(segmentPath(folder, other)).size === 0)
}

/** An empty segment whose name is durable. Returns its handle. */
export function createSegment(folder: string, number: number): number {
  const handle = disk.create(segmentPath(folder, number))
  try {
    disk.syncFolder(folder)
    return handle
  } catch (error) {
    fs.closeSync(handle)
    throw error
  }
}

/** The draft takes the place of the segment of this number and of all before it. `told`: `renamed`, then `done`. */
export function takePlace(draft: string, folder: string, number: number, told: (stage: string) => void): void {
  disk.rename(draft, segmentPath(folder, number))
  told('renamed')
  disk.syncFolder(folder)
  removeBefore(folder, number)
  told('done')
}

/** Removes the segments that the one of this number stands for. That it does must be durable. */
export function removeBefore(folder: string, number: number): void {
  const outlived = listSegments(folder).filter((other) => other < number)
  for (const other of outlived) disk.remove(segmentPath(folder, other))
  if (outlived.length) disk.syncFolder(folder)
}
