import { createHash } from 'node:crypto'
import type { Instant } from '../../core/time.ts'
import { DAY } from '../../core/time.ts'
import type { SmallValues } from './small-values.ts'

/** A session is rotated after 100 messages or a week; what comes under an older one is no fresh word of anybody. */
const LONGEST_SESSION = 30 * DAY

const KEY = 'replays'

/** One session: until when it counts, and which message index was seen in which event (six bytes of its hash). */
interface Session {
  since: Instant
  seen: Record<number, string>
}

export type Seen = 'first' | 'same-event' | 'replayed' | 'too-old'

/**
 * Tells a message from its repetition: a server can show the same ciphertext again as another event, and the crypto library says nothing
 * (measured). What is the same event again came twice by an honest way.
 */
export interface Replays {
  look: (session: string, index: number, event: string, at: Instant) => Seen
  /** Remembers it, durably. After the message itself is stored: a crash between them brings the same event again. */
  mark: (session: string, index: number, event: string, at: Instant) => void
}

export function createReplays(values: SmallValues): Replays {
  const sessions = new Map<string, Session>()
  /** Sessions too old to keep their indexes: whatever comes under them is refused. */
  const retired = new Set<string>((values.get(`${KEY}:retired`) ?? '').split(' ').filter(Boolean))
  for (const id of (values.get(`${KEY}:sessions`) ?? '').split(' ').filter(Boolean)) {
    const kept = values.get(`${KEY}:${id}`)
    if (kept !== undefined) sessions.set(id, JSON.parse(kept) as Session)
  }

  const retire = (at: Instant): Record<string, undefined> => {
    const old = [...sessions].filter(([, { since }]) => at - since > LONGEST_SESSION).map(([id]) => id)
    for (const id of old) {
      sessions.delete(id)
      retired.add(short(id))
    }
    return Object.fromEntries(old.map((id) => [`${KEY}:${id}`, undefined]))
  }

  return {
    look: (session, index, event, at) => {
      const known = sessions.get(session)
      if (retired.has(short(session)) || (known && at - known.since > LONGEST_SESSION)) return 'too-old'
      const seen = known?.seen[index]
      if (seen === undefined) return 'first'
      return seen === short(event) ? 'same-event' : 'replayed'
    },
    mark: (session, index, event, at) => {
      const isNew = !sessions.has(session)
      const known = sessions.get(session) ?? { since: at, seen: {} }
      known.seen[index] = short(event)
      sessions.set(session, known)
      const gone = isNew ? retire(at) : {}
      values.set({
        ...gone,
        [`${KEY}:${session}`]: JSON.stringify(known),
        ...(isNew && { [`${KEY}:sessions`]: [...sessions.keys()].join(' ') }),
        ...(Object.keys(gone).length > 0 && { [`${KEY}:retired`]: [...retired].join(' ') }),
      })
    },
  }
}

const short = (id: string): string => createHash('sha256').update(id).digest('base64url').slice(0, 8)

/**
 * The message index inside a Megolm ciphertext: version 3, then tag 0x08 and a varint (measured; the library does not tell it).
 * Undefined for what is no such message.
 */
export function messageIndex(ciphertext: unknown): number | undefined {
  if (typeof ciphertext !== 'string') return undefined
  const bytes = Buffer.from(ciphertext.slice(0, 24), 'base64')
  if (bytes[0] !== 3 || bytes[1] !== 8) return undefined
  let index = 0
  for (let place = 0; place < 5; place++) {
    const byte = bytes[2 + place]
    if (byte === undefined) return undefined
    index += (byte & 0x7f) * 2 ** (7 * place)
    if (byte < 0x80) return index
  }
  return undefined
}
