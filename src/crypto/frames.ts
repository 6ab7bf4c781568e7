import { crc32 } from 'node:zlib'
import type { DocumentSeal } from './seal.ts'

/**
 * How a journal's records lie one behind the other: "IMOK", length and CRC-32 (of the length and the payload), then the payload: the key's id
 * and the sealed record. The offset is associated data, so that no record can be moved, repeated or brought back unnoticed.
 */
const MAGIC = Buffer.from('IMOK')
const HEAD = 12
const KEY_ID = 8

type Opens = Pick<DocumentSeal, 'openBytes'>

/** One record, sealed for the place at `offset`. `key` is the id of the key it is sealed under: 16 hex digits. */
export function frame(
  seal: Pick<DocumentSeal, 'seal'>,
  key: string,
  offset: number,
  record: string | Uint8Array,
): Buffer {
  const payload = Buffer.concat([Buffer.from(key, 'hex'), seal.seal(String(offset), record)])
  const head = Buffer.alloc(HEAD)
  MAGIC.copy(head)
  head.writeUInt32LE(payload.length, 4)
  head.writeUInt32LE(checksum(head, payload), 8)
  return Buffer.concat([head, payload])
}

/** Several records in a row, the first at `offset`. */
export function frames(
  seal: DocumentSeal,
  key: string,
  offset: number,
  records: Iterable<string | Uint8Array>,
): Buffer {
  const parts: Buffer[] = []
  let at = offset
  for (const record of records) {
    const part = frame(seal, key, at, record)
    parts.push(part)
    at += part.length
  }
  return Buffer.concat(parts)
}

export interface Read {
  /** Where the last good record ends. What lies behind it is a torn tail. */
  end: number
  /** Something between good records could not be read: checksum or tag are wrong. */
  damaged: boolean
  /** The ids of the keys of whole records that did not open: perhaps they are sealed under a key that we do not have. */
  unopened: Set<string>
}

/** Gives `each` what can be read, in order: a record that is damaged costs itself, not those behind it. */
export function readFrames(bytes: Buffer, seal: Opens, each: (record: Buffer) => void): Read {
  const read: Read = { end: 0, damaged: false, unopened: new Set() }
  for (let at = next(bytes, 0); at !== undefined; at = next(bytes, read.end)) {
    if (at > read.end) read.damaged = true
    const length = bytes.readUInt32LE(at + 4)
    const payload = bytes.subarray(at + HEAD, at + HEAD + length)
    const record = opened(seal, at, payload)
    if (record === undefined) {
      read.damaged = true
      read.unopened.add(payload.toString('hex', 0, KEY_ID))
    } else each(record)
    read.end = at + HEAD + length
  }
  return read
}

function opened(seal: Opens, at: number, payload: Buffer): Buffer | undefined {
  try {
    return seal.openBytes(payload.toString('hex', 0, KEY_ID), String(at), payload.subarray(KEY_ID))
  } catch {
    return undefined
  }
}

/** Where the next whole record begins. */
function next(bytes: Buffer, from: number): number | undefined {
  for (let at = bytes.indexOf(MAGIC, from); at !== -1; at = bytes.indexOf(MAGIC, at + 1)) {
    if (isWhole(bytes, at)) return at
  }
  return undefined
}

function isWhole(bytes: Buffer, at: number): boolean {
  if (at + HEAD > bytes.length) return false
  const end = at + HEAD + bytes.readUInt32LE(at + 4)
  return (
    end <= bytes.length &&
    checksum(bytes.subarray(at, at + HEAD), bytes.subarray(at + HEAD, end)) === bytes.readUInt32LE(at + 8)
  )
}

const checksum = (head: Buffer, payload: Buffer): number => crc32(payload, crc32(head.subarray(4, 8)))
