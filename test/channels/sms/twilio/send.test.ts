import { createServer as createHttpServer } from 'node:http'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { expect } from 'chai'
import { HOUR, MINUTE, SECOND } from '../../../../src/core/time.ts'
import type { Fault } from '../../../support/fake-twilio-api.ts'
import { MO, NOON, US, failure, line, outgoing } from './line.ts'
import type { Line } from './line.ts'

describe('Twilio: sending', () => {
  let on: Line
  beforeEach(async () => void (on = await line()))
  afterEach(() => on.hangUp())

  it('sends the words as they are, from our number, and tells the sid', async () => {
    const text = 'SOS from Mo 🆘 “ring 999” & say + where?\nሰላም'
    const { providerId } = await on.channel.send(outgoing({ text }))
    const [sent] = on.twilio.sentTo(MO)
    expect(sent).to.include({ body: text, from: US, to: MO, sid: providerId })
  })

  for (const [validity, seconds] of [
    [90 * SECOND, 90],
    [1_999, 1],
    [0, 1],
    [-5, 1],
    [48 * HOUR, 36_000],
    [Infinity, 36_000],
  ] as const) {
    it(`a text worth reading for ${validity} ms is valid for ${seconds} s`, async () => {
      await on.channel.send(outgoing({ validity }))
      expect(on.twilio.sentTo(MO)[0]?.validityPeriod).to.equal(seconds)
    })
  }

  it('without a public address asks for no callback', async () => {
    await on.channel.send(outgoing())
    expect(on.twilio.sentTo(MO)[0]).not.to.have.property('statusCallback')
  })

  it('with one, the callback carries the effect id, whatever characters it has', async () => {
    const other = await line({ publicUrl: 'https://imok.example.org/' })
    await other.channel.send(outgoing({ id: 'm-1:2:3&x=y' }))
    const callback = new URL(other.twilio.sentTo(MO)[0]?.statusCallback ?? '')
    await other.hangUp()
    expect(callback.origin + callback.pathname).to.equal('https://imok.example.org/sms/twilio/status')
    expect([...callback.searchParams]).to.deep.equal([['e', 'm-1:2:3&x=y']])
  })

  const verdicts: [string, Fault, object][] = [
    ['STOP was texted', { code: 21610 }, { kind: 'dead', why: 'opted-out', trouble: 'twilio-21610' }],
    ['no such number', { code: 21211 }, { kind: 'dead', why: 'gone', trouble: 'twilio-21211' }],
    ['a landline', { code: 21614 }, { kind: 'dead', why: 'undeliverable', trouble: 'twilio-21614' }],
    ['a country not enabled', { code: 21408 }, { kind: 'dead', why: 'undeliverable', trouble: 'twilio-21408' }],
    ['wrong credentials', { code: 20003 }, { kind: 'impossible', trouble: 'twilio-20003' }],
    ['not our number', { code: 21606 }, { kind: 'impossible', trouble: 'twilio-21606' }],
    ['a text too long', { code: 21617 }, { kind: 'impossible', trouble: 'twilio-21617' }],
    ['a bare 401', { status: 401 }, { kind: 'impossible', trouble: 'http-401' }],
    ['too many', { code: 20429, retryAfter: 7 }, { kind: 'refused', trouble: 'twilio-20429', wait: 7 * SECOND }],
    ['a bare 429', { status: 429, retryAfter: 2 }, { kind: 'refused', trouble: 'http-429', wait: 2 * SECOND }],
    [
      '503 with a date',
      { status: 503, retryAfter: new Date(NOON + 30 * SECOND).toUTCString() },
      { kind: 'refused', trouble: 'http-503', wait: 30 * SECOND },
    ],
    ['an absurd pause', { status: 503, retryAfter: 10 ** 9 }, { kind: 'refused', wait: HOUR }],
    ['a full queue', { code: 30001 }, { kind: 'refused', trouble: 'twilio-30001', wait: undefined }],
    ['Twilio is broken', { code: 20500 }, { kind: 'refused', trouble: 'twilio-20500' }],
    ['a code nobody knows', { code: 29999 }, { kind: 'refused', trouble: 'twilio-29999' }],
    ['a bare 500', { status: 500 }, { kind: 'refused', trouble: 'http-500' }],
    ['a gateway that lost its server', { status: 502 }, { kind: 'unknown', trouble: 'http-502' }],
    ['a gateway that ran out of time', { status: 504 }, { kind: 'unknown', trouble: 'http-504' }],
    ['a connection lost before', 'drop', { kind: 'unknown', trouble: 'ECONNRESET' }],
    ['a connection lost after it was accepted', 'accept-then-drop', { kind: 'unknown', trouble: 'ECONNRESET' }],
    ['an answer that is none', 'garbage', { kind: 'unknown', trouble: 'bad-answer' }],
  ]
  for (const [what, fault, expected] of verdicts) {
    it(`${what}: ${JSON.stringify(expected)}`, async () => {
      on.twilio.fail(fault)
      const error = await failure(on.channel.send(outgoing()))
      expect({ kind: error.kind, trouble: error.trouble, why: error.why, wait: error.wait }).to.include(expected)
    })
  }

  it('tries once, whatever the answer: two attempts could be two messages', async () => {
    for (const fault of [{ status: 429, retryAfter: 0 }, { status: 503 }, 'drop', 'accept-then-drop'] as const) {
      on.twilio.fail(fault, { times: 1 })
      const before = on.twilio.asked('send')
      await failure(on.channel.send(outgoing()))
      expect(on.twilio.asked('send') - before).to.equal(1)
    }
  })

  it('an answer that never comes is in doubt once its time is over', async () => {
    const hasty = await line({ timeout: 150 })
    hasty.twilio.fail('accept-then-hang')
    const error = await failure(hasty.channel.send(outgoing()))
    await hasty.hangUp()
    expect(error).to.include({ kind: 'unknown', trouble: 'timeout' })
  })

  it('nobody there: certainly not sent', async () => {
    await on.twilio.down()
    expect(await failure(on.channel.send(outgoing()))).to.include({ kind: 'refused', trouble: 'ECONNREFUSED' })
  })

  it('every request has its own connection: one kept and closed by the other side would put a send in doubt', async () => {
    let connections = 0
    const server = createHttpServer((_request, response) => response.writeHead(201).end('{"sid":"SM1"}'))
    server.on('connection', () => connections++)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const other = await line({ apiUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}` })
    await other.channel.send(outgoing())
    await other.channel.send(outgoing())
    await other.hangUp()
    server.close()
    expect(connections).to.equal(2)
  })

  it('a kernel that was frozen while the connection was made, and is not in office any more, writes nothing into it', async () => {
    let bytes = 0
    const listening = createServer((socket) =>
      socket.on('data', (chunk) => (bytes += chunk.length)).on('error', () => undefined),
    )
    await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve))
    const apiUrl = `http://127.0.0.1:${(listening.address() as AddressInfo).port}`
    let asked = 0
    const frozen = await line({ apiUrl, mayAct: () => ++asked === 1 })
    const error = await failure(frozen.channel.send(outgoing()))
    await frozen.hangUp()
    await new Promise((resolve) => listening.close(resolve))
    expect(error).to.include({ kind: 'refused', trouble: 'not-in-office' })
    expect(bytes).to.equal(0)
  })

  it('a TLS handshake that never ends: certainly not sent', async () => {
    const mute = createServer((socket) => socket.on('error', () => undefined))
    await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve))
    const port = (mute.address() as AddressInfo).port
    const hasty = await line({ apiUrl: `https://127.0.0.1:${port}`, timeout: 150 })
    const error = await failure(hasty.channel.send(outgoing()))
    await hasty.hangUp()
    mute.close()
    expect(error).to.include({ kind: 'refused', trouble: 'timeout' })
  })

  it('one bad number spoils nothing for the next', async () => {
    on.twilio.fail({ code: 21610 }, { to: MO })
    const mo = failure(on.channel.send(outgoing()))
    const other = on.channel.send(outgoing({ to: { channel: 'sms', address: '+447700900002' } }))
    expect((await mo).kind).to.equal('dead')
    expect(await other).to.have.property('providerId')
  })

  it('tells the operator what to do, and stays in trouble until it is done', async () => {
    on.twilio.fail({ code: 20003 }, { times: 1 })
    await failure(on.channel.send(outgoing()))
    expect(on.logged()).to.match(/check IMOK_TWILIO_ACCOUNT_SID and IMOK_TWILIO_AUTH_TOKEN.*twilio-20003/)
    expect(on.channel.trouble()).to.equal('twilio-20003')
    await on.channel.send(outgoing())
    expect(on.channel.trouble()).to.equal(undefined)
  })

  it('no number, text or token is in a log line or an error, not even when Twilio quotes them', async () => {
    const faults: Fault[] = [{ code: 21610 }, { code: 20003 }, { code: 21659 }, { status: 500 }, 'drop', 'garbage']
    const said: string[] = []
    for (const fault of faults) {
      on.twilio.fail(fault, { times: 1 })
      const error = await failure(on.channel.send(outgoing({ text: 'the fell above Keld' })))
      said.push(error.stack ?? '', JSON.stringify(error), String(error.cause))
    }
    expect(said.join() + on.logged()).not.to.match(/\+?44\s*7700|Keld|token-of-the-fake|sentences/)
  })
})

describe('Twilio: looking for what may have been sent', () => {
  let on: Line
  beforeEach(async () => void (on = await line()))
  afterEach(() => on.hangUp())

  it('finds a text that was accepted before the connection broke', async () => {
    on.twilio.fail('accept-then-drop', { times: 1 })
    const message = outgoing()
    await failure(on.channel.send(message))
    const [sent] = on.twilio.sentTo(MO)
    expect(sent?.status).to.equal('queued') // not yet sent, so a filter by DateSent would miss it
    expect(await on.channel.find(message)).to.deep.equal({ providerId: sent?.sid })
  })

  it('is certain that a text which never arrived did not', async () => {
    on.twilio.fail('drop', { times: 1 })
    const message = outgoing()
    await failure(on.channel.send(message))
    expect(await on.channel.find(message)).to.equal(undefined)
  })

  it('takes no other words, no other number and nothing older for it', async () => {
    await on.channel.send(outgoing({ text: 'other words' }))
    await on.channel.send(outgoing({ to: { channel: 'sms', address: '+447700900002' } }))
    on.clock.time = NOON - 2 * MINUTE
    await on.channel.send(outgoing())
    on.clock.time = NOON + MINUTE
    const restarted = await line({ apiUrl: on.twilio.url })
    const found = await restarted.channel.find(outgoing({ since: NOON }))
    await restarted.hangUp()
    expect(found).to.equal(undefined)
  })

  it('allows Twilio’s clock to be a minute behind', async () => {
    on.twilio.fail('accept-then-drop', { times: 1 })
    on.clock.time = NOON - MINUTE
    await failure(on.channel.send(outgoing()))
    expect(await on.channel.find(outgoing({ since: NOON }))).to.have.property('providerId')
  })

  it('does not take an earlier equal text of ours for this one', async () => {
    await on.channel.send(outgoing())
    expect(await on.channel.find(outgoing())).to.equal(undefined)
  })

  it('does not take it for this one after a restart either', async () => {
    const { providerId = '' } = await on.channel.send(outgoing())
    const restarted = await line({ apiUrl: on.twilio.url })
    const found = await restarted.channel.find(outgoing(), new Set([providerId]))
    await restarted.hangUp()
    expect(found).to.equal(undefined)
  })

  it('knows a text by its words although a trial account writes something before them', async () => {
    const trial = 'Sent from your Twilio trial account - '
    await on.channel.send(outgoing({ text: `${trial}Checked in. Deadline 13:00.` }))
    const restarted = await line({ apiUrl: on.twilio.url })
    const found = await restarted.channel.find(outgoing())
    await restarted.hangUp()
    expect(found).to.have.property('providerId')
  })

  it('a text that Twilio gave up counts as not sent', async () => {
    on.twilio.fail('accept-then-drop', { times: 1 })
    const message = outgoing()
    await failure(on.channel.send(message))
    await on.twilio.receipt(on.twilio.sentTo(MO)[0]!.sid, 'failed', 30003)
    expect(await on.channel.find(message)).to.equal(undefined)
  })

  it('looks through several pages', async () => {
    on.twilio.fail('accept-then-drop', { times: 1 })
    const message = outgoing({ text: 'the first' })
    await failure(on.channel.send(message))
    for (let n = 0; n < 120; n++) await on.channel.send(outgoing({ text: `another ${n}` }))
    expect(await on.channel.find(message)).to.deep.equal({ providerId: on.twilio.sentTo(MO)[0]?.sid })
    expect(on.twilio.asked('list')).to.equal(3)
  })

  it('says that it does not know while Twilio cannot be asked', async () => {
    on.twilio.fail({ status: 503 }, { on: 'list' })
    expect(await failure(on.channel.find(outgoing()))).to.include({ kind: 'unknown', trouble: 'http-503' })
  })
})
