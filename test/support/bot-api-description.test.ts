// The judge must be able to say no, or its silence means nothing.
import { expect } from 'chai'
import { faultsOfCall, faultsOfType } from './bot-api-description.ts'
import { FakeTelegram } from './fake-telegram.ts'

describe('The Bot API description as a judge', () => {
  const good = {
    chat_id: 1,
    text: 'hi',
    link_preview_options: { is_disabled: true },
    reply_markup: { inline_keyboard: [[{ text: 'OUT', callback_data: 'OUT' }]] },
  }
  const cases: [name: string, method: string, payload: unknown, found: string[]][] = [
    ['a good message', 'sendMessage', good, []],
    ['a missing field', 'sendMessage', { chat_id: 1 }, ['sendMessage.text: missing']],
    ['an unknown field', 'sendMessage', { ...good, colour: 'red' }, ['sendMessage.colour: unknown']],
    ['a wrong type', 'sendMessage', { ...good, chat_id: 1.5 }, ['sendMessage.chat_id: expected Integer']],
    [
      'a wrong type deep inside',
      'sendMessage',
      { ...good, link_preview_options: { is_disabled: 'yes' } },
      ['sendMessage.link_preview_options.is_disabled: expected Boolean'],
    ],
    [
      'too much on a button',
      'sendMessage',
      { ...good, reply_markup: { inline_keyboard: [[{ text: 'OUT', callback_data: 'x'.repeat(65) }]] } },
      ['sendMessage: callback_data has 1-64 bytes'],
    ],
    [
      'too long a text',
      'sendMessage',
      { ...good, text: 'x'.repeat(4_097) },
      ['sendMessage: text has 1-4096 characters'],
    ],
    [
      'a command in capitals',
      'setMyCommands',
      { commands: [{ command: 'IN', description: 'x' }] },
      ['setMyCommands: a command is 1-32 lower-case letters, digits, underscores'],
    ],
    ['a method that is not there', 'sendTelepathy', {}, ['sendTelepathy: no such method in the description']],
  ]
  for (const [name, method, payload, found] of cases)
    it(name, () => {
      const faults = faultsOfCall(method, payload)
      if (found.length === 0) expect(faults).to.deep.equal([])
      else expect(faults).to.include.members(found)
    })

  it('judges what a test pretends to receive, too', () => {
    expect(
      faultsOfType('Update', { update_id: 1, message: { message_id: 1, date: 1, chat: { id: 1 } } }),
    ).to.deep.equal(['Update.message.chat.type: missing'])
  })

  it('makes the fake refuse, and remember', async () => {
    const fake = await FakeTelegram.start()
    const body = JSON.stringify({ chat_id: 1, text: 'hi', colour: 'red' })
    const headers = { 'content-type': 'application/json' }
    const response = await fetch(`${fake.url}/bot${fake.token}/sendMessage`, { method: 'POST', headers, body })
    await fake.close()
    expect(response.status).to.equal(400)
    expect(fake.problems).to.deep.equal(['sendMessage.colour: unknown'])
    expect(fake.sentTo(1)).to.deep.equal([])
  })
})
