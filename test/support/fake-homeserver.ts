// A homeserver in memory, as one account after another sees it through MatrixApi: keys, signatures, account data, key backups and
// messages to devices mean what Synapse makes of them, and a request can fail, or be done and its answer lost.
import type { Ask, MatrixApi } from '../../src/channels/matrix/api.ts'
import { MatrixFailure } from '../../src/channels/matrix/failure.ts'
import { FakeBackups } from './fake-homeserver-backups.ts'
import { FakeKeys } from './fake-homeserver-keys.ts'
import type { Signed } from './fake-homeserver-keys.ts'

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE'

/** One request as it came in; `path` without the prefix that all have. */
export interface Heard {
  user: string
  device: string
  method: Method
  path: string
  body: Record<string, unknown>
}

/** What becomes of a request instead of its answer. */
export type Fault =
  /** It never arrived. */
  | 'unreachable'
  /** It was carried out, and nobody ever heard so. */
  | 'answer-lost'
  | { status: number; code: string; wait?: number }

/** Given a request, decides its fault. */
type Judge = (heard: Heard) => Fault | undefined

const prefix = '/_matrix/client/v3/'

export class FakeHomeserver {
  readonly heard: Heard[] = []
  readonly keys = new FakeKeys()
  readonly backups = new FakeBackups()
  readonly #accountData = new Map<string, unknown>()
  readonly #passwords = new Map<string, string>()
  readonly #toDevice = new Map<string, object[]>()
  readonly #transactions = new Set<string>()
  readonly #sent: { room: string; type: string; content: unknown }[] = []
  #judge: Judge = () => undefined
  /** Older servers want the password for any identity, newer ones only where one would be replaced. */
  alwaysAsksForPassword = false

  api(userId: string, deviceId: string): MatrixApi {
    return {
      userId,
      deviceId,
      request: <Answer>(method: Method, path: string, ask: Ask = {}) =>
        this.#ask(userId, deviceId, method, path, ask) as Promise<Answer>,
    }
  }

  /** Until it is called again, or `heal`. */
  judge(judge: Judge): void {
    this.#judge = judge
  }
  heal(): void {
    this.#judge = () => undefined
  }
  setPassword(user: string, password: string): void {
    this.#passwords.set(user, password)
  }
  accountData(user: string, type: string): unknown {
    return this.#accountData.get(`${user} ${type}`)
  }
  setAccountData(user: string, type: string, content: unknown): void {
    if (content === undefined) this.#accountData.delete(`${user} ${type}`)
    else this.#accountData.set(`${user} ${type}`, content)
  }
  /** What a sync would bring this device; it is gone then. */
  takeToDevice(user: string, device: string): object[] {
    const waiting = this.#toDevice.get(`${user} ${device}`) ?? []
    this.#toDevice.delete(`${user} ${device}`)
    return waiting
  }
  /** As if it came only now. */
  giveToDevice(user: string, device: string, events: object[]): void {
    this.#toDevice.set(`${user} ${device}`, [...(this.#toDevice.get(`${user} ${device}`) ?? []), ...events])
  }
  get sentToRooms(): readonly { room: string; type: string; content: unknown }[] {
    return this.#sent
  }

  async #ask(user: string, device: string, method: Method, path: string, ask: Ask): Promise<unknown> {
    await new Promise((resolve) => setImmediate(resolve))
    if (!path.startsWith(prefix)) throw new Error(`no such path: ${path}`)
    // As it would arrive: what JSON does not carry is gone.
    const body = JSON.parse(JSON.stringify(ask.body ?? {})) as Record<string, unknown>
    const heard = { user, device, method, path: path.slice(prefix.length), body }
    this.heard.push(heard)
    const fault = this.#judge(heard)
    if (fault === 'unreachable') throw new MatrixFailure('unreachable', 0, 'ECONNREFUSED')
    if (typeof fault === 'object')
      throw new MatrixFailure(
        'answered',
        fault.status,
        fault.code,
        fault.wait === undefined ? {} : { wait: fault.wait },
      )
    const answer: unknown = JSON.parse(JSON.stringify(this.#answer(heard, ask.query ?? {})))
    if (fault === 'answer-lost') throw new MatrixFailure('unknown', 0, 'timeout')
    return answer
  }

  #answer(heard: Heard, query: NonNullable<Ask['query']>): unknown {
    const { user, device, method, body } = heard
    const parts = heard.path.split('/').map((part) => decodeURIComponent(part))
    const [area, what] = parts
    if (area === 'keys' && method === 'POST') return this.#keys(heard, parts.slice(1).join('/'))
    if (area === 'room_keys') return this.backups.answer(user, method, parts, String(query.version ?? ''), body)
    if (area === 'user' && parts[2] === 'account_data') {
      if (what !== user) throw new MatrixFailure('answered', 403, 'M_FORBIDDEN')
      return this.#serveAccountData(user, method, parts[3] ?? '', body)
    }
    if (area === 'sendToDevice' && method === 'PUT') return this.#deliver(user, device, parts, body)
    if (area === 'rooms' && parts[2] === 'send' && method === 'PUT') {
      this.#sent.push({ room: what ?? '', type: parts[3] ?? '', content: body })
      return { event_id: `$${this.#sent.length}` }
    }
    throw new MatrixFailure('answered', 404, 'M_UNRECOGNIZED')
  }

  #keys({ user, device, body }: Heard, what: string): unknown {
    if (what === 'upload') return this.keys.upload(user, device, body)
    if (what === 'query') return this.keys.query(user, Object.keys(body.device_keys as object))
    if (what === 'claim') return this.keys.claim(body.one_time_keys as Record<string, Record<string, string>>)
    if (what === 'signatures/upload') return this.keys.sign(user, body as Record<string, Record<string, Signed>>)
    if (what === 'device_signing/upload') {
      if (this.alwaysAsksForPassword || this.keys.replacesIdentity(user, body)) this.#confirmed(user, body.auth)
      return this.keys.setIdentity(user, body)
    }
    throw new MatrixFailure('answered', 404, 'M_UNRECOGNIZED')
  }

  /** User-interactive authentication: who has no password here confirms in a browser, as with MAS. */
  #confirmed(user: string, auth: unknown): void {
    const password = this.#passwords.get(user)
    const given = auth as { type?: string; password?: string; session?: string } | undefined
    const wanted = { session: 's1', flows: [{ stages: [password === undefined ? 'm.oauth' : 'm.login.password'] }] }
    const params = password === undefined ? { params: { 'm.oauth': { url: 'https://mas.example/reset' } } } : {}
    if (given?.type === 'm.login.password' && given.session === 's1' && given.password === password) return
    const code = given ? 'M_FORBIDDEN' : 'M_UNAUTHORIZED'
    throw new MatrixFailure('answered', 401, code, { body: { ...wanted, ...params } })
  }

  #serveAccountData(user: string, method: Method, type: string, body: unknown): unknown {
    if (method === 'PUT') {
      this.setAccountData(user, type, body)
      return {}
    }
    const content = this.accountData(user, type)
    if (content === undefined) throw new MatrixFailure('answered', 404, 'M_NOT_FOUND')
    return content
  }

  #deliver(user: string, device: string, [, type, transaction]: string[], body: Record<string, unknown>): unknown {
    const once = `${user} ${device} ${String(transaction)}`
    if (this.#transactions.has(once)) return {}
    this.#transactions.add(once)
    for (const [to, devices] of Object.entries(body.messages as Record<string, Record<string, unknown>>))
      for (const [name, content] of Object.entries(devices))
        for (const each of name === '*' ? this.keys.devicesOf(to) : [name]) {
          const line = `${to} ${each}`
          this.#toDevice.set(line, [...(this.#toDevice.get(line) ?? []), { sender: user, type, content }])
        }
    return {}
  }
}
