import { readFileSync, readdirSync } from 'node:fs'
import { expect } from 'chai'
import express from 'express'
import { loopbackOnly } from '../../../src/http/loopback.ts'
import { startHttp } from '../../../src/http/server.ts'
import type { Http } from '../../../src/http/server.ts'
import { simulatorPage } from '../../../src/http/simulator-page/index.ts'
import { silent } from '../../support/memory-ports.ts'
import { rawRequest } from '../../support/raw-request.ts'

const root = new URL('../../../', import.meta.url)
const words = JSON.parse(readFileSync(new URL('locales/en/page.json', root), 'utf8')) as Record<string, string>
const asked = new Set<string>()
const t = (key: string, params: Record<string, string | number> = {}): string => {
  asked.add(key)
  return (words[key] ?? `MISSING ${key}`).replace(/{{(\w+)}}/g, (_, name: string) => String(params[name]))
}

describe('The simulator page over HTTP', () => {
  let http: Http
  const get = (path: string, headers = {}) => rawRequest(http.port, path, { headers })
  const start = async (admin: boolean): Promise<void> => {
    const mainRoutes = simulatorPage({
      t,
      language: 'ar',
      direction: 'rtl',
      groupName: `<b>"Rivers'</b>`,
      zone: 'Europe/London',
      phones: [{ number: '+447700900001', name: 'Mo <i>Member</i>' }],
      admin,
      skip: true,
      guard: loopbackOnly,
    })
    http = await startHttp({ host: '127.0.0.1', port: 0, mainRoutes, webhookRoutes: express.Router(), ...silent })
  }
  beforeEach(() => start(true))
  afterEach(() => http.close())

  it('is where / leads', async () => {
    const { status, headers } = await get('/')
    expect([status, headers.location]).to.deep.equal([302, '/simulator'])
  })

  it('has nothing inline, and every file that it names is there', async () => {
    const { body, headers } = await get('/simulator')
    expect(headers['content-type']).to.match(/^text\/html; charset=utf-8/)
    expect(body).not.to.match(/<script(?![^>]*src=)|<style|\son\w+=|\sstyle=/i)
    const files = [...body.matchAll(/(?:src|href)="(\/[^"]+)"/g)].map((match) => match[1]!)
    expect(files).to.have.length.of.at.least(6)
    for (const file of files) expect((await get(file)).status, file).to.equal(200)
  })

  it('serves every module that its script imports', async () => {
    const folder = new URL('src/http/assets/', root)
    for (const file of readdirSync(folder)) {
      const { status, headers } = await get(`/simulator/assets/${file}`)
      expect([file, status, headers['cache-control']]).to.deep.equal([file, 200, 'no-cache'])
      for (const [, name] of readFileSync(new URL(file, folder), 'utf8').matchAll(/from '\.\/([^']+)'/g))
        expect(readdirSync(folder), file).to.include(name)
    }
  })

  it('escapes names, and says its language and direction', async () => {
    const { body } = await get('/simulator')
    expect(body).to.include('<html lang="ar" dir="rtl">')
    expect(body).to.include('for &lt;b&gt;&quot;Rivers&#39;&lt;/b&gt;')
    expect(body).to.include('data-name="Mo &lt;i&gt;Member&lt;/i&gt;"')
    expect(body).not.to.match(/<b>|<i>/)
  })

  it('asks for no word that is missing, and leaves none unused', async () => {
    asked.clear()
    const first = await get('/simulator')
    await http.close()
    await start(false)
    const second = await get('/simulator')
    expect(first.body + second.body).not.to.include('MISSING')
    expect([...asked].sort()).to.deep.equal(Object.keys(words).sort())
  })

  for (const path of ['/', '/simulator', '/simulator/assets/simulator.js'])
    it(`${path} is only for a browser on this machine`, async () => {
      expect((await get(path, { host: 'example.org' })).status).to.equal(403)
      expect((await get(path, { 'x-forwarded-for': '127.0.0.1' })).status).to.equal(403)
      expect((await get(path, { 'sec-fetch-site': 'cross-site' })).status).to.equal(403)
    })

  for (const path of ['nothing.js', '', '..%2fserver.ts', '..%2f..%2fmain.ts', '%2e%2e/server.ts'])
    it(`/simulator/assets/${path} is nothing of ours`, async () => {
      const { status, body } = await get(`/simulator/assets/${path}`)
      expect(status).to.be.within(400, 404)
      expect(body.length).to.be.lessThan(100)
    })

  it('refuses to be written to', async () => {
    expect((await rawRequest(http.port, '/simulator', { method: 'POST' })).status).to.equal(405)
    expect((await rawRequest(http.port, '/', { method: 'DELETE' })).status).to.equal(405)
  })
})
