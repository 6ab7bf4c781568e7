import { MatrixFailure } from '../../src/channels/matrix/failure.ts'

interface SavedKey {
  first_message_index: number
  forwarded_count: number
  is_verified: boolean
  session_data: unknown
}
type Rooms = Record<string, { sessions: Record<string, SavedKey> }>
interface Version {
  version: string
  algorithm: unknown
  auth_data: unknown
  rooms: Rooms
}

/** The key backups of a homeserver in memory: keys go to the newest version only, and the better key stays. */
export class FakeBackups {
  readonly #versions = new Map<string, Version[]>()

  versions = (user: string): readonly Version[] => this.#versions.get(user) ?? []
  count(user: string): number {
    return Object.values(this.versions(user).at(-1)?.rooms ?? {}).reduce(
      (sum, { sessions }) => sum + Object.keys(sessions).length,
      0,
    )
  }
  /** As another client does it. */
  forgetAll = (user: string): boolean => this.#versions.delete(user)

  answer(user: string, method: string, [, what]: string[], version: string, body: Record<string, unknown>): unknown {
    const newest = this.versions(user).at(-1)
    if (what === 'version' && method === 'POST') {
      const made = { version: String(this.versions(user).length + 1), rooms: {} }
      const { algorithm, auth_data } = body
      this.#versions.set(user, [...this.versions(user), { ...made, algorithm, auth_data }])
      return { version: made.version }
    }
    if (!newest) throw new MatrixFailure('answered', 404, 'M_NOT_FOUND')
    if (what === 'version' && method === 'GET') {
      const { rooms: _rooms, ...shown } = newest
      return { ...shown, count: this.count(user), etag: '0' }
    }
    const asked = this.versions(user).find((each) => each.version === version)
    if (what === 'keys' && method === 'GET' && asked) return { rooms: asked.rooms }
    if (what === 'keys' && method === 'PUT') {
      if (newest.version !== version) throw new MatrixFailure('answered', 403, 'M_WRONG_ROOM_KEYS_VERSION')
      keep(newest.rooms, body.rooms as Rooms)
      return { count: this.count(user), etag: '0' }
    }
    throw new MatrixFailure('answered', 404, 'M_NOT_FOUND')
  }
}

function keep(rooms: Rooms, given: Rooms): void {
  for (const [room, { sessions }] of Object.entries(given)) {
    const here = (rooms[room] ??= { sessions: {} }).sessions
    for (const [session, key] of Object.entries(sessions)) {
      const known = here[session]
      if (!known || rank(key) < rank(known)) here[session] = key
    }
  }
}

const rank = (key: SavedKey): number =>
  (key.is_verified ? 0 : 1e12) + key.first_message_index * 1e3 + key.forwarded_count
