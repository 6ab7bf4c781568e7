import type { Adapter } from 'lowdb'
import { Undecryptable } from '../../crypto/seal.ts'
import { asRecord } from '../sealed-document.ts'
import type { StoredDocument } from '../sealed-document.ts'
import { replaceFile } from './disk.ts'
import type { Disk, Hook } from './disk.ts'

export const FOLDER = 'documents'

/** The name tells the id, so that even a torn file can be named. Ids are random: nobody is recognised by them. */
export const fileOf = (id: string): string =>
  `${id.replace(/[^a-z0-9_-]/gu, (c) => Buffer.from(c).toString('hex').replace(/../g, '%$&'))}.json`

export function idOf(file: string): string {
  const name = file.replace(/\.json.*$/, '')
  try {
    return decodeURIComponent(name)
  } catch {
    return name
  }
}

/** Undefined if these bytes are no record; `newer` if they are a newer kernel's. */
export function parseRecord(bytes: Uint8Array): StoredDocument | 'newer' | undefined {
  try {
    return asRecord(JSON.parse(Buffer.from(bytes).toString('utf8')))
  } catch {
    return undefined
  }
}

/** The file has its new content, but whether that survives a power cut is not known: the folder could not be synced. */
export class Doubtful extends Error {
  constructor(cause: unknown) {
    super('written, but not known to be durable', { cause })
    this.name = 'Doubtful'
  }
}

/**
 * The lowdb adapter for one document. `write` resolves when the record survives a power cut; it throws `Doubtful` if the record is in
 * place but that is not certain, and anything else if nothing has changed.
 */
export function documentFile(
  disk: Disk,
  path: string,
  settle: () => Promise<void>,
  hook: Hook,
): Adapter<StoredDocument | null> {
  return {
    async read() {
      const bytes = await disk.read(path)
      if (!bytes) return null
      const record = parseRecord(bytes)
      if (!record || record === 'newer') throw new Undecryptable(path)
      return record
    },
    async write(record) {
      await hook('save:start')
      await replaceFile(disk, path, Buffer.from(JSON.stringify(record)), (point) => hook(`save:${point}`))
      try {
        await hook('save:renamed')
        await settle()
        await hook('save:durable')
      } catch (error) {
        throw new Doubtful(error)
      }
    },
  }
}
