// A reverse proxy on this machine between one client and a homeserver: faults on the way, and answers that a malicious server gives.
// Give every client that a test looks at a proxy of its own: a rule for one request takes the first that comes.
import { createServer, request as httpRequest, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { ActiveRule, type Passing, type Rule, type RunningRule } from './faults.ts'

const SYNC = /^\/_matrix\/client\/\w+\/sync(\?|$)/

export interface PassedRequest extends Passing {
  /** What the client was answered; undefined while it waits, and for ever if it got nothing. */
  status?: number
}

export interface Proxy {
  /** What the client is given as its homeserver. */
  readonly url: string
  /** All that has come, oldest first. */
  readonly requests: readonly PassedRequest[]
  /** Begins a rule. Rewrites all apply, in the order they were made; of the other kinds the first that applies does. */
  fault(rule: Rule): RunningRule
  /** Ends all rules. */
  clear(): void
  /** Resets every open connection once. */
  cut(): void
  /** Connections are refused until accept(); open ones are reset. */
  refuse(): Promise<void>
  accept(): Promise<void>
  /** Changes the next answer to a sync; one that waits is answered now, by a sync that does not wait. */
  inSync(change: (sync: Readonly<Record<string, unknown>>) => unknown): RunningRule
  stop(): Promise<void>
}

interface Reply {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  readonly body: Buffer
}

/** Starts a proxy before a homeserver (http://127.0.0.1:port). */
export async function startProxy(target: string): Promise<Proxy> {
  const requests: PassedRequest[] = []
  const rules: ActiveRule[] = []
  const sockets = new Set<Socket>()
  /** Syncs that wait at the homeserver; calling one makes it answer. */
  const waitingSyncs = new Set<() => void>()
  /** Changes that no sync has carried yet: while there is one, no sync waits. */
  const urgent = new Set<ActiveRule>()
  let port = 0
  let server: Server

  const handle = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const bytes = await all(incoming)
    const passed: PassedRequest = describe(incoming, bytes)
    requests.push(passed)
    const reset = (): void => void incoming.socket.destroy()
    const active = rules.filter(({ rule }) => rule.fault.kind !== 'rewrite').find((rule) => rule.take(passed))
    const fault = active?.rule.fault
    if (fault?.kind === 'cut') return reset()
    if (fault?.kind === 'hang') {
      await active?.over
      return reset()
    }
    if (fault?.kind === 'answer') {
      passed.status = fault.status
      const [type, body] =
        typeof fault.body === 'string'
          ? ['text/html', fault.body]
          : ['application/json', JSON.stringify(fault.body ?? {})]
      outgoing.writeHead(fault.status, { 'content-type': type, ...fault.headers })
      return void outgoing.end(body)
    }
    if (fault?.kind === 'delay') await new Promise((resolve) => setTimeout(resolve, fault.ms))
    const gone = new AbortController() // a client that hangs up is not waited for, unless its reply is to be dropped
    if (fault?.kind !== 'drop-reply') outgoing.once('close', () => gone.abort())
    const reply = await fetchReply(incoming, bytes, passed, gone.signal)
    if (reply === undefined || fault?.kind === 'drop-reply') return reset()
    if (fault?.kind === 'hold-reply') await active?.over
    if (outgoing.destroyed) return
    passed.status = reply.status
    const body = rewritten(reply, passed)
    const {
      'content-length': _length,
      'transfer-encoding': _encoding,
      connection: _connection,
      ...headers
    } = reply.headers
    outgoing.writeHead(reply.status, { ...headers, 'content-length': body.length })
    outgoing.end(body)
  }

  const fetchReply = async (
    incoming: IncomingMessage,
    bytes: Buffer,
    passed: Passing,
    gone: AbortSignal,
  ): Promise<Reply | undefined> => {
    const ask = (path: string, signal: AbortSignal): Promise<Reply | undefined> =>
      forward(target + path, incoming, bytes, signal).catch(() => undefined)
    if (!SYNC.test(passed.path)) return ask(passed.path, gone)
    const atOnce = passed.path.replace(/([?&]timeout=)\d+/, '$10')
    if ([...urgent].some(({ hits }) => hits.length === 0)) return ask(atOnce, gone)
    const hurry = new AbortController()
    const nudge = (): void => hurry.abort()
    waitingSyncs.add(nudge)
    const reply = await ask(passed.path, AbortSignal.any([gone, hurry.signal]))
    waitingSyncs.delete(nudge)
    return hurry.signal.aborted ? ask(atOnce, gone) : reply
  }

  const rewritten = (reply: Reply, request: Passing): Buffer => {
    const changes = rules
      .filter((active) => active.rule.fault.kind === 'rewrite' && reply.status === 200 && active.take(request))
      .map(({ rule }) => (rule.fault.kind === 'rewrite' ? rule.fault.change : (answer: unknown) => answer))
    if (changes.length === 0) return reply.body
    let answer: unknown = JSON.parse(reply.body.toString())
    for (const change of changes) answer = change(answer, request)
    return Buffer.from(JSON.stringify(answer))
  }

  const cut = (): void => {
    for (const socket of sockets) socket.destroy()
  }
  const accept = async (): Promise<void> => {
    server = createServer((incoming, outgoing) => {
      handle(incoming, outgoing).catch(() => incoming.socket.destroy())
    })
    server.on('connection', (socket) => {
      sockets.add(socket)
      socket.once('close', () => sockets.delete(socket))
    })
    server.keepAliveTimeout = 60_000 // ms; a close between two requests would look like a fault
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(port, '127.0.0.1', resolve)
    })
    port = (server.address() as AddressInfo).port
  }
  const refuse = async (): Promise<void> => {
    const closed = new Promise((resolve) => server.close(resolve))
    cut()
    await closed
  }
  const begin = (rule: Rule): ActiveRule => {
    const active = new ActiveRule(rule)
    rules.push(active)
    return active
  }
  const clear = (): void => {
    urgent.clear()
    for (const rule of rules.splice(0)) rule.off()
  }
  await accept()
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    fault: begin,
    clear,
    cut,
    refuse,
    accept,
    inSync: (change) => {
      const rule = begin({
        path: SYNC,
        times: 1,
        fault: { kind: 'rewrite', change: (sync) => change(sync as Record<string, unknown>) },
      })
      urgent.add(rule)
      for (const nudge of waitingSyncs) nudge()
      return rule
    },
    stop: async () => {
      clear()
      if (server.listening) await refuse()
    },
  }
}

function describe(incoming: IncomingMessage, bytes: Buffer): Passing {
  const { method = '', url: path = '', headers } = incoming
  const isJson = headers['content-type']?.includes('json') === true && bytes.length > 0
  const token = /^Bearer (.*)$/.exec(headers.authorization ?? '')?.[1] ?? ''
  return { method, path, token, body: isJson ? parsed(bytes) : undefined }
}

function parsed(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString())
  } catch {
    return undefined // the homeserver shall say so
  }
}

async function all(stream: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = []
  for await (const part of stream) parts.push(part as Buffer)
  return Buffer.concat(parts)
}

async function forward(url: string, incoming: IncomingMessage, bytes: Buffer, signal: AbortSignal): Promise<Reply> {
  const { 'accept-encoding': _encoding, connection: _connection, host: _host, ...headers } = incoming.headers
  delete headers['transfer-encoding']
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    const request = httpRequest(url, {
      method: incoming.method ?? 'GET',
      headers: { ...headers, 'content-length': bytes.length },
      signal,
    })
    request.once('response', resolve)
    request.once('error', reject)
    request.end(bytes)
  })
  return { status: answer.statusCode ?? 502, headers: answer.headers, body: await all(answer) }
}
