// A Bot API on loopback, with chats that remember, offsets that mean what the documentation says, and faults on demand.
import { EventEmitter, once } from 'node:events'
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buttonsIn, faultsOfCall, faultsOfType } from './bot-api-description.ts'
import type { Button } from './bot-api-description.ts'
import { UpdateQueue } from './fake-telegram-updates.ts'

/** What a request gets instead of its due. */
export type Fault =
  | { status: number; description?: string; parameters?: Record<string, number> }
  /** A gateway's page. */
  | { page: number }
  /** No answer, for ever. */
  | 'hang'
  /** The request is carried out, then the connection is cut without an answer. */
  | 'accept-then-drop'

export const faults = {
  unauthorized: { status: 401, description: 'Unauthorized' },
  conflict: { status: 409, description: 'Conflict: terminated by other getUpdates request' },
  webhookSet: { status: 409, description: "Conflict: can't use getUpdates method while webhook is active" },
  tooMany: (retry_after: number) => ({
    status: 429,
    description: `Too Many Requests: retry after ${retry_after}`,
    parameters: { retry_after },
  }),
  moved: (migrate_to_chat_id: number) => ({
    status: 400,
    description: 'Bad Request: group chat was upgraded to a supergroup chat',
    parameters: { migrate_to_chat_id },
  }),
  broken: { status: 500, description: 'Internal Server Error' },
} as const satisfies Record<string, Fault | ((n: number) => Fault)>

/** A message that reached a chat. */
export interface SentMessage {
  chat: number
  messageId: number
  text: string
  buttons: Button[]
}

interface Call {
  method: string
  payload: Record<string, unknown>
}

/** A fault that waits for its call. */
interface Ordered {
  method: string
  chat: number | undefined
  fault: Fault
  times: number
}

export class FakeTelegram {
  readonly token = '4711:fake-TOKEN_never-to-be-logged'
  url = ''
  /** Everything that was wrong with what we sent. A test's end expects it to be empty. */
  readonly problems: string[] = []
  readonly calls: Call[] = []
  readonly updates = new UpdateQueue()
  readonly #events = new EventEmitter()
  readonly #sent: SentMessage[] = []
  readonly #known = new Set<number>()
  readonly #blocked = new Set<number>()
  readonly #hanging = new Set<ServerResponse>()
  #faults: Ordered[] = []
  /** What people's phones have uploaded, by `file_id`. */
  readonly files = new Map<string, Buffer>()
  #server = createServer((request, response) => void this.#serve(request, response))
  #port = 0
  #nextMessage = 1

  static async start(): Promise<FakeTelegram> {
    const fake = new FakeTelegram()
    await fake.up()
    return fake
  }

  /** Listens, again on the same port after `down`. */
  async up(): Promise<void> {
    this.#server = createServer((request, response) => void this.#serve(request, response))
    this.#server.listen(this.#port, '127.0.0.1')
    await once(this.#server, 'listening')
    this.#port = (this.#server.address() as AddressInfo).port
    this.url = `http://127.0.0.1:${this.#port}`
  }

  /** Nobody answers any more: connections are cut and refused. What is queued and sent stays. */
  async down(): Promise<void> {
    this.updates.forgetPoller()
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  // What people do

  text(userId: number, text: string): number {
    return this.says(userId, { text })
  }

  /** Any message of a person: `{ location: … }`, `{ photo: […], caption: '…' }`. Returns the update's id. */
  says(userId: number, part: Record<string, unknown>, kind: 'message' | 'edited_message' = 'message'): number {
    this.#known.add(userId)
    return this.updates.add({ [kind]: this.#message(userId, part) })
  }

  /** Presses the button labelled so, or saying so, under the latest message that has it. */
  press(userId: number, what: string): number {
    const under = this.sentTo(userId).findLast((m) =>
      m.buttons.some((b) => b.text === what || b.callback_data === what),
    )
    const button = under?.buttons.find((b) => b.text === what || b.callback_data === what)
    if (!under || !button) throw new Error(`nothing that was sent to ${userId} has a button ${what}`)
    const message = { ...this.#message(userId, { text: under.text }), message_id: under.messageId }
    const query = { id: `q${under.messageId}`, from: person(userId), message, chat_instance: '1' }
    return this.updates.add({ callback_query: { ...query, data: button.callback_data } })
  }

  block(userId: number): number {
    this.#blocked.add(userId)
    return this.updates.add({ my_chat_member: membership(userId, 'member', 'kicked') })
  }

  unblock(userId: number): number {
    this.#blocked.delete(userId)
    return this.updates.add({ my_chat_member: membership(userId, 'kicked', 'member') })
  }

  /** Somebody writes in a group or a channel. */
  inGroup(chatId: number, part: Record<string, unknown>, type = 'supergroup'): number {
    this.#known.add(chatId)
    const post = { ...this.#message(1, part), chat: { id: chatId, type, title: 'A group' } }
    return this.updates.add({ [type === 'channel' ? 'channel_post' : 'message']: post })
  }

  /** The chat exists, as if the person had once pressed Start. */
  knows(chatId: number): void {
    this.#known.add(chatId)
  }

  // What we did

  sentTo(chat: number): SentMessage[] {
    return this.#sent.filter((m) => m.chat === chat)
  }

  /** Resolves with the messages of a chat as soon as there are `count`. */
  async sent(chat: number, count = 1): Promise<SentMessage[]> {
    while (this.sentTo(chat).length < count) await once(this.#events, 'called')
    return this.sentTo(chat)
  }

  /** Resolves as soon as a method was called `count` times. */
  async called(method: string, count = 1): Promise<Call[]> {
    const calls = (): Call[] => this.calls.filter((c) => c.method === method)
    while (calls().length < count) await once(this.#events, 'called')
    return calls()
  }

  // What goes wrong

  /** The next `times` calls of a method (to a chat) get a fault. */
  fail(method: string, fault: Fault, { times = 1, chat }: { times?: number; chat?: number } = {}): void {
    this.#faults.push({ method, fault, times, chat })
  }

  heal(): void {
    this.#faults = []
  }

  async close(): Promise<void> {
    for (const response of this.#hanging) response.destroy()
    if (this.#server.listening) await this.down()
  }

  // How it answers

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [, holder, place = ''] = /^\/file\/bot([^/]*)\/(.+)$/.exec(request.url ?? '') ?? []
    const file = holder === this.token ? this.files.get(place) : undefined
    if (file) return void response.end(file)
    const [, token, method = ''] = /^\/bot([^/]*)\/(\w+)$/.exec(request.url ?? '') ?? []
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const body = Buffer.concat(chunks).toString()
    const payload = (body === '' ? {} : JSON.parse(body)) as Record<string, unknown>
    this.calls.push({ method, payload })
    if (token !== this.token) refuse(response, 401, 'Unauthorized')
    else this.#judged(method, payload, response)
    this.#events.emit('called')
  }

  #judged(method: string, payload: Record<string, unknown>, response: ServerResponse): void {
    const found = faultsOfCall(method, payload)
    this.problems.push(...found)
    if (found.length > 0) refuse(response, 400, `Bad Request: ${String(found[0])}`)
    else this.#faulty(this.#takeFault(method, payload), method, payload, response)
  }

  #takeFault(method: string, { chat_id }: Record<string, unknown>): Fault | undefined {
    const ordered = this.#faults.find(
      (f) => f.method === method && f.times > 0 && (f.chat === undefined || f.chat === chat_id),
    )
    if (ordered) ordered.times -= 1
    return ordered?.fault
  }

  #faulty(fault: Fault | undefined, method: string, payload: Record<string, unknown>, response: ServerResponse): void {
    if (fault === undefined) this.#carryOut(method, payload, response)
    else if (fault === 'hang') this.#hanging.add(response)
    else if (fault === 'accept-then-drop') {
      this.#send(payload)
      response.destroy()
    } else if ('page' in fault) response.writeHead(fault.page, { location: '/elsewhere' }).end('<html>a gateway</html>')
    else refuse(response, fault.status, fault.description ?? 'Bad Request: something', fault.parameters)
  }

  #carryOut(method: string, payload: Record<string, unknown>, response: ServerResponse): void {
    if (method === 'getUpdates') {
      this.updates.poll(payload, (error, result) => {
        if (error) refuse(response, 409, error)
        else answer(response, result)
      })
      response.on('close', () => this.updates.forgetPoller(payload))
    } else if (method === 'sendMessage') this.#sendTo(payload, response)
    else if (method === 'getMe') answer(response, bot)
    else if (method === 'getFile') this.#describe(String(payload['file_id']), response)
    else answer(response, true)
  }

  #describe(id: string, response: ServerResponse): void {
    const file = this.files.get(id)
    if (!file) refuse(response, 400, 'Bad Request: wrong file_id or the file is temporarily unavailable')
    else if (file.length > 20 * 1024 * 1024) refuse(response, 400, 'Bad Request: file is too big')
    else answer(response, { file_id: id, file_unique_id: id, file_size: file.length, file_path: id })
  }

  #sendTo(payload: Record<string, unknown>, response: ServerResponse): void {
    const chat = Number(payload['chat_id'])
    if (this.#blocked.has(chat)) refuse(response, 403, 'Forbidden: bot was blocked by the user')
    else if (!this.#known.has(chat)) refuse(response, 400, 'Bad Request: chat not found')
    else {
      const { messageId, text } = this.#send(payload)
      answer(response, { message_id: messageId, date: seconds(), chat: { id: chat, type: 'private' }, text })
    }
  }

  #send(payload: Record<string, unknown>): SentMessage {
    const text = String(payload['text'])
    const message = {
      chat: Number(payload['chat_id']),
      messageId: this.#nextMessage++,
      text,
      buttons: buttonsIn(payload),
    }
    this.#sent.push(message)
    return message
  }

  #message(userId: number, part: Record<string, unknown>): Record<string, unknown> {
    const chat = { id: userId, type: 'private', first_name: 'Mo' }
    const message = { message_id: this.#nextMessage++, from: person(userId), chat, date: seconds(), ...part }
    this.problems.push(...faultsOfType('Message', message).map((fault) => `the test's own ${fault}`))
    return message
  }
}

const seconds = (): number => Math.floor(Date.now() / 1000)
/** Nobody has a username: it must not be needed. */
const person = (id: number): Record<string, unknown> => ({ id, is_bot: false, first_name: 'Mo', language_code: 'en' })
const bot = { id: 4711, is_bot: true, first_name: 'imok', username: 'imok_fake_bot' }

const membership = (userId: number, before: string, now: string): Record<string, unknown> => {
  const as = (status: string) => ({ status, user: bot, ...(status === 'kicked' && { until_date: 0 }) })
  const chat = { id: userId, type: 'private', first_name: 'Mo' }
  return { chat, from: person(userId), date: seconds(), old_chat_member: as(before), new_chat_member: as(now) }
}

function answer(response: ServerResponse, result: unknown): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ ok: true, result }))
}

function refuse(response: ServerResponse, status: number, description: string, parameters?: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(JSON.stringify({ ok: false, error_code: status, description, parameters }))
}
