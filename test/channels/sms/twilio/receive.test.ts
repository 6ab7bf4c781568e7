import { gzipSync } from 'node:zlib'
import { expect } from 'chai'
import { StoreError } from '../../../../src/ports/store.ts'
import { signatureOf } from '../../../support/fake-twilio.ts'
import { MO, NOON, US, line, outgoing } from './line.ts'
import type { Line } from './line.ts'

const EMPTY = '<?xml version="1.0" encoding="UTF-8"?><Response></Response>'

describe('Twilio: a text comes in', () => {
  let on: Line
  beforeEach(async () => void (on = await line()))
  afterEach(() => on.hangUp())

  it('is stored before Twilio hears 200 and an empty answer', async () => {
    const { sid, status, answer } = await on.twilio.text(MO, 'IN 60 Malham Tarn & back\n+ dog')
    expect({ status, answer }).to.deep.equal({ status: 200, answer: EMPTY })
    expect(on.inbox.items).to.deep.equal([
      {
        id: `sms:${sid}`,
        sender: `sms:${MO}`,
        receivedAt: NOON,
        heard: { type: 'message', from: { channel: 'sms', address: MO }, text: 'IN 60 Malham Tarn & back\n+ dog' },
      },
    ])
  })

  it('twice: 200 both times, one item', async () => {
    const { sid } = await on.twilio.text(MO, 'IN')
    expect((await on.twilio.deliver(sid)).status).to.equal(200)
    expect(on.texts()).to.deep.equal(['IN'])
    expect(on.counted('imok_twilio_webhooks_total', { outcome: 'duplicate' })).to.equal(1)
  })

  it('an empty text, a very long one and one without the field Body', async () => {
    const long = 'ሰ'.repeat(5_000)
    await on.twilio.text(MO, '')
    await on.twilio.text(MO, long)
    await on.twilio.post(`${on.kernel}/sms/twilio`, { MessageSid: 'SM1', From: MO })
    expect(on.texts()).to.deep.equal(['', long, ''])
  })

  it('pictures, voice notes, places', async () => {
    const MediaUrl0 = 'https://api.twilio.com/media/1'
    for (const fields of [
      { NumMedia: '1', MediaUrl0, MediaContentType0: 'image/jpeg' },
      { NumMedia: '2', MediaUrl0, MediaContentType0: 'audio/ogg' },
      { NumMedia: '1', MediaUrl0, MediaContentType0: 'application/pdf' },
      { Latitude: '54.0961', Longitude: '-2.1647' },
      { Latitude: '91', Longitude: '1' },
      { Latitude: '54', Longitude: '' },
    ] as Record<string, string>[])
      await on.twilio.text(MO, '', { fields })
    expect(on.inbox.items.map(({ heard }) => (heard.type === 'message' ? heard.attachment : heard))).to.deep.equal([
      { kind: 'photo', reference: MediaUrl0 },
      { kind: 'voice', reference: MediaUrl0 },
      { kind: 'other', reference: MediaUrl0 },
      { kind: 'location', latitude: 54.0961, longitude: -2.1647 },
      undefined,
      undefined,
    ])
  })

  it('by WhatsApp is heard as the phone that it is', async () => {
    await on.twilio.text(`whatsapp:${MO}`, 'SOS')
    expect(on.inbox.items[0]).to.deep.include({ sender: `sms:${MO}` })
    expect(on.texts()).to.deep.equal(['SOS'])
  })

  it('a store that cannot write: 503, and the same text is taken when it can again', async () => {
    on.inbox.refuse = new StoreError('ENOSPC', 'no space left')
    const { sid, status } = await on.twilio.text(MO, 'SOS')
    expect(status).to.equal(503)
    on.inbox.refuse = undefined
    expect((await on.twilio.deliver(sid)).status).to.equal(200)
    expect(on.texts()).to.deep.equal(['SOS'])
  })

  it('any other trouble while storing is no 200 either', async () => {
    on.inbox.refuse = new TypeError('a bug')
    expect((await on.twilio.text(MO, 'SOS')).status).to.equal(503)
  })
})

describe('Twilio: who is not Twilio', () => {
  let on: Line
  beforeEach(async () => void (on = await line({ authTokenPrevious: 'token-before' })))
  afterEach(() => on.hangUp())

  const FIELDS = { MessageSid: 'SM1', From: MO, To: US, Body: 'OUT' }
  const outcome = async (how: { token?: string; signature?: string; signedUrl?: string }, fields = FIELDS) =>
    (await on.twilio.post(`${on.kernel}/sms/twilio`, fields, how)).status

  it('a bad or missing signature: 403, counted, nothing changed', async () => {
    expect(await outcome({ signature: 'AAAA' })).to.equal(403)
    expect(await outcome({ signature: '' })).to.equal(403)
    expect(await outcome({ token: 'guessed' })).to.equal(403)
    expect(await outcome({ token: '' })).to.equal(403)
    expect(on.inbox.items).to.deep.equal([])
    expect(on.counted('imok_twilio_webhooks_total', { outcome: 'bad-signature' })).to.equal(4)
    expect(on.counted('imok_rejected_requests_total', { reason: 'signature' })).to.equal(4)
    expect(on.logged().match(/did not sign/g)).to.have.length(1)
  })

  it('a signature for other words or another path: 403', async () => {
    const url = `${on.kernel}/sms/twilio`
    expect(await outcome({ signature: signatureOf(on.twilio.authToken, url, { ...FIELDS, Body: 'IN' }) })).to.equal(403)
    expect(await outcome({ signedUrl: `${url}/status` })).to.equal(403)
    expect(await outcome({ signedUrl: 'http://somebody.example/sms/twilio' })).to.equal(403)
  })

  it('both tokens count while they are being changed, and no other', async () => {
    expect(await outcome({ token: 'token-before' })).to.equal(200)
    expect(await outcome({})).to.equal(200)
    expect(await outcome({ token: 'token-before-that' })).to.equal(403)
  })

  it('no token makes every signature wrong, also the one made with no token', async () => {
    const open = await line({ authToken: '', authTokenPrevious: '' })
    const { status } = await open.twilio.post(`${open.kernel}/sms/twilio`, FIELDS, { token: '' })
    await open.hangUp()
    expect(status).to.equal(403)
  })

  it('the public address is what must be signed, not the one that the request came to', async () => {
    const behind = await line({ publicUrl: 'https://imok.example.org/west/' })
    const url = `${behind.kernel}/sms/twilio`
    const proxied = await behind.twilio.post(url, FIELDS, {
      signedUrl: 'https://imok.example.org/west/sms/twilio',
    })
    const direct = await behind.twilio.post(url, FIELDS)
    await behind.hangUp()
    expect([proxied.status, direct.status]).to.deep.equal([200, 403])
    expect(behind.channel.verifies).to.equal('https://imok.example.org/west')
  })

  it('no number or word of it is logged', async () => {
    await outcome({ signature: 'AAAA' })
    await on.twilio.post(`${on.kernel}/sms/twilio`, { From: MO, Body: 'OUT by the tarn' })
    on.inbox.refuse = new StoreError('ENOSPC', `cannot write what ${MO} wrote`)
    await outcome({})
    expect(on.logged())
      .to.match(/did not sign/)
      .and.match(/ENOSPC/)
    expect(on.logged()).not.to.match(/7700|tarn|SM1|AAAA|OUT/)
  })
})

describe('Twilio: what is malformed', () => {
  let on: Line
  beforeEach(async () => void (on = await line()))
  afterEach(() => on.hangUp())

  for (const [fields, why] of [
    [{ From: MO, Body: 'IN' }, 'MessageSid is missing'],
    [{ MessageSid: 'SM1', Body: 'IN' }, 'From is missing'],
    [{ MessageSid: 'SM 1\n', From: MO, Body: 'IN' }, 'MessageSid has not the form that Twilio gives it'],
    [{ MessageSid: 'SM1', From: 'x'.repeat(65), Body: 'IN' }, 'From has not the form that Twilio gives it'],
  ] as [Record<string, string>, string][])
    it(`400: ${why}`, async () => {
      const answer = await on.twilio.post(`${on.kernel}/sms/twilio`, fields)
      expect(answer).to.deep.equal({ status: 400, answer: `${why}\n` })
      expect(on.inbox.items).to.deep.equal([])
    })

  const raw = async (body: string | Buffer<ArrayBuffer>, type: string, encoding?: string): Promise<number> => {
    const headers = { 'content-type': type, connection: 'close', ...(encoding ? { 'content-encoding': encoding } : {}) }
    return (await fetch(`${on.kernel}/sms/twilio`, { method: 'POST', headers, body })).status
  }

  it('413: a body over 64 kB', async () => {
    const body = `MessageSid=SM1&Body=${'x'.repeat(64 * 1024)}`
    expect(await raw(body, 'application/x-www-form-urlencoded')).to.equal(413)
    expect(on.counted('imok_twilio_webhooks_total', { outcome: 'too-large' })).to.equal(1)
  })

  it('400: packed or not in UTF-8; 403: another type, which nobody can have signed', async () => {
    expect(await raw(gzipSync('Body=x'), 'application/x-www-form-urlencoded', 'gzip')).to.equal(400)
    expect(await raw('x', 'application/x-www-form-urlencoded; charset=utf-16')).to.equal(400)
    expect(await raw('{"MessageSid":"SM1"}', 'application/json')).to.equal(403)
  })

  it('a field given twice is refused, signed or not', async () => {
    const url = `${on.kernel}/sms/twilio`
    const body = 'MessageSid=SM1&From=a&From=b'
    const signature = signatureOf(on.twilio.authToken, url, { From: 'aFromb', MessageSid: 'SM1' })
    const headers = { 'content-type': 'application/x-www-form-urlencoded', 'x-twilio-signature': signature }
    const response = await fetch(url, { method: 'POST', headers, body })
    expect(response.status).to.equal(400)
    expect(await response.text()).to.equal('From is given more than once\n')
  })
})

describe('Twilio: how a text of ours went', () => {
  let on: Line
  const sid = 'SM00000000000000000000000000000001'
  beforeEach(async () => void (on = await line()))
  afterEach(() => on.hangUp())

  const report = (fields: Record<string, string>, query = '?e=m-7f3a%3A4%3A1') =>
    on.twilio.post(`${on.kernel}/sms/twilio/status${query}`, { MessageSid: sid, ...fields })

  it('carries the effect id and the sid, so that a kernel which died in between learns both', async () => {
    expect((await report({ MessageStatus: 'queued' })).status).to.equal(200)
    expect(on.inbox.items).to.deep.equal([
      {
        id: `sms-receipt:${sid}:queued`,
        sender: `sms-receipt:${sid}`,
        receivedAt: NOON,
        heard: { type: 'receipt', effectId: 'm-7f3a:4:1', providerId: sid, status: 'accepted' },
      },
    ])
  })

  it('every status of Twilio’s is one of ours; each is heard once, in whatever order it comes', async () => {
    for (const MessageStatus of ['delivered', 'sent', 'sent', 'sending', 'accepted', 'read', 'delivered', 'canceled'])
      await report({ MessageStatus })
    expect(on.inbox.items.map(({ heard }) => heard.type === 'receipt' && heard.status)).to.deep.equal([
      'delivered',
      'sent',
      'accepted',
      'accepted',
      'seen',
      'failed',
    ])
  })

  it('why it failed, and whether the number is dead', async () => {
    await report({ MessageStatus: 'undelivered', ErrorCode: '30003' })
    await report({ MessageStatus: 'failed', ErrorCode: '30005' })
    expect(on.inbox.items.map(({ heard }) => heard)).to.deep.equal([
      { type: 'receipt', effectId: 'm-7f3a:4:1', providerId: sid, status: 'failed', trouble: 'twilio-30003' },
      {
        type: 'receipt',
        effectId: 'm-7f3a:4:1',
        providerId: sid,
        status: 'failed',
        trouble: 'twilio-30005',
        dead: 'gone',
      },
    ])
  })

  it('what only the operator can end is told them', async () => {
    await report({ MessageStatus: 'undelivered', ErrorCode: '30007' })
    expect(on.logged()).to.match(/filtered.*twilio-30007/)
  })

  it('an unknown status is passed over; without an effect id the sid must do', async () => {
    expect((await report({ MessageStatus: 'teleported' })).status).to.equal(200)
    expect(on.inbox.items).to.deep.equal([])
    await report({ MessageStatus: 'sent' }, '')
    expect(on.inbox.items[0]?.heard).to.deep.equal({ type: 'receipt', providerId: sid, status: 'sent' })
  })

  it('the effect id is part of what is signed', async () => {
    const url = `${on.kernel}/sms/twilio/status`
    const fields = { MessageSid: sid, MessageStatus: 'delivered' }
    const { status } = await on.twilio.post(`${url}?e=m-other:1:1`, fields, { signedUrl: `${url}?e=m-7f3a:4:1` })
    expect(status).to.equal(403)
    expect(on.inbox.items).to.deep.equal([])
  })

  it('400 and 503 as for texts', async () => {
    expect((await report({})).answer).to.equal('MessageStatus is missing\n')
    on.inbox.refuse = new StoreError('EROFS', 'read-only')
    expect((await report({ MessageStatus: 'sent' })).status).to.equal(503)
  })

  it('arrives where a configured address leads, and is signed for it', async () => {
    const tunnelled = await line({ statusCallback: 'https://tunnel.example.org' })
    const url = `${tunnelled.kernel}/sms/twilio/status?e=x:1:1`
    const signedUrl = 'https://tunnel.example.org/sms/twilio/status?e=x:1:1'
    const { status } = await tunnelled.twilio.post(url, { MessageSid: sid, MessageStatus: 'sent' }, { signedUrl })
    await tunnelled.hangUp()
    expect(status).to.equal(200)
  })

  it('all the way round: sent, reported, heard', async () => {
    const round = await line((kernel) => ({ statusCallback: kernel }))
    round.twilio.receipts = ['sent', 'delivered']
    const message = outgoing()
    const { providerId } = await round.channel.send(message)
    await round.hangUp()
    expect(round.inbox.items.map(({ heard }) => heard)).to.deep.equal([
      { type: 'receipt', effectId: message.id, providerId, status: 'sent' },
      { type: 'receipt', effectId: message.id, providerId, status: 'delivered' },
    ])
  })
})
