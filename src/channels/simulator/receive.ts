import { randomUUID } from 'node:crypto'
import express, { Router } from 'express'
import type { ErrorRequestHandler, RequestHandler, Response } from 'express'
import type { Duration } from '../../core/time.ts'
import { MINUTE } from '../../core/time.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Heard, Inbox } from '../../ports/inbox.ts'
import { senderAt } from '../../ports/inbox.ts'
import type { SentLog, SimulatedMessage } from '../../ports/store.ts'
import { ADMIN, Malformed, parseAfter, parsePosted, parseSkip } from './payload.ts'
import type { Posted } from './payload.ts'

export interface ReceiveOptions {
  sent: SentLog<SimulatedMessage>
  clock: Pick<Clock, 'now' | 'speed'>
  inbox: Inbox
  /** Stands before every route: only direct loopback requests may pass (DESIGN.md section 5). */
  guard: RequestHandler
  /** False beside a Matrix room: then nothing from the simulated admin is accepted. */
  admin: boolean
  /** What the board shows; empty without one. */
  board(): string
  /** Moves the kernel's clock on by kernel milliseconds; absent where the clock is the real one. */
  skip?: ((ms: Duration) => void | Promise<void>) | undefined
}

/**
 * The simulator's way in (DESIGN.md section 5): messages, taps, the list of what was sent, the board and the skipped minutes.
 * 200 means stored. A `StoreError` goes to the server's handler of failures, which answers 503.
 */
export function simulatorRoutes(options: ReceiveOptions): Router {
  const { clock, sent, skip } = options
  // Which run of the kernel this is, so that an open page notices a new one with another history.
  const run = randomUUID()
  const routes = Router()
  const json = express.json({ limit: '64kb', strict: false })
  routes.use('/simulator', options.guard)

  routes.post('/simulator/messages', json, async (request, response) => {
    const posted = parsePosted(request.body)
    if (posted.from === ADMIN.id && !options.admin) {
      line(response, 403, { error: 'the admins are in their Matrix room; the simulated admin is off' })
      return
    }
    const id = `sim:${randomUUID()}`
    const heard = await hear(posted, sent)
    const sender = senderAt({ channel: 'simulator', address: posted.from })
    await options.inbox.put({ id, sender, receivedAt: clock.now(), heard })
    line(response, 200, { stored: true })
  })

  routes.get('/simulator/messages', async (request, response) => {
    const entries = await sent.list(parseAfter(request.query['after']))
    line(response, 200, entries.map(shown))
  })

  routes.get('/simulator/board', (_request, response) => {
    const now = new Date(clock.now()).toISOString()
    line(response, 200, {
      run,
      text: options.board(),
      now,
      speed: clock.speed,
      skip: skip !== undefined,
      admin: options.admin,
    })
  })

  routes.post('/simulator/skip', json, async (request, response) => {
    const minutes = parseSkip(request.body)
    if (!skip) {
      line(response, 409, { error: 'the clock is the real one and cannot be skipped' })
      return
    }
    await skip(minutes * MINUTE)
    line(response, 200, { now: new Date(clock.now()).toISOString() })
  })

  routes.all('/simulator/messages', only('GET, POST'))
  routes.all('/simulator/board', only('GET'))
  routes.all('/simulator/skip', only('POST'))
  routes.use('/simulator', malformed)
  return routes
}

/** What the kernel hears. Throws `Malformed` for a reply to, or a tap on, what this person was never sent. */
async function hear(posted: Posted, sent: SentLog<SimulatedMessage>): Promise<Heard> {
  const pressed = posted.type === 'tap'
  const text = pressed ? await saysOf(posted, sent) : posted.text
  if (posted.from !== ADMIN.id) {
    const from = { channel: 'simulator', address: posted.from } as const
    return { type: 'message', from, text, ...(pressed && { button: true }) }
  }
  if (!pressed && posted.replyTo !== undefined) await sentTo('room', posted.replyTo, sent)
  const replyTo = pressed ? undefined : posted.replyTo
  return {
    type: 'order',
    by: { ...ADMIN },
    text,
    ...(replyTo !== undefined && { replyTo }),
    ...(pressed && { button: true }),
  }
}

async function saysOf(tap: Extract<Posted, { type: 'tap' }>, sent: SentLog<SimulatedMessage>): Promise<string> {
  const message = await sentTo(tap.from === ADMIN.id ? 'room' : tap.from, tap.to, sent)
  const place = message.buttons?.indexOf(tap.label) ?? -1
  if (place < 0) throw new Malformed('that message has no such button')
  return message.says?.[place] ?? tap.label
}

async function sentTo(to: string, n: number, sent: SentLog<SimulatedMessage>): Promise<SimulatedMessage> {
  const [message] = await sent.list(n - 1)
  if (message?.n !== n || message.to !== to) throw new Malformed('there is no such message to this sender')
  return message
}

const shown = ({ n, to, text, at, buttons }: SimulatedMessage & { n: number }): object => ({
  n,
  to,
  text,
  at,
  ...(buttons && { buttons }),
})

const only =
  (methods: string): RequestHandler =>
  (_request, response) => {
    response.set('allow', methods)
    line(response, 405, { error: `only ${methods} here` })
  }

const malformed: ErrorRequestHandler = (error: unknown, _request, response, next) => {
  if (!(error instanceof Malformed)) {
    next(error)
    return
  }
  response.locals['rejection'] = 'malformed'
  line(response, 400, { error: error.message })
}

function line(response: Response, status: number, body: object): void {
  response
    .status(status)
    .set('cache-control', 'no-store')
    .type('json')
    .send(`${JSON.stringify(body)}\n`)
}
