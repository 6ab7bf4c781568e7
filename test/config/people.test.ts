import { expect } from 'chai'
import { readAdmins, readDuty } from '../../src/config/people.ts'
import { phoneReader } from '../../src/i18n/phone.ts'
import { load, telegramEnv, twilioEnv } from './loading.ts'

describe('the list of admins', () => {
  it('has roles; without one admin; the first is an owner whatever is written', () => {
    const { admins, bad } = readAdmins(
      '@asha:example.org=read-only, @ben:example.org ,@cleo:example.org:8448=OWNER,@dee:x=read-only',
    )
    expect(bad).to.deep.equal([])
    expect(admins.map(({ id, role }) => `${id} ${role}`)).to.deep.equal([
      '@asha:example.org owner',
      '@ben:example.org admin',
      '@cleo:example.org:8448 owner',
      '@dee:x read-only',
    ])
  })

  it('promotes nobody because the first was mistyped', () => {
    const { admins, bad } = readAdmins('asha:example.org=owner,@ben:example.org')
    expect(admins).to.deep.equal([{ id: '@ben:example.org', role: 'admin' }])
    expect(bad.map((one) => one.n)).to.deep.equal([1])
  })

  it('tells every bad entry by its place', () => {
    const { admins, bad } = readAdmins('@asha:example.org,,@ben,@asha:example.org,@c:x=boss,@d:x=admin=owner')
    expect(admins).to.have.length(1)
    expect(bad.map((one) => one.n)).to.deep.equal([2, 3, 4, 5, 6])
  })
})

describe('the list of who is on duty', () => {
  const number = phoneReader('GB')

  it('has numbers and Telegram chats, in order', () => {
    const { duty, bad } = readDuty('@ben:example.org=07700 900200,@asha:example.org=telegram:12345', {
      number,
      numbers: 'sms',
      telegram: true,
    })
    expect(bad).to.deep.equal([])
    expect(duty).to.deep.equal([
      { id: '@ben:example.org', address: { channel: 'sms', address: '+447700900200' } },
      { id: '@asha:example.org', address: { channel: 'telegram', address: '12345' } },
    ])
  })

  it('tells every bad entry by its place and keeps the others', () => {
    const list =
      '@ben:example.org=+447700900200,@b:x=+447700900200,ben=+447700900201,@c:x,@d:x=12,@e:x=telegram:abc,@f:x=1=2,'
    const { duty, bad } = readDuty(list, { number, numbers: 'sms', telegram: true })
    expect(duty).to.have.length(1)
    expect(bad.map((one) => one.n)).to.deep.equal([2, 3, 4, 5, 6, 7, 8])
  })

  it('goes by the channel there is: SMS, else the simulator, and says when there is none', () => {
    const IMOK_DUTY = '@ben:example.org=+447700900200,@asha:example.org=telegram:12345'
    const channels = (env: Record<string, string>): string[] =>
      load({ ...env, IMOK_DUTY }).config.duty.map((one) => one.address.channel)
    const on = { IMOK_SIMULATOR: 'on' }
    expect(channels({ ...twilioEnv, ...telegramEnv, ...on })).to.deep.equal(['sms', 'telegram'])
    expect(channels({ ...telegramEnv, ...on })).to.deep.equal(['simulator', 'telegram'])
    expect(channels({})).to.deep.equal(['simulator'])
    const broken = load({ ...on, ...telegramEnv, IMOK_DUTY, IMOK_TWILIO_FROM: '+447700900000' })
    expect(
      broken.config.duty.map((one) => one.address.channel),
      'no page instead of a phone',
    ).to.deep.equal(['telegram'])
    expect(load({ IMOK_DUTY }).problems.map((one) => [one.path, one.instead])).to.deep.equal([
      ['duty', 'this entry is left out'],
    ])
    expect(readDuty('@ben:example.org=+447700900200', { number, telegram: true }).bad).to.have.length(1)
  })
})
