import { connect } from 'node:net'
import { expect } from 'chai'
import { hostOf, isLocal } from './no-network.ts'

describe('no network', () => {
  it('refuses any other machine, by name', () => {
    expect(() => connect(443, 'example.org')).to.throw('A test tried to reach example.org')
    expect(() => connect({ host: '192.0.2.1', port: 80 })).to.throw('192.0.2.1')
  })

  it('refuses what goes through fetch', async () => {
    const error = await fetch('http://192.0.2.1/').then(
      () => undefined,
      (thrown: unknown) => thrown,
    )
    expect(error).to.have.nested.property('cause.message').that.includes('192.0.2.1')
  })

  for (const host of [undefined, '', 'localhost', '127.0.0.1', '127.8.0.1', '::1', '::ffff:127.0.0.1']) {
    it(`lets ${String(host)} pass`, () => expect(isLocal(host)).to.equal(true))
  }
  for (const host of ['127.0.0.1.example.org', '10.0.0.1', 'example.org', '::2']) {
    it(`stops ${host}`, () => expect(isLocal(host)).to.equal(false))
  }

  it('reads the host from every form of connect', () => {
    expect(hostOf([80, 'a'])).to.equal('a')
    expect(hostOf([{ host: 'b', port: 80 }])).to.equal('b')
    expect(hostOf([[{ host: 'c', port: 80 }, null]])).to.equal('c')
    expect(hostOf(['/tmp/socket'])).to.equal(undefined)
    expect(hostOf([80])).to.equal(undefined)
  })
})
