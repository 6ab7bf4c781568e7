// The room in memory, served on loopback: for what only shows over a real connection, such as requests that are given up.
import { EventEmitter, once } from 'node:events'
import { createServer } from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { MatrixApi } from '../../../src/channels/matrix/api.ts'
import { MatrixFailure } from '../../../src/channels/matrix/failure.ts'
import type { FakeRoom } from '../../support/fake-room.ts'
import { BOT } from './identity/bot.ts'

type Method = Parameters<MatrixApi['request']>[0]

const nameOf = (path: string): string => (path.includes('/send/') ? 'send' : (path.split('/').at(-1) ?? ''))

export class ServedRoom {
  readonly room: FakeRoom
  /** Requests of the bot that came in, as `DEVICE PUT send`. */
  readonly asked: string[] = []
  readonly #server: Server
  /** `news`: something was changed. `asked …`, `given up …`: a request came in, or its connection was closed before its answer. */
  readonly #events = new EventEmitter().setMaxListeners(0)
  #devices = 0

  private constructor(room: FakeRoom) {
    this.room = room
    this.#server = createServer((request, response) => void this.#serve(request, response))
  }

  static async open(room: FakeRoom): Promise<ServedRoom> {
    const served = new ServedRoom(room)
    served.#server.listen(0, '127.0.0.1')
    await once(served.#server, 'listening')
    return served
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** Resolves when such a request comes in: `GET messages`. */
  async asks(what: string): Promise<void> {
    await once(this.#events, `asked ${what}`)
  }

  /** Resolves when the bot gives such a request up. */
  async givesUp(what: string): Promise<void> {
    await once(this.#events, `given up ${what}`)
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    this.#server.close()
    await once(this.#server, 'close')
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost')
    const gone = new Promise<void>((resolve) => response.once('close', resolve))
    const what = `${request.method ?? ''} ${nameOf(pathname)}`
    void gone.then(() => response.writableEnded || this.#events.emit(`given up ${what}`))
    const parts: Buffer[] = []
    for await (const part of request as AsyncIterable<Buffer>) parts.push(part)
    const bytes = Buffer.concat(parts)
    const body = bytes.length === 0 ? undefined : (JSON.parse(bytes.toString()) as Record<string, unknown>)
    const device = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? ''
    try {
      const query = Object.fromEntries(searchParams)
      if (!pathname.endsWith('/login')) this.asked.push(`${device} ${what}`)
      this.#events.emit(`asked ${what}`)
      const answer = await this.#answer(device, request.method as Method, pathname, query, body, gone)
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer))
    } catch (error) {
      if (!(error instanceof MatrixFailure)) throw error
      response
        .writeHead(error.status, { 'content-type': 'application/json' })
        .end(JSON.stringify({ errcode: error.code, error: error.code }))
    }
    if (request.method !== 'GET') this.#events.emit('news')
  }

  async #answer(
    device: string,
    method: Method,
    path: string,
    query: Record<string, string>,
    body: Record<string, unknown> | undefined,
    gone: Promise<void>,
  ): Promise<unknown> {
    if (path.endsWith('/login')) {
      const given = body?.['device_id']
      const id = typeof given === 'string' ? given : `DEVICE${++this.#devices}`
      return { user_id: BOT, device_id: id, access_token: id }
    }
    // As a server holds an answer until there is something new.
    if (path.endsWith('/sync') && Number(query['timeout']) > 0) await Promise.race([gone, once(this.#events, 'news')])
    if (path.endsWith('/messages') && query['from'] === undefined)
      query['from'] = `${String(this.room.timeline.length)},0`
    return this.room.api(BOT, device).request(method, path, { query: { to: '0,0', ...query }, body })
  }
}
