import { expect } from 'chai'
import type { TelegramChannel } from '../../../src/channels/telegram/channel.ts'
import { MediaError } from '../../../src/ports/media.ts'
import { Desk } from './desk.ts'

const failure = (fetching: Promise<unknown> | undefined): Promise<string> =>
  (fetching ?? Promise.resolve()).then(
    () => 'none',
    (error: unknown) => (error instanceof MediaError ? `${error.kind} ${error.trouble}` : String(error)),
  )

describe('a file that somebody sent by Telegram', () => {
  let desk: Desk
  let channel: TelegramChannel
  before(async () => {
    desk = await Desk.open()
    channel = desk.channel()
  })
  after(() => desk.close())
  const get = (id: string, most = 1000): Promise<Uint8Array> | undefined => channel.fetch?.(id, most)

  it('is fetched by its id', async () => {
    desk.fake.files.set('F1', Buffer.from('a picture'))
    expect(Buffer.from((await get('F1')) ?? []).toString()).to.equal('a picture')
  })

  it('is not fetched when it is larger than asked for, or than Telegram gives', async () => {
    desk.fake.files.set('F2', Buffer.alloc(1001))
    desk.fake.files.set('F3', Buffer.alloc(20 * 1024 * 1024 + 1))
    expect(await failure(get('F2'))).to.equal('too-large too-large')
    expect(await failure(get('F3', 50_000_000))).to.equal('too-large too-large')
  })

  it('is gone when Telegram does not know it, and may come later when Telegram fails', async () => {
    expect(await failure(get('F4'))).to.equal('gone telegram-400')
    desk.fake.fail('getFile', { status: 429, description: 'Too Many Requests: retry after 1' })
    expect(await failure(get('F1'))).to.equal('later telegram-429')
    await desk.fake.down()
    expect(await failure(get('F1'))).to.match(/^later /)
  })
})
