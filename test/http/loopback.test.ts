import type { IncomingMessage } from 'node:http'
import { expect } from 'chai'
import { notDirect } from '../../src/http/loopback.ts'

const HOST = '127.0.0.1:8080'
const asked = (headers: Record<string, string> = {}, peer = '127.0.0.1', port = 8080): string | undefined =>
  notDirect({
    headers: { host: HOST, ...headers },
    socket: { remoteAddress: peer, localPort: port },
  } as unknown as IncomingMessage)

describe('The loopback guard', () => {
  describe('lets pass', () => {
    const cases: [string, Record<string, string>, string?, number?][] = [
      ['a program on this machine', {}],
      ['localhost', { host: 'localhost:8080' }],
      ['LOCALHOST, as people type', { host: 'LOCALHOST:8080' }],
      ['IPv6', { host: '[::1]:8080' }, '::1'],
      ['an IPv4 peer on an IPv6 socket', {}, '::ffff:127.0.0.1'],
      ['port 80, which browsers leave out', { host: 'localhost' }, '127.0.0.1', 80],
      ['a typed address', { 'sec-fetch-site': 'none' }],
      ['the page itself', { 'sec-fetch-site': 'same-origin', origin: 'http://127.0.0.1:8080' }],
    ]
    for (const [title, headers, peer, port] of cases)
      it(title, () => expect(asked(headers, peer, port)).to.equal(undefined))
  })

  describe('refuses', () => {
    const cases: [string, Record<string, string>, string?][] = [
      ['a peer on the network', {}, '192.168.1.20'],
      ['a peer on the network, mapped', {}, '::ffff:192.168.1.20'],
      ['a peer that is gone', {}, ''],
      ['DNS rebinding: a foreign name for this machine', { host: 'evil.example:8080' }],
      ['a foreign name that begins like ours', { host: 'localhost.evil.example:8080' }],
      ['a name that ends like ours', { host: 'evil.localhost:8080' }],
      ['another port of this machine', { host: '127.0.0.1:9999' }],
      ['no port', { host: '127.0.0.1' }],
      ['an empty Host', { host: '' }],
      ['another loopback spelling, which a page could be served at', { host: '127.0.0.2:8080' }],
      ['a foreign Origin (CSRF)', { origin: 'https://evil.example' }],
      ['an Origin on another port', { origin: 'http://127.0.0.1:3000' }],
      ['the other name as Origin', { origin: 'http://localhost:8080' }],
      ['an Origin of a sandbox', { origin: 'null' }],
      ['https to the same name', { origin: 'https://127.0.0.1:8080' }],
      ['a cross-site fetch or link', { 'sec-fetch-site': 'cross-site' }],
      ['a page on another port (same-site)', { 'sec-fetch-site': 'same-site' }],
      ['X-Forwarded-For', { 'x-forwarded-for': '127.0.0.1' }],
      ['X-Forwarded-Host', { 'x-forwarded-host': HOST }],
      ['Forwarded', { forwarded: 'for=127.0.0.1' }],
      ['Via', { via: '1.1 proxy' }],
      ['Cloudflare', { 'cf-connecting-ip': '203.0.113.9' }],
      ['Cloudflare, any of theirs', { 'cf-ray': '1' }],
      ['X-Real-IP', { 'x-real-ip': '203.0.113.9' }],
      ['Tailscale', { 'tailscale-user-login': 'somebody' }],
    ]
    for (const [title, headers, peer] of cases) it(title, () => expect(asked(headers, peer)).to.be.a('string'))
  })

  it('refuses a request without a Host', () => {
    const request = {
      headers: {},
      socket: { remoteAddress: '127.0.0.1', localPort: 8080 },
    } as unknown as IncomingMessage
    expect(notDirect(request)).to.be.a('string')
  })
})
