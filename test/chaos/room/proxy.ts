// Stands between the kernel and its homeserver: sees when a room event has been taken for good, and is where the kernel dies in a request.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer, request as send } from 'node:http'
import type { AddressInfo } from 'node:net'

/** The requests in which the kernel may die, and how often a life of some seconds makes them, about. */
export const requests = { send: 8, sync: 10, keys: 3, 'to-device': 2 } as const
export type Request = keyof typeof requests

/** The n-th request of this kind: before the homeserver hears of it, after it has answered, or a moment after the kernel has the answer. */
export interface RequestDeath {
  request: Request
  when: 'before' | 'answered' | 'told'
  nth: number
}

const kindOf = (path: string): Request | undefined => {
  if (/\/rooms\/[^/]+\/send\//.test(path)) return 'send'
  if (path.startsWith('/_matrix/client/v3/sync?')) return 'sync'
  if (/\/(?:keys|room_keys)\//.test(path)) return 'keys'
  return path.includes('/sendToDevice/') ? 'to-device' : undefined
}

interface SyncAnswer {
  next_batch?: string
  rooms?: { join?: Record<string, { timeline?: { events?: { event_id: string }[] } }> }
}

export class Proxy {
  /** What no device that kept its keys would have been answered. */
  readonly breaches: string[] = []
  url = ''
  /** Every request, or every one of a kind, is answered so, and the homeserver hears of none. */
  instead: { status: number; body: string; of?: Request } | undefined
  /** When each sync was answered. */
  readonly synced: number[] = []
  readonly #server
  readonly #target: string
  /** Events by the token that came with them; taken for good once the kernel asks for what came after. */
  readonly #shown = new Map<string, string[]>()
  readonly #taken = new Set<string>()
  #death: (RequestDeath & { die: () => void }) | undefined
  #passed = 0

  constructor(target: string) {
    this.#target = target
    this.#server = createServer((request, response) => void this.#pass(request, response))
  }

  async start(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
    this.url = `http://127.0.0.1:${String((this.#server.address() as AddressInfo).port)}`
    return this
  }

  stop(): void {
    this.#server.close()
    this.#server.closeAllConnections()
  }

  /** Whether the kernel has stored what this event says, and will not ask for it again. */
  isTaken(event: string): boolean {
    return this.#taken.has(event)
  }

  /** Until it is set again. */
  dieAt(death: RequestDeath | undefined, die: () => void): void {
    this.#passed = 0
    this.#death = death && { ...death, die }
  }

  #isDue(kind: Request | undefined): boolean {
    if (kind === undefined || kind !== this.#death?.request) return false
    return ++this.#passed === this.#death.nth
  }

  async #pass(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const path = incoming.url ?? ''
    const kind = kindOf(path)
    const death = this.#isDue(kind) ? this.#death : undefined
    try {
      const body = await bytesOf(incoming)
      if (this.instead && (this.instead.of ?? kind) === kind) {
        outgoing.writeHead(this.instead.status, { 'content-type': 'application/json' }).end(this.instead.body)
        return
      }
      if (kind === 'sync') this.#take(path)
      if (death?.when === 'before') return death.die()
      const { status, headers, answer } = await this.#ask(incoming, body, outgoing)
      if (death?.when === 'answered') return death.die()
      if (kind === 'sync' && status === 200) this.synced.push(Date.now())
      if (kind === 'sync' && status === 200) this.#note(JSON.parse(answer.toString()) as SyncAnswer)
      if (path.includes('/keys/upload') && status === 400)
        this.breaches.push(`keys were refused: ${answer.toString().slice(0, 120)}`)
      outgoing.writeHead(status, headers).end(answer)
      if (death) setTimeout(death.die, Math.random() * 40)
    } catch {
      outgoing.destroy()
    }
  }

  #take(path: string): void {
    const since = new URL(path, 'http://x').searchParams.get('since') ?? ''
    for (const event of this.#shown.get(since) ?? []) this.#taken.add(event)
  }

  #note({ next_batch: token = '', rooms }: SyncAnswer): void {
    const events = Object.values(rooms?.join ?? {}).flatMap(({ timeline }) => timeline?.events ?? [])
    this.#shown.set(token, [...(this.#shown.get(token) ?? []), ...events.map((event) => event.event_id)])
  }

  #ask(
    incoming: IncomingMessage,
    body: Buffer,
    outgoing: ServerResponse,
  ): Promise<{ status: number; headers: Record<string, string>; answer: Buffer }> {
    return new Promise((resolve, reject) => {
      const { host: _host, connection: _connection, ...headers } = incoming.headers
      const asking = send(`${this.#target}${incoming.url ?? ''}`, { method: incoming.method, headers }, (response) => {
        bytesOf(response).then(
          (answer) =>
            resolve({
              status: response.statusCode ?? 502,
              headers: { 'content-type': response.headers['content-type'] ?? 'application/json' },
              answer,
            }),
          reject,
        )
      })
      asking.once('error', reject)
      // A kernel that died waits for nothing any more.
      outgoing.once('close', () => {
        if (!outgoing.writableEnded) asking.destroy()
      })
      asking.end(body)
    })
  }
}

async function bytesOf(stream: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = []
  for await (const part of stream) parts.push(part as Buffer)
  return Buffer.concat(parts)
}
