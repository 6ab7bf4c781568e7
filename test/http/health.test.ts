import { expect } from 'chai'
import express from 'express'
import { healthRoutes } from '../../src/http/health.ts'
import type { Readiness } from '../../src/http/health.ts'
import { startHttp } from '../../src/http/server.ts'
import type { Http } from '../../src/http/server.ts'
import { silent } from '../support/memory-ports.ts'
import { rawRequest } from '../support/raw-request.ts'

describe('Health', () => {
  let http: Http
  let readiness: Readiness
  before(async () => {
    const metrics = { contentType: 'text/plain; version=0.0.4', text: () => Promise.resolve('imok_up 1\n') }
    const mainRoutes = healthRoutes({ ready: () => readiness, metrics })
    http = await startHttp({ host: '127.0.0.1', port: 0, mainRoutes, webhookRoutes: express.Router(), ...silent })
  })
  after(() => http.close())

  it('/healthz is 200 even while nobody watches', async () => {
    readiness = { ok: false, reasons: ['store-cannot-write'] }
    const { status, body } = await rawRequest(http.port, '/healthz')
    expect([status, body]).to.deep.equal([200, 'ok\n'])
  })

  it('/readyz is 503 with the reasons until somebody watches, then 200', async () => {
    readiness = { ok: false, reasons: ['store-cannot-write', 'due-loop-late'] }
    const red = await rawRequest(http.port, '/readyz')
    expect(red.status).to.equal(503)
    expect(JSON.parse(red.body)).to.deep.equal({ ready: false, reasons: ['store-cannot-write', 'due-loop-late'] })
    readiness = { ok: true, reasons: [] }
    const green = await rawRequest(http.port, '/readyz')
    expect([green.status, green.body]).to.deep.equal([200, '{"ready":true,"reasons":[]}\n'])
    expect(green.headers['cache-control']).to.equal('no-store')
  })

  it('/readyz answers a probe from anywhere, /metrics only one on this machine', async () => {
    const headers = { host: 'imok.example.org', 'x-forwarded-for': '203.0.113.9' }
    expect((await rawRequest(http.port, '/readyz', { headers })).status).to.equal(200)
    expect((await rawRequest(http.port, '/metrics', { headers })).status).to.equal(403)
    const direct = await rawRequest(http.port, '/metrics')
    expect([direct.status, direct.body]).to.deep.equal([200, 'imok_up 1\n'])
    expect(direct.headers['content-type']).to.match(/version=0\.0\.4/)
  })

  for (const path of ['/healthz', '/readyz', '/metrics'])
    it(`${path} refuses to be written to`, async () => {
      const { status, headers } = await rawRequest(http.port, path, { method: 'POST' })
      expect([status, headers.allow]).to.deep.equal([405, 'GET'])
    })
})
