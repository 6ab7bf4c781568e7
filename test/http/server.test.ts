import { connect } from 'node:net'
import { expect } from 'chai'
import express from 'express'
import type { Router } from 'express'
import sinon from 'sinon'
import { LARGEST_BODY, startHttp } from '../../src/http/server.ts'
import type { Http } from '../../src/http/server.ts'
import { loopbackOnly } from '../../src/http/loopback.ts'
import { lateRoutes } from '../../src/http/late-routes.ts'
import { StoreError } from '../../src/ports/store.ts'
import { silent } from '../support/memory-ports.ts'
import { postJson, rawRequest } from '../support/raw-request.ts'

const routes = (make: (router: Router) => void = () => undefined): Router => {
  const router = express.Router()
  make(router)
  return router
}

describe('The HTTP server', () => {
  let open: Http[] = []
  const start = async (more: Partial<Parameters<typeof startHttp>[0]> = {}): Promise<Http> => {
    const empty = { mainRoutes: routes(), webhookRoutes: routes() }
    const http = await startHttp({ host: '127.0.0.1', port: 0, ...silent, ...empty, ...more })
    open.push(http)
    return http
  }
  afterEach(async () => {
    await Promise.all(open.map((http) => http.close()))
    open = []
  })

  const echo = routes((router) => {
    router.post(
      '/echo',
      express.json({ limit: '64kb' }),
      (request, response) => void response.json({ got: typeof request.body }),
    )
    router.get(
      '/who',
      (request, response) => void response.send(`${request.ip ?? ''} ${request.protocol} ${request.hostname}`),
    )
    router.get('/store', () => {
      throw new StoreError('ENOSPC', 'no space for +447700900001')
    })
    router.get('/bug', () => Promise.reject(new TypeError('secret of +447700900001')))
  })

  it('answers an unknown path with a plain 404', async () => {
    const { port } = await start()
    const { status, headers, body } = await rawRequest(port, '/nothing/here')
    expect([status, body]).to.deep.equal([404, 'not found\n'])
    expect(headers['content-type']).to.match(/^text\/plain/)
  })

  it('does not say what it is made of, and lets a page load only its own files', async () => {
    const { port } = await start()
    const { headers } = await rawRequest(port, '/')
    expect(headers).not.to.have.property('x-powered-by')
    expect(headers['content-security-policy']).to.match(/default-src 'none';script-src 'self';style-src 'self'/)
    expect(headers['content-security-policy']).not.to.match(/unsafe|upgrade-insecure/)
    expect(headers['content-security-policy']).to.include("frame-ancestors 'none'")
    expect(headers['x-content-type-options']).to.equal('nosniff')
    expect(headers).not.to.have.property('strict-transport-security')
  })

  it('answers 413 in one line to a body over 64 kB, announced or not', async () => {
    const { port } = await start({ mainRoutes: echo })
    const body = JSON.stringify('x'.repeat(LARGEST_BODY))
    const type = { 'content-type': 'application/json' }
    const announced = await rawRequest(port, '/echo', {
      method: 'POST',
      headers: { ...type, 'content-length': String(body.length) },
      body,
    })
    const chunked = await rawRequest(port, '/echo', {
      method: 'POST',
      headers: { ...type, 'transfer-encoding': 'chunked' },
      body,
    })
    for (const answer of [announced, chunked]) {
      expect(answer.status).to.equal(413)
      expect(answer.body).to.equal('{"error":"the body is larger than 64 kB"}\n')
    }
  })

  it('takes a body of just under 64 kB', async () => {
    const { port } = await start({ mainRoutes: echo })
    expect((await postJson(port, '/echo', ['x'.repeat(LARGEST_BODY - 10)])).status).to.equal(200)
  })

  it('answers broken JSON with one line that quotes nothing of it', async () => {
    const { port } = await start({ mainRoutes: echo })
    const headers = { 'content-type': 'application/json' }
    const answer = await rawRequest(port, '/echo', { method: 'POST', headers, body: '{"from": +447700900001' })
    expect([answer.status, answer.body]).to.deep.equal([400, '{"error":"the body is not valid JSON"}\n'])
  })

  it('answers 503 with Retry-After when the store cannot write, and tells nobody whose message it was', async () => {
    const log = { info: sinon.fake(), warn: sinon.fake(), error: sinon.fake() }
    const { port } = await start({ mainRoutes: echo, log })
    const answer = await rawRequest(port, '/store')
    expect(answer.status).to.equal(503)
    expect(answer.headers['retry-after']).to.equal('5')
    expect(answer.body.trim()).to.match(/^\{"error":"[^\n]*"\}$/)
    expect(JSON.stringify(log.error.args) + answer.body).not.to.include('7700900001')
  })

  it('answers a fault of its own with 500 and one line, and logs its kind only', async () => {
    const log = { info: sinon.fake(), warn: sinon.fake(), error: sinon.fake() }
    const { port } = await start({ mainRoutes: echo, log })
    const answer = await rawRequest(port, '/bug')
    expect([answer.status, answer.body]).to.deep.equal([500, '{"error":"something went wrong here"}\n'])
    expect(log.error.args).to.deep.equal([['request failed', { error: 'TypeError' }]])
  })

  it('answers a path that is no URL with 400', async () => {
    const { port } = await start({
      mainRoutes: routes((router) => void router.get('/x/:name', (_, response) => void response.end())),
    })
    expect((await rawRequest(port, '/x/%E0%A4%A')).status).to.equal(400)
  })

  it('believes no forwarding header', async () => {
    const { port } = await start({ mainRoutes: echo })
    const headers = {
      'x-forwarded-for': '203.0.113.9',
      'x-forwarded-proto': 'https',
      'x-forwarded-host': 'evil.example',
    }
    expect((await rawRequest(port, '/who', { headers })).body).to.equal('127.0.0.1 http 127.0.0.1')
  })

  it('counts requests by door and class of answer, and why one was rejected', async () => {
    const count = sinon.fake()
    const mainRoutes = routes((router) => {
      router.get('/own', loopbackOnly)
      router.use(echo)
    })
    const { port } = await start({ mainRoutes, metrics: { ...silent.metrics, count } })
    const asked = async (path: string, status: number, reason: string | undefined, options = {}): Promise<void> => {
      count.resetHistory()
      expect((await rawRequest(port, path, options)).status).to.equal(status)
      const request = ['imok_http_requests_total', { door: 'main', status: `${Math.floor(status / 100)}xx` }]
      expect(count.args).to.deep.equal(reason ? [request, ['imok_rejected_requests_total', { reason }]] : [request])
    }
    const json = { 'content-type': 'application/json' }
    await asked('/nothing', 404, undefined)
    await asked('/own', 403, 'not-loopback', { headers: { host: 'example.org' } })
    await asked('/store', 503, 'store')
    await asked('/echo', 400, 'malformed', { method: 'POST', headers: json, body: '{' })
    await asked('/echo', 413, 'too-large', { method: 'POST', headers: json, body: 'x'.repeat(70_000) })
  })

  describe('with a webhook port', () => {
    const main = routes((router) => void router.get('/board', (_, response) => void response.send('board')))
    const hooks = routes((router) => void router.post('/sms/twilio', (_, response) => void response.send('taken')))
    const post = { method: 'POST' }

    it('serves the providers there, and nothing else there', async () => {
      const { port, webhookPort = 0 } = await start({ webhookPort: 0, mainRoutes: main, webhookRoutes: hooks })
      expect(webhookPort).not.to.equal(port)
      expect((await rawRequest(webhookPort, '/sms/twilio', post)).body).to.equal('taken')
      expect((await rawRequest(webhookPort, '/board')).status).to.equal(404)
      expect((await rawRequest(port, '/sms/twilio', post)).status).to.equal(404)
      expect((await rawRequest(port, '/board')).body).to.equal('board')
    })

    it('serves both on the main port without one', async () => {
      const http = await start({ mainRoutes: main, webhookRoutes: hooks })
      expect(http.webhookPort).to.equal(undefined)
      expect((await rawRequest(http.port, '/sms/twilio', post)).body).to.equal('taken')
      expect((await rawRequest(http.port, '/board')).body).to.equal('board')
    })

    it('leaves nothing listening when the second port is taken', async () => {
      const { port: taken } = await start()
      const free = await start()
      await free.close()
      open = open.filter((http) => http !== free)
      const error = await start({ port: free.port, webhookPort: taken }).then(
        () => undefined,
        (reason: unknown) => reason,
      )
      expect(error).to.be.instanceOf(Error)
      await start({ port: free.port })
    })
  })

  it('says in one sentence that its port is taken', async () => {
    const { port } = await start()
    const error = await start({ port }).then(
      () => undefined,
      (reason: unknown) => reason,
    )
    expect(error).to.be.instanceOf(Error)
    expect((error as Error).message).to.equal(
      `Port ${port} on 127.0.0.1 is in use by another program: stop that program, or choose another port with IMOK_HTTP_PORT or IMOK_WEBHOOK_PORT.`,
    )
  })

  it('closes although somebody keeps a connection open and says nothing', async () => {
    const http = await start()
    const socket = connect(http.port, '127.0.0.1')
    await new Promise((resolve) => socket.once('connect', resolve))
    const gone = new Promise((resolve) => socket.once('close', resolve))
    socket.on('error', () => undefined)
    open = []
    const before = performance.now()
    await http.close()
    await gone
    expect(performance.now() - before).to.be.lessThan(1_000)
  })

  it('lets a request that is being answered end, at close', async () => {
    const { promise: asked, resolve: ask } = Promise.withResolvers<() => void>()
    const slow = routes((router) => void router.get('/slow', (_, response) => ask(() => response.send('answered'))))
    const http = await start({ mainRoutes: slow })
    const got = rawRequest(http.port, '/slow')
    const answer = await asked
    const closed = http.close()
    answer()
    expect((await got).body).to.equal('answered')
    await closed
  })

  it('answers 503 on the paths of routes that are not there yet, then serves them', async () => {
    const late = lateRoutes(['/sms', '/telegram'])
    const { port } = await start({ webhookRoutes: late.routes })
    const before = await rawRequest(port, '/sms/twilio', { method: 'POST' })
    expect([before.status, before.headers['retry-after']]).to.deep.equal([503, '1'])
    expect((await rawRequest(port, '/smsx')).status).to.equal(404)
    late.open(routes((router) => void router.post('/sms/twilio', (_, response) => void response.send('taken'))))
    expect((await rawRequest(port, '/sms/twilio', { method: 'POST' })).body).to.equal('taken')
    expect((await rawRequest(port, '/telegram', { method: 'POST' })).status).to.equal(404)
  })
})
