import { expect } from 'chai'
import express from 'express'
import type { Http } from '../../../src/http/server.ts'
import { startHttp } from '../../../src/http/server.ts'
import { loopbackOnly } from '../../../src/http/loopback.ts'
import { StoreError } from '../../../src/ports/store.ts'
import { simulatorRoutes } from '../../../src/channels/simulator/receive.ts'
import type { ReceiveOptions } from '../../../src/channels/simulator/receive.ts'
import { memoryInbox, memorySent, silent, standingClock } from '../../support/memory-ports.ts'
import { postJson, rawRequest } from '../../support/raw-request.ts'

const NOW = Date.UTC(2026, 4, 1, 11, 12)
const MO = '+447700900001'
const ADMIN = '@admin:simulator'
const at = new Date(NOW).toISOString()
const MESSAGES = '/simulator/messages'

describe('The simulator receives', () => {
  let http: Http
  let inbox: ReturnType<typeof memoryInbox>
  let sent: ReturnType<typeof memorySent>
  let put: (() => Promise<never>) | undefined
  let skipped: number[]
  let options: ReceiveOptions

  const start = async (more: Partial<ReceiveOptions> = {}): Promise<void> => {
    inbox = memoryInbox()
    sent = memorySent()
    put = undefined
    skipped = []
    const stored: ReceiveOptions['inbox'] = { ...inbox, put: (item) => (put ? put() : inbox.put(item)) }
    const board = (): string => 'Out now: 1'
    const skip = (ms: number): void => void skipped.push(ms)
    options = { sent, clock: standingClock(NOW), inbox: stored, guard: loopbackOnly, admin: true, board, skip, ...more }
    const mainRoutes = simulatorRoutes(options)
    http = await startHttp({ host: '127.0.0.1', port: 0, mainRoutes, webhookRoutes: express.Router(), ...silent })
  }
  beforeEach(() => start())
  afterEach(() => http.close())

  const post = (body: unknown) => postJson(http.port, MESSAGES, body)
  const refused = async (body: unknown, status = 400): Promise<string> => {
    const answer = await post(body)
    expect(answer.status).to.equal(status)
    expect(answer.body).to.match(/^\{"error":"[^\n]+"\}\n$/)
    expect(inbox.items).to.deep.equal([])
    return answer.body
  }

  describe('texts', () => {
    it('from a phone, stored before it answers', async () => {
      const answer = await post({ from: MO, text: 'IN 1m' })
      expect([answer.status, answer.body]).to.deep.equal([200, '{"stored":true}\n'])
      expect(inbox.items).to.have.length(1)
      expect(inbox.items[0]).to.deep.include({
        sender: `simulator:${MO}`,
        receivedAt: NOW,
        heard: { type: 'message', from: { channel: 'simulator', address: MO }, text: 'IN 1m' },
      })
    })

    it('under an id of their own each, so that the same words twice are two messages', async () => {
      await post({ from: MO, text: 'IN' })
      await post({ from: MO, text: 'IN' })
      const ids = inbox.items.map(({ id }) => id)
      expect(new Set(ids).size).to.equal(2)
      for (const id of ids) expect(id).to.match(/^sim:[0-9a-f-]{36}$/)
    })

    for (const [title, text] of [
      ['empty', ''],
      ['blank', ' \n\t '],
      ['of 10,000 characters', 'x'.repeat(10_000)],
      ['of 10,000 characters outside the basic plane', '🆘'.repeat(10_000)],
      ['with zero bytes and half a surrogate', 'a\u0000\ud83d'],
      ['that look like markup', '<script>alert(1)</script>'],
    ] as const)
      it(title, async () => {
        expect((await post({ from: MO, text })).status).to.equal(200)
        expect(inbox.items[0]?.heard).to.include({ text })
      })

    it('from the admin, who is shown as Admin', async () => {
      sent.entries.push({ to: 'room', text: 'hello', at })
      await post({ from: ADMIN, text: 'take 7', replyTo: 1 })
      await post({ from: ADMIN, text: 'take 7' })
      const by = { id: ADMIN, name: 'Admin' }
      expect(inbox.items.map(({ heard }) => heard)).to.deep.equal([
        { type: 'order', by, text: 'take 7', replyTo: 1 },
        { type: 'order', by, text: 'take 7' },
      ])
    })
  })

  describe('taps', () => {
    beforeEach(() => {
      sent.entries.push({ to: MO, text: 'time is up', at, buttons: ['I am out', 'OK'], says: ['OUT', 'OK'] })
      sent.entries.push({ to: 'room', text: '#7 SOS', at, buttons: ['I have it'], says: ['take 7'] })
    })

    it('on a phone, as what the button says', async () => {
      expect((await post({ from: MO, tap: 'I am out', to: 1 })).status).to.equal(200)
      const from = { channel: 'simulator', address: MO }
      expect(inbox.items[0]?.heard).to.deep.equal({ type: 'message', from, text: 'OUT', button: true })
    })

    it('in the room, as an order', async () => {
      expect((await post({ from: ADMIN, tap: 'I have it', to: 2 })).status).to.equal(200)
      const by = { id: ADMIN, name: 'Admin' }
      expect(inbox.items[0]?.heard).to.deep.equal({ type: 'order', by, text: 'take 7', button: true })
    })

    for (const [title, body] of [
      ['on a message that was never sent', { from: MO, tap: 'OK', to: 3 }],
      ['on a button that it does not have', { from: MO, tap: 'SOS', to: 1 }],
      ['by the words instead of the label', { from: MO, tap: 'OUT', to: 1 }],
      ["on somebody else's message", { from: '+447700900002', tap: 'OK', to: 1 }],
      ["of a phone on the room's", { from: MO, tap: 'I have it', to: 2 }],
      ["of the admin on a phone's", { from: ADMIN, tap: 'OK', to: 1 }],
      ['without a message', { from: MO, tap: 'OK' }],
      ['on message 0', { from: MO, tap: 'OK', to: 0 }],
      ['on message 1.5', { from: MO, tap: 'OK', to: 1.5 }],
      ['that are no label', { from: MO, tap: 5, to: 1 }],
      ['together with a text', { from: MO, tap: 'OK', to: 1, text: 'OK' }],
    ] as const)
      it(`not ${title}`, () => refused(body))
  })

  describe('answers 400 in one line to', () => {
    for (const [title, body] of [
      ['a number as sender', { from: 5, text: 'IN' }],
      ['no sender', { text: 'IN' }],
      ['a sender that is no E.164 number', { from: '07700900001', text: 'IN' }],
      ['a sender with spaces', { from: '+44 7700 900001', text: 'IN' }],
      ['another admin', { from: '@asha:example.org', text: 'take 7' }],
      ['no text', { from: MO }],
      ['a text that is a number', { from: MO, text: 5 }],
      ['a text that is null', { from: MO, text: null }],
      ['10,001 characters', { from: MO, text: 'x'.repeat(10_001) }],
      ['an array', [{ from: MO, text: 'IN' }]],
      ['a number', 5],
      ['a string', 'IN'],
      ['null', null],
      ['a reply to no number', { from: ADMIN, text: 'yes', replyTo: 'x' }],
      ['a reply to what was never sent', { from: ADMIN, text: 'yes', replyTo: 9 }],
    ] as const)
      it(title, async () => {
        expect(await refused(body)).not.to.match(/7700 ?900001"?[^"]*IN|asha/)
      })

    for (const [title, type, body] of [
      ['broken JSON', 'application/json', '{"from":'],
      ['an empty body', 'application/json', ''],
      ['JSON sent as plain text, as a foreign form could', 'text/plain', JSON.stringify({ from: MO, text: 'IN' })],
      ['a form', 'application/x-www-form-urlencoded', `from=${MO}&text=IN`],
    ] as const)
      it(title, async () => {
        const headers = { 'content-type': type }
        const answer = await rawRequest(http.port, MESSAGES, { method: 'POST', headers, body })
        expect(answer.status).to.equal(400)
        expect(answer.body).to.match(/^\{"error":"[^\n]+"\}\n$/)
        expect(inbox.items).to.deep.equal([])
      })
  })

  it('answers 413 to 70 kB', () => refused({ from: MO, text: 'x'.repeat(70_000) }, 413))

  it('answers 503 when it could not be stored', async () => {
    put = () => Promise.reject(new StoreError('ENOSPC', 'disk full'))
    await refused({ from: MO, text: 'SOS' }, 503)
  })

  describe('and lists what was sent', () => {
    const list = (query = '') => rawRequest(http.port, MESSAGES + query)
    beforeEach(() => {
      sent.entries.push(
        { to: MO, text: 'noted', at },
        { to: 'room', text: '#7', at, buttons: ['I have it'], says: ['take 7'] },
      )
    })

    it('in order, without what the buttons say', async () => {
      const { body, headers } = await list()
      expect(JSON.parse(body)).to.deep.equal([
        { n: 1, to: MO, text: 'noted', at },
        { n: 2, to: 'room', text: '#7', at, buttons: ['I have it'] },
      ])
      expect(headers['cache-control']).to.equal('no-store')
    })

    it('after a number', async () => {
      expect(JSON.parse((await list('?after=1')).body)).to.have.length(1)
      expect(JSON.parse((await list('?after=2')).body)).to.deep.equal([])
      expect(JSON.parse((await list('?after=0')).body)).to.have.length(2)
    })

    for (const query of ['?after=x', '?after=-1', '?after=1.5', '?after=', '?after=1&after=2'])
      it(`but not ${query}`, async () => expect((await list(query)).status).to.equal(400))
  })

  it('and tells the page the board and the clock', async () => {
    const { body } = await rawRequest(http.port, '/simulator/board')
    const { run, ...rest } = JSON.parse(body) as Record<string, unknown>
    expect(run).to.be.a('string')
    expect(rest).to.deep.equal({ text: 'Out now: 1', now: at, speed: 1, skip: true, admin: true })
  })

  describe('and skips the clock ahead', () => {
    const skip = (body: unknown) => postJson(http.port, '/simulator/skip', body)

    it('by minutes', async () => {
      expect((await skip({ minutes: 1 })).status).to.equal(200)
      expect((await skip({ minutes: 0.5 })).status).to.equal(200)
      expect(skipped).to.deep.equal([60_000, 30_000])
    })

    for (const body of [{}, { minutes: 0 }, { minutes: -1 }, { minutes: 1441 }, { minutes: '1' }, [1], 1])
      it(`but not by ${JSON.stringify(body)}`, async () => {
        expect((await skip(body)).status).to.equal(400)
        expect(skipped).to.deep.equal([])
      })

    it('only where the clock is not the real one: else 409', async () => {
      await http.close()
      await start({ skip: undefined })
      expect((await skip({ minutes: 1 })).status).to.equal(409)
    })
  })

  it('refuses the simulated admin beside a Matrix room, and hears phones', async () => {
    await http.close()
    await start({ admin: false })
    await refused({ from: ADMIN, text: 'take 7' }, 403)
    await refused({ from: ADMIN, tap: 'I have it', to: 1 }, 403)
    expect((await post({ from: MO, text: 'IN' })).status).to.equal(200)
  })

  describe('only from this machine', () => {
    const json = { 'content-type': 'application/json' }
    const body = JSON.stringify({ from: MO, text: 'SOS' })
    for (const [title, headers] of [
      ['a foreign Host', { host: 'example.org' }],
      ['a foreign Origin', { origin: 'https://evil.example' }],
      ['a forwarding header', { 'x-forwarded-for': '127.0.0.1' }],
      ['a cross-site fetch', { 'sec-fetch-site': 'cross-site' }],
    ] as [string, Record<string, string>][])
      for (const [method, path] of [
        ['POST', MESSAGES],
        ['GET', MESSAGES],
        ['GET', '/simulator/board'],
        ['POST', '/simulator/skip'],
        ['PUT', MESSAGES],
      ] as const)
        it(`${title} is 403 on ${method} ${path}`, async () => {
          const all = method === 'POST' ? { ...json, ...headers } : headers
          const answer = await rawRequest(http.port, path, { method, headers: all, ...(method === 'POST' && { body }) })
          expect(answer.status).to.equal(403)
          expect(answer.body).to.match(/^\{"error":"[^\n]+"\}\n$/)
          expect(inbox.items).to.deep.equal([])
          expect(skipped).to.deep.equal([])
        })
  })

  for (const [method, path, allow] of [
    ['PUT', MESSAGES, 'GET, POST'],
    ['DELETE', MESSAGES, 'GET, POST'],
    ['POST', '/simulator/board', 'GET'],
    ['GET', '/simulator/skip', 'POST'],
  ] as const)
    it(`${method} ${path} is 405`, async () => {
      const { status, headers } = await rawRequest(http.port, path, { method })
      expect([status, headers.allow]).to.deep.equal([405, allow])
    })

  it('an unknown path below it is 404', async () => {
    expect((await rawRequest(http.port, '/simulator/nothing')).status).to.equal(404)
  })
})
