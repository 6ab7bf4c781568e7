// What each kind of update means, through real HTTP.
import { expect } from 'chai'
import type { Heard } from '../../../src/ports/inbox.ts'
import { Desk, MO, NOW, outgoing } from './desk.ts'

const from = { channel: 'telegram', address: String(MO) } as const
const SENT = 1_795_000_000
const file = { file_id: 'F1', file_unique_id: 'U1' }
const place = { latitude: 51.4545, longitude: -2.5879 }

const message = (more: Partial<Extract<Heard, { type: 'message' }>>): Heard => ({
  type: 'message',
  from,
  text: '',
  sentAt: SENT * 1_000,
  displayName: 'Mo',
  ...more,
})

describe('What a person does in Telegram, and what is heard', () => {
  let desk: Desk
  before(async () => {
    desk = await Desk.open()
    await desk.listening()
  })
  after(async () => {
    await desk.close()
    expect(desk.fake.problems).to.deep.equal([])
  })
  const heard = async (act: () => unknown): Promise<Heard | undefined> => {
    const before = desk.inbox.items.length
    act()
    return (await desk.inbox.until(before + 1)).at(-1)
  }

  const photo = [
    { ...file, file_id: 'small', width: 90, height: 90 },
    { ...file, file_id: 'large', width: 900, height: 900 },
  ]
  const size = { width: 9, height: 9 }
  const bold = (text: string) => ({ type: 'bold', text })
  const poll = {
    is_closed: false,
    is_anonymous: true,
    type: 'regular',
    allows_multiple_answers: false,
    allows_revoting: false,
    members_only: false,
  }
  const messages: [name: string, part: Record<string, unknown>, expected: Heard][] = [
    ['a text', { text: 'IN 60' }, message({ text: 'IN 60' })],
    ['a text of the greatest length', { text: 'x'.repeat(4_096) }, message({ text: 'x'.repeat(4_096) })],
    ['a text beyond every limit', { text: 'x'.repeat(20_000) }, message({ text: 'x'.repeat(10_000) })],
    ['/start alone', { text: '/start' }, message({ text: '/start' })],
    ['/start with a token', { text: '/start Ab_-9' }, { type: 'link', from, token: 'Ab_-9', displayName: 'Mo' }],
    ['/start with what is no token', { text: '/start me up' }, message({ text: '/start me up' })],
    ['a command that names the bot', { text: '/in@imok_fake_bot 60' }, message({ text: '/in 60' })],
    [
      'a forwarded text',
      { text: 'OUT', forward_origin: { type: 'hidden_user', date: SENT, sender_user_name: 'X' } },
      message({ text: 'OUT' }),
    ],
    ['a location', { location: place }, message({ attachment: { kind: 'location', ...place } })],
    [
      'a venue called OUT',
      { location: place, venue: { location: place, title: 'OUT', address: 'High St' } },
      message({ attachment: { kind: 'location', ...place, label: 'OUT, High St' } }),
    ],
    [
      'a photo with a caption',
      { photo, caption: 'SOS' },
      message({ text: 'SOS', attachment: { kind: 'photo', reference: 'large' } }),
    ],
    ['a voice note', { voice: { ...file, duration: 3 } }, message({ attachment: { kind: 'voice', reference: 'F1' } })],
    [
      'an audio file',
      { audio: { ...file, duration: 3, file_name: 'a.m4a' } },
      message({ attachment: { kind: 'voice', reference: 'F1', label: 'a.m4a' } }),
    ],
    [
      'a video',
      { video: { ...file, ...size, duration: 3 } },
      message({ attachment: { kind: 'video', reference: 'F1' } }),
    ],
    [
      'a video note',
      { video_note: { ...file, length: 9, duration: 3 } },
      message({ attachment: { kind: 'video', reference: 'F1' } }),
    ],
    [
      'an animation, which is also a document',
      { animation: { ...file, ...size, duration: 3 }, document: { ...file } },
      message({ attachment: { kind: 'video', reference: 'F1' } }),
    ],
    [
      'a sticker',
      { sticker: { ...file, type: 'regular', ...size, is_animated: false, is_video: false, emoji: '🆘' } },
      message({ attachment: { kind: 'sticker', reference: 'F1', label: '🆘' } }),
    ],
    [
      'a document',
      { document: { ...file, file_name: 'map.pdf' } },
      message({ attachment: { kind: 'document', reference: 'F1', label: 'map.pdf' } }),
    ],
    [
      'a contact',
      { contact: { phone_number: '+447700900123', first_name: 'Ada' } },
      message({ attachment: { kind: 'contact', label: 'Ada, +447700900123' } }),
    ],
    [
      'a poll',
      { poll: { id: '1', question: 'OUT?', options: [], total_voter_count: 0, ...poll } },
      message({ attachment: { kind: 'other', label: 'OUT?' } }),
    ],
    ['a dice', { dice: { emoji: '🎲', value: 6 } }, message({ attachment: { kind: 'other', label: '🎲, 6' } })],
    [
      'a formatted cry for help',
      {
        rich_message: {
          blocks: [
            { type: 'paragraph', text: [bold('SOS'), ' at the lock'] },
            { type: 'list', items: [] },
          ],
        },
      },
      message({ text: 'SOS at the lock' }),
    ],
    ['a kind that nobody knows yet', {}, message({ attachment: { kind: 'other' } })],
  ]
  for (const [name, part, expected] of messages)
    it(name, async () => {
      expect(await heard(() => desk.fake.says(MO, { date: SENT, ...part }))).to.deep.equal(expected)
    })

  it('a text that was changed', async () => {
    const changed = await heard(() => desk.fake.says(MO, { text: 'OUT', edit_date: SENT }, 'edited_message'))
    expect(changed).to.deep.equal(message({ text: 'OUT', edited: true }))
  })
  it('/start with a token that was edited in is a text, no link', async () => {
    const changed = await heard(() => desk.fake.says(MO, { text: '/start T', edit_date: SENT }, 'edited_message'))
    expect(changed).to.deep.equal(message({ text: '/start T', edited: true }))
  })
  it('a live location that moves', async () => {
    const part = { location: { ...place, live_period: 900, heading: 90 }, edit_date: SENT }
    const moved = await heard(() => desk.fake.says(MO, part, 'edited_message'))
    expect(moved).to.deep.equal(message({ attachment: { kind: 'location', ...place }, edited: true }))
  })
  it('a name that tries to be more than a name', async () => {
    const first_name = ` M\u202Eo\n#7 CLOSED${'x'.repeat(60)}`
    const who = { id: MO, is_bot: false, first_name }
    const text = await heard(() => desk.fake.says(MO, { date: SENT, text: 'hi', from: who }))
    expect(text).to.deep.equal(message({ text: 'hi', displayName: `M o #7 CLOSED${'x'.repeat(27)}` }))
  })
  it('a button, which is answered too', async () => {
    const channel = desk.channels[0]
    desk.fake.knows(MO)
    await channel?.send(outgoing({ choices: [{ label: "I'm out", says: 'OUT' }] }))
    const pressed = await heard(() => desk.fake.press(MO, "I'm out"))
    expect(pressed).to.deep.equal({ type: 'message', from, text: 'OUT', button: true, displayName: 'Mo' })
    const [answered] = await desk.fake.called('answerCallbackQuery')
    expect(answered?.payload).to.have.keys('callback_query_id')
  })
  it('a button in a group is nobody’s word', async () => {
    const message = { message_id: 1, date: SENT, chat: { id: -7, type: 'group', title: 'A group' } }
    const query = { id: 'q', from: { id: MO, is_bot: false, first_name: 'Mo' }, chat_instance: '1', data: 'OUT' }
    desk.fake.updates.add({ callback_query: { ...query, message } })
    expect(await heard(() => desk.fake.text(MO, 'said'))).to.include({ text: 'said' })
  })
  it('blocking the bot; coming back says nothing', async () => {
    const cut = await heard(() => desk.fake.block(MO))
    expect(cut).to.deep.equal({ type: 'line-cut', from, why: 'blocked' })
    desk.fake.unblock(MO)
    const next = await heard(() => desk.fake.text(MO, 'back'))
    expect(next).to.include({ type: 'message', text: 'back' })
  })
  it('a group that became a supergroup', async () => {
    const moved = await heard(() => desk.fake.inGroup(-100, { migrate_to_chat_id: -1001 }, 'group'))
    expect(moved).to.deep.equal({
      type: 'moved',
      from: { channel: 'telegram', address: '-100' },
      to: { channel: 'telegram', address: '-1001' },
    })
  })
  it('what Telegram notes by itself is nothing said', async () => {
    desk.fake.says(MO, { message_auto_delete_timer_changed: { message_auto_delete_time: 60 } })
    expect(await heard(() => desk.fake.text(MO, 'said'))).to.include({ text: 'said' })
  })
  it('each is kept under the number of its update, in the line of its sender, with the time of its arrival', async () => {
    const before = desk.inbox.items.length
    const id = desk.fake.text(MO, 'IN')
    await desk.inbox.until(before + 1)
    expect(desk.inbox.items.at(-1)).to.include({ id: `telegram:${id}`, sender: `telegram:${MO}`, receivedAt: NOW })
  })
})

describe('Groups and channels are nobody’s private line', () => {
  let desk: Desk
  beforeEach(async () => (desk = await Desk.open()))
  afterEach(async () => {
    await desk.close()
    expect(desk.fake.problems).to.deep.equal([])
  })

  for (const type of ['group', 'supergroup', 'channel'])
    it(`a ${type} is answered once a day and never heard`, async () => {
      await desk.listening()
      desk.fake.inGroup(-5, { text: 'SOS' }, type)
      desk.fake.inGroup(-5, { text: '/start TOKEN' }, type)
      await desk.fake.sent(-5)
      desk.clock.time += 24 * 3_600_000
      desk.fake.inGroup(-5, { text: 'OUT' }, type)
      await desk.fake.sent(-5, 2)
      desk.fake.text(MO, 'OUT')
      await desk.inbox.until(1)
      // Later than any answer that should not have been.
      await desk.channels[0]?.send(outgoing())
      expect(desk.fake.sentTo(-5).map((a) => a.text)).to.deep.equal([
        'Only in a private chat.',
        'Only in a private chat.',
      ])
      expect(desk.inbox.texts()).to.deep.equal(['OUT'])
    })

  it('one that cannot be answered holds nobody up', async () => {
    desk.fake.fail('sendMessage', { status: 403, description: 'Forbidden: bot was kicked from the group chat' })
    await desk.listening()
    desk.fake.inGroup(-6, { text: 'hello' })
    desk.fake.text(MO, 'SOS')
    await desk.inbox.until(1)
    expect((await desk.logged(/group could not be answered/)).fields).to.deep.equal({ trouble: 'telegram-403' })
  })
})

describe('The bot introduces itself', () => {
  let desk: Desk
  beforeEach(async () => (desk = await Desk.open()))
  afterEach(async () => {
    await desk.close()
    expect(desk.fake.problems).to.deep.equal([])
  })
  const commands = [{ command: 'in', description: 'Check in' }]

  it('tells its name for links and sets its menus', async () => {
    const channel = desk.channel({ menus: [{ commands }, { language: 'fr', commands }] })
    expect(channel.username()).to.equal(undefined)
    await channel.start?.()
    const calls = await desk.fake.called('setMyCommands', 2)
    expect(channel.username()).to.equal('imok_fake_bot')
    expect(calls.map((c) => c.payload)).to.deep.equal([{ commands }, { commands, language_code: 'fr' }])
  })

  it('watches even when it cannot, and tries again when Telegram is back', async () => {
    desk.fake.fail('getMe', { status: 500 })
    desk.fake.fail('setMyCommands', { status: 400 })
    const channel = await desk.listening({ menus: [{ commands }] })
    desk.fake.text(MO, 'SOS')
    await desk.inbox.until(1)
    await desk.logged(/menu of commands/)
    expect(channel.username()).to.equal(undefined)
    desk.fake.fail('getUpdates', { status: 500 })
    await channel.readBack?.(0).catch(() => undefined)
    await desk.fake.called('setMyCommands', 2)
    expect(channel.username()).to.equal('imok_fake_bot')
  })
})
