// One encrypted room on the homeserver in memory, as /sync shows it, with whatever a homeserver can add, change, repeat or hide.
import type { Ask, MatrixApi } from '../../src/channels/matrix/api.ts'
import type { TimelineEvent } from '../../src/channels/matrix/accept.ts'
import type { StateEvent } from '../../src/channels/matrix/room-state.ts'
import { MatrixFailure } from '../../src/channels/matrix/failure.ts'
import { FakeHomeserver } from './fake-homeserver.ts'

type Method = Parameters<MatrixApi['request']>[0]
type Event = TimelineEvent & StateEvent

export const ROOM = '!room:example.org'
const base = '/_matrix/client/v3/'
const inRoom = `${base}rooms/${encodeURIComponent(ROOM)}/`

export class FakeRoom {
  readonly server = new FakeHomeserver()
  readonly timeline: Event[] = []
  /** Requests that arrived, as `PUT send/…`; those of keys are in `server.heard`. */
  readonly heard: string[] = []
  /** What becomes of a request instead of its answer: throws, waits or does nothing. */
  before: (method: Method, path: string, user: string) => Promise<void> = () => Promise.resolve()
  /** Called when a request was carried out and its answer is on its way. */
  after: (method: Method, path: string) => void = () => undefined
  /** A sync shows at most so many events, and calls the timeline limited. */
  shown = 100
  /** It does not know where a sync of before had come to. */
  forgetsPlaces = false
  readonly #state = new Map<string, Event>()
  readonly #transactions = new Map<string, string>()
  /** Users whose keys changed, in order. */
  readonly #changes: string[] = []
  #made = 0

  constructor(members: readonly string[]) {
    this.setState('m.room.encryption', '', { algorithm: 'm.megolm.v1.aes-sha2' })
    this.setState('m.room.history_visibility', '', { history_visibility: 'joined' })
    this.setState('m.room.power_levels', '', { users: Object.fromEntries(members.map((user) => [user, 100])) })
    for (const user of members) this.setState('m.room.member', user, { membership: 'join' })
  }

  setState(type: string, key: string, content: Record<string, unknown>): void {
    const event = { event_id: `$state${++this.#made}`, type, state_key: key, sender: '@root:example.org', content }
    this.#state.set(`${type}\n${key}`, event)
    this.timeline.push(event)
  }

  /** Puts an event into the timeline, as a server can put any. */
  show(event: Omit<Event, 'event_id'> & { event_id?: string }): Event {
    const shown = { event_id: `$${++this.#made}`, origin_server_ts: Date.now(), ...event }
    this.timeline.push(shown)
    return shown
  }

  api(user: string, device: string): MatrixApi {
    const keys = this.server.api(user, device)
    return {
      userId: user,
      deviceId: device,
      request: async <Answer>(method: Method, path: string, ask: Ask = {}) => {
        await this.before(method, path, user)
        if (path.includes('/media/')) return this.#media(path, ask) as Answer
        const answer =
          path.startsWith(inRoom) || path === `${base}sync` ? this.#answer(user, device, method, path, ask) : undefined
        const result = answer ?? (await keys.request(method, path, ask))
        if (/device_signing|signatures/.test(path) || (path.endsWith('keys/upload') && hasDevice(ask.body)))
          this.#changes.push(user)
        this.after(method, path)
        return JSON.parse(JSON.stringify(result)) as Answer
      },
    }
  }

  /** What it keeps of files, and takes at most, in bytes. */
  readonly uploads: { bytes: Buffer; query: unknown; contentType: string | undefined }[] = []
  largest = 50_000_000

  #media(path: string, { body, query, contentType }: Ask): unknown {
    this.heard.push(path)
    if (path.endsWith('/media/config')) return { 'm.upload.size': this.largest }
    this.uploads.push({ bytes: body as Buffer, query, contentType })
    return { content_uri: `mxc://example.org/${String(this.uploads.length)}` }
  }

  #answer(user: string, device: string, method: Method, path: string, ask: Ask): unknown {
    if (path === `${base}sync`) return this.#sync(user, device, String(ask.query?.since ?? '0,0'))
    const [what = '', ...rest] = path
      .slice(inRoom.length)
      .split('/')
      .map((part) => decodeURIComponent(part))
    this.heard.push(`${method} ${what}/${rest.join('/')}`)
    if (what === 'state' && method === 'GET') return [...this.#state.values()]
    if (what === 'state') return (this.setState(rest[0] ?? '', rest[1] ?? '', ask.body as Record<string, unknown>), {})
    if (what === 'event') return this.timeline.find((event) => event.event_id === rest[0])
    if (what === 'messages') return this.#back(String(ask.query?.from), String(ask.query?.to))
    if (what === 'send')
      return this.#send(user, `${user} ${device} ${rest[1] ?? ''}`, rest[0] ?? '', ask.body as Record<string, unknown>)
    return {}
  }

  #send(sender: string, transaction: string, type: string, content: Record<string, unknown>): unknown {
    const known = this.#transactions.get(transaction)
    const id = known ?? this.show({ type, sender, content }).event_id
    this.#transactions.set(transaction, id)
    return { event_id: id }
  }

  /** As a device sees it: of what it sent itself a server tells it under which transaction. */
  #seenBy(user: string, device: string, events: readonly Event[]): Event[] {
    const sent = new Map([...this.#transactions].map(([transaction, id]) => [id, transaction]))
    const own = `${user} ${device} `
    return events.map((event) => {
      const transaction = sent.get(event.event_id)
      return transaction?.startsWith(own)
        ? { ...event, unsigned: { transaction_id: transaction.slice(own.length) } }
        : event
    })
  }

  #sync(user: string, device: string, since: string): unknown {
    const [from = 0, changed = 0] = since.split(',').map(Number)
    if (since !== '0,0' && this.forgetsPlaces) throw new MatrixFailure('answered', 400, 'M_UNKNOWN_POS')
    const fresh = this.timeline.slice(from)
    const cut = fresh.slice(-this.shown)
    const isIn = this.#state.get(`m.room.member\n${user}`)?.content['membership'] === 'join'
    return {
      next_batch: `${this.timeline.length},${this.#changes.length}`,
      to_device: { events: this.server.takeToDevice(user, device) },
      device_lists: { changed: [...new Set(this.#changes.slice(changed))] },
      device_one_time_keys_count: { signed_curve25519: this.server.keys.oneTimeKeys(user, device) },
      rooms: {
        [isIn ? 'join' : 'leave']: {
          [ROOM]: {
            state: { events: [] },
            timeline: {
              events: isIn ? this.#seenBy(user, device, cut) : [],
              limited: isIn && cut.length < fresh.length,
              prev_batch: `${this.timeline.length - cut.length},0`,
            },
          },
        },
      },
    }
  }

  /** Ten at a time, newest first. */
  #back(from: string, to: string): unknown {
    const [end, start] = [Number.parseInt(from), Number.parseInt(to)]
    const begin = Math.max(start, end - 10)
    return { chunk: this.timeline.slice(begin, end).reverse(), ...(begin > start && { end: `${begin},0` }) }
  }
}

const hasDevice = (body: unknown): boolean => (body as { device_keys?: unknown }).device_keys !== undefined
