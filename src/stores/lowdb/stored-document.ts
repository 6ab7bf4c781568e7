import type { Adapter } from 'lowdb'
import { Undecryptable } from '../../crypto/seal.ts'
import type { Seal } from '../../crypto/seal.ts'
import type { Document } from '../../ports/store.ts'
import { replaceFile } from './disk.ts'
import type { Disk, Hook } from './disk.ts'

export const FOLDER = 'documents'

/** The shape of the file itself. A higher number is a newer kernel's, and is left alone. */
const FORMAT = 1

/** What lies in a document's file: everything but the body is readable, so that opening needs no body and an operator can look. */
export interface StoredDocument {
  format: number
  kind: Document['kind']
  schema: number
  keyId: string
  version: number
  wakeAt?: number
  /** The body as JSON, encrypted, in base64. */
  sealed: string
}

/** A document without its body. */
export type Heading = Omit<Document, 'body'>

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

/** Protected, not hidden: a version, a kind or a wake-up that was changed behind our back makes the body unreadable. */
const associated = (h: Heading): string => JSON.stringify([h.id, h.kind, h.schema, h.version, h.wakeAt ?? null])

export function sealDocument(seal: Seal, heading: Heading, text: string): StoredDocument {
  const { id, wakeAt, ...rest } = heading
  const record = { format: FORMAT, kind: rest.kind, schema: rest.schema, keyId: seal.keyId, version: rest.version }
  const sealed = seal.of(id).seal(associated(heading), text).toString('base64')
  return wakeAt === undefined ? { ...record, sealed } : { ...record, wakeAt, sealed }
}

/** The body's JSON. Throws `Undecryptable`. */
export function unsealDocument(seal: Seal, id: string, record: StoredDocument): { heading: Heading; text: string } {
  const { kind, schema, version, wakeAt } = record
  const heading: Heading = { id, kind, schema, version, ...(wakeAt !== undefined && { wakeAt }) }
  const text = seal.of(id).open(record.keyId, associated(heading), Buffer.from(record.sealed, 'base64'))
  return { heading, text }
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0

/** Undefined if these bytes are no record; `newer` if they are a newer kernel's. */
export function parseRecord(bytes: Uint8Array): StoredDocument | 'newer' | undefined {
  let value: unknown
  try {
    value = JSON.parse(Buffer.from(bytes).toString('utf8'))
  } catch {
    return undefined
  }
  if (typeof value !== 'object' || value === null) return undefined
  const record = value as Partial<Record<keyof StoredDocument, unknown>>
  if (!isCount(record.format)) return undefined
  if (record.format > FORMAT) return 'newer'
  const kinds: unknown[] = ['member', 'group', 'watch', 'room'] satisfies Document['kind'][]
  const whole =
    kinds.includes(record.kind) &&
    isCount(record.schema) &&
    isCount(record.version) &&
    (record.wakeAt === undefined || typeof record.wakeAt === 'number') &&
    typeof record.keyId === 'string' &&
    typeof record.sealed === 'string'
  return whole ? (value as StoredDocument) : undefined
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
