import path from 'node:path'
import { expect } from 'chai'
import { failure, line, outgoing } from '../channels/sms/twilio/line.ts'
import type { Line } from '../channels/sms/twilio/line.ts'
import { startPrism } from './prism.ts'
import type { Judge } from './prism.ts'

const description = path.resolve(import.meta.dirname, '../support/specs/twilio.json')

describe('what we send to Twilio, judged by its published description', () => {
  let judge: Judge
  let on: Line
  before(async () => {
    judge = await startPrism(description)
    on = await line({ apiUrl: judge.url, publicUrl: 'https://imok.example.org' })
  })
  after(async () => {
    await on.hangUp()
    await judge.stop()
  })

  for (const validity of [0, 90_000, Infinity])
    it(`a text worth reading for ${validity} ms is accepted`, async () => {
      const { providerId } = await on.channel.send(outgoing({ text: 'SOS from Mo 🆘 + “quotes” & more\n', validity }))
      expect(providerId).to.match(/^SM/)
    })

  it('the look for an earlier attempt is, page after page', async () => {
    // Its example never ends and holds no such text: ten pages accepted, then we stop.
    expect(await failure(on.channel.find(outgoing({ since: 0 })))).to.include({ kind: 'unknown', trouble: 'too-many' })
  })

  it('the reading back is', async () => {
    await on.channel.readBack(0) // throws on anything but 200
  })

  it('a wrong request is not: 422', async () => {
    const to = { channel: 'sms', address: '+447700900001' } as const
    const astray = await line({ apiUrl: judge.url, accountSid: 'AC1' })
    const error = await failure(astray.channel.send(outgoing({ to })))
    await astray.hangUp()
    expect(error.trouble).to.equal('http-422')
    const form = new URLSearchParams({ From: '+447700900100', Body: 'no number', ValidityPeriod: 'an hour' })
    const authorization = `Basic ${Buffer.from(`${on.twilio.accountSid}:t`).toString('base64')}`
    const url = `${judge.url}/2010-04-01/Accounts/${on.twilio.accountSid}/Messages.json`
    const response = await fetch(url, { method: 'POST', body: form, headers: { authorization } })
    expect(response.status).to.equal(422)
    expect(await response.text())
      .to.match(/required property 'To'/)
      .and.match(/ValidityPeriod must be integer/)
  })
})
