// How sending ends, through real HTTP: what is certain is said, and nothing more.
import { expect } from 'chai'
import { SendError } from '../../../src/ports/channel.ts'
import type { Accepted, Outgoing } from '../../../src/ports/channel.ts'
import { faults } from '../../support/fake-telegram.ts'
import type { Fault } from '../../support/fake-telegram.ts'
import { Desk, MO, outgoing } from './desk.ts'

const ended = (sending: Promise<Accepted>): Promise<Accepted | SendError> =>
  sending.catch((e: unknown) => e as SendError)
const facts = (end: Accepted | SendError) =>
  end instanceof SendError ? { kind: end.kind, trouble: end.trouble, why: end.why, wait: end.wait } : end

describe('Sending by Telegram', () => {
  let desk: Desk
  beforeEach(async () => {
    desk = await Desk.open()
    desk.fake.knows(MO)
  })
  afterEach(async () => {
    await desk.close()
    expect(desk.fake.problems).to.deep.equal([])
  })
  const send = (more: Partial<Outgoing> = {}) => desk.channel({ limits: { send: 200 } }).send(outgoing(more))

  it('delivers plain text without a link preview', async () => {
    const accepted = await send({ text: '*SOS* <b>_x_</b> https://example.org' })
    const [message] = desk.fake.sentTo(MO)
    expect(accepted).to.deep.equal({ providerId: String(message?.messageId) })
    expect(desk.fake.calls[0]?.payload).to.deep.equal({
      chat_id: MO,
      text: '*SOS* <b>_x_</b> https://example.org',
      link_preview_options: { is_disabled: true },
    })
  })

  it('puts two buttons in a row, and leaves out what a button cannot carry', async () => {
    const choices = ['IN 60', 'OUT', 'SOS', 'é'.repeat(33), ''].map((says) => ({ label: says || 'nothing', says }))
    await send({ choices })
    const { reply_markup } = desk.fake.calls[0]?.payload as { reply_markup: { inline_keyboard: { text: string }[][] } }
    expect(reply_markup.inline_keyboard.map((row) => row.map((b) => b.text))).to.deep.equal([['IN 60', 'OUT'], ['SOS']])
  })

  it('cuts what is too long, never through a character', async () => {
    await send({ text: 'x'.repeat(4_094) + '🆘🆘' })
    await send({ text: 'y'.repeat(4_096) })
    await send({ text: 'lone \uD83C half' })
    const texts = desk.fake.sentTo(MO).map((m) => m.text)
    expect(texts).to.deep.equal(['x'.repeat(4_094) + '…', 'y'.repeat(4_096), 'lone \uFFFD half'])
  })

  it('sends without buttons what is refused because of them', async () => {
    desk.fake.fail('sendMessage', { status: 400, description: 'Bad Request: BUTTON_DATA_INVALID' })
    await send({ choices: [{ label: 'OUT', says: 'OUT' }] })
    expect(desk.fake.sentTo(MO).map((m) => m.buttons)).to.deep.equal([[]])
  })

  const refused = (status: number, description: string): Fault => ({ status, description })
  const cases: [name: string, fault: Fault, expected: Partial<SendError>][] = [
    [
      'blocked',
      refused(403, 'Forbidden: bot was blocked by the user'),
      { kind: 'dead', trouble: 'telegram-403', why: 'blocked' },
    ],
    ['kicked', refused(403, 'Forbidden: bot was kicked'), { kind: 'dead', trouble: 'telegram-403', why: 'blocked' }],
    [
      'account deleted',
      refused(403, 'Forbidden: user is deactivated'),
      { kind: 'dead', trouble: 'telegram-403', why: 'gone' },
    ],
    [
      'account deleted (400)',
      refused(400, 'Bad Request: user is deactivated'),
      { kind: 'dead', trouble: 'telegram-400', why: 'gone' },
    ],
    [
      'chat not found',
      refused(400, 'Bad Request: chat not found'),
      { kind: 'dead', trouble: 'telegram-400', why: 'gone' },
    ],
    ['any other 400', refused(400, 'Bad Request: message is odd'), { kind: 'impossible', trouble: 'telegram-400' }],
    ['a wrong token', faults.unauthorized, { kind: 'impossible', trouble: 'telegram-401' }],
    ['a malformed token', refused(404, 'Not Found'), { kind: 'impossible', trouble: 'telegram-404' }],
    ['too many', faults.tooMany(17), { kind: 'refused', trouble: 'telegram-429', wait: 17_000 }],
    ['broken', faults.broken, { kind: 'refused', trouble: 'telegram-500' }],
    ['a bad gateway', { page: 502 }, { kind: 'refused', trouble: 'telegram-502' }],
    ['a gateway that gave up waiting', { page: 504 }, { kind: 'unknown', trouble: 'telegram-504' }],
    ['a page instead of an answer', { page: 200 }, { kind: 'unknown', trouble: 'telegram-200' }],
    ['a redirect', { page: 302 }, { kind: 'refused', trouble: 'telegram-302' }],
    ['no answer', 'hang', { kind: 'unknown', trouble: 'timeout' }],
  ]
  for (const [name, fault, expected] of cases)
    it(`${name}: ${String(expected.kind)}`, async () => {
      desk.fake.fail('sendMessage', fault)
      expect(facts(await ended(send()))).to.deep.equal({ why: undefined, wait: undefined, ...expected })
      expect(desk.fake.sentTo(MO)).to.have.length(0)
      expect(desk.fake.calls, 'no second attempt, and no redirect followed').to.have.length(1)
    })

  it('a line that is cut after Telegram had the message: unknown, and it was there', async () => {
    desk.fake.fail('sendMessage', 'accept-then-drop')
    const end = await ended(send())
    expect(end).to.include({ kind: 'unknown' })
    expect(desk.fake.sentTo(MO)).to.have.length(1)
    expect(desk.channel().doubt).to.equal('cannot-tell')
  })

  it('Telegram away: refused', async () => {
    await desk.fake.down()
    expect(facts(await ended(send()))).to.include({ kind: 'refused', trouble: 'ECONNREFUSED' })
  })

  it('an address that is no chat: impossible, and nothing is asked', async () => {
    const to = { channel: 'telegram', address: '@somebody' } as const
    expect(facts(await ended(send({ to })))).to.include({ kind: 'impossible', trouble: 'telegram-address' })
    expect(desk.fake.calls).to.deep.equal([])
  })

  it('tells the operator what to do about a wrong token', async () => {
    await ended(desk.channel({ token: '1:wrong' }).send(outgoing()))
    expect((await desk.logged(/IMOK_TELEGRAM_TOKEN/)).level).to.equal('error')
  })

  it('follows a chat that moved in the same send, and reports it once', async () => {
    desk.fake.knows(-1_009)
    desk.fake.fail('sendMessage', faults.moved(-1_009), { chat: -9, times: 2 })
    const to = { channel: 'telegram', address: '-9' } as const
    await send({ to })
    await send({ to })
    expect(desk.fake.sentTo(-1_009)).to.have.length(2)
    expect(desk.inbox.heard()).to.deep.equal([{ type: 'moved', from: to, to: { ...to, address: '-1009' } }])
  })

  it('counts a message as sent though its move could not be noted', async () => {
    desk.fake.knows(-1_009)
    desk.fake.fail('sendMessage', faults.moved(-1_009))
    desk.inbox.failNext(1)
    expect(await ended(send({ to: { channel: 'telegram', address: '-9' } }))).to.have.key('providerId')
  })

  it('one recipient that hangs delays nobody', async () => {
    desk.fake.fail('sendMessage', 'hang', { chat: 1 })
    const channel = desk.channel()
    void channel.send(outgoing({ to: { channel: 'telegram', address: '1' } })).catch(() => undefined)
    await channel.send(outgoing())
    expect(desk.fake.sentTo(MO)).to.have.length(1)
  })

  it('an alert leaves at once in the middle of a broadcast', async () => {
    desk.clock.hold()
    const channel = desk.channel()
    const to = (address: string) => ({ channel: 'telegram', address }) as const
    for (let chat = 1; chat <= 60; chat += 1) {
      desk.fake.knows(chat)
      void channel.send(outgoing({ to: to(String(chat)), urgency: 'notice' })).catch(() => undefined)
    }
    await channel.send(outgoing({ urgency: 'alert', text: 'an alert' }))
    const { length } = await desk.fake.called('sendMessage')
    expect(length).to.be.at.most(26)
    desk.clock.pass(4_000)
    await desk.fake.called('sendMessage', 51)
  })
})
