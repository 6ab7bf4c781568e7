import type { Seal } from '../crypto/seal.ts'
import type { Document } from '../ports/store.ts'

/** The shape of the record itself. A higher number is a newer kernel's, and is left alone. */
const FORMAT = 1

/** The newest body schema that this kernel understands, by kind. A kind that is left out is not looked at. */
export type Schemas = Partial<Record<Document['kind'], number>>

/** How a document lies at rest: everything but the body is readable, so that finding what is due needs no body and an operator can look. */
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

const LONGEST_ID = 64

/** What no store could keep is the caller's mistake, not the store's. */
export function refuseNonsense({ id, version, wakeAt }: Heading): void {
  if (!id || id.length > LONGEST_ID) throw new RangeError(`a document's id has 1 to ${LONGEST_ID} characters`)
  if (!Number.isSafeInteger(version) || version < 1)
    throw new RangeError(`a document's version counts from 1, not ${version}`)
  if (wakeAt !== undefined && !Number.isFinite(wakeAt)) throw new RangeError(`document ${id} cannot wake at ${wakeAt}`)
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

/** Undefined if this is no record; `newer` if it is a newer kernel's. */
export function asRecord(value: unknown): StoredDocument | 'newer' | undefined {
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
