import { TrustRequirement } from '@matrix-org/matrix-sdk-crypto-wasm'
import { expect } from 'chai'
import { ensureIdentity } from '../../../../src/channels/matrix/identity/ensure-identity.ts'
import { pendingRecoveryKey } from '../../../../src/channels/matrix/identity/hand-over.ts'
import { backUpRoomKeys } from '../../../../src/channels/matrix/identity/key-backup.ts'
import { Bot, BOT, withIndexedDb } from './bot.ts'
import { ashasPhone, hears, reads, says } from './room.ts'
import { expectWhole } from './verdicts.ts'

const pump = (bot: Bot): ReturnType<typeof backUpRoomKeys> => backUpRoomKeys(bot.machine, bot.api, bot.store)

describe('the backup of room keys', () => {
  withIndexedDb()

  async function talked(): Promise<{ bot: Bot; say: (text: string) => Promise<string> }> {
    const bot = await Bot.start()
    await ensureIdentity(bot)
    const phone = await ashasPhone(bot.server)
    const say = async (text: string): Promise<string> => {
      const event = await says(phone, bot.server, text)
      await hears(bot)
      expect(await reads(bot, event, TrustRequirement.CrossSigned)).to.equal(text)
      return event
    }
    return { bot, say }
  }

  it('is off until the identity is made', async () => {
    expect(await pump(await Bot.start())).to.deep.equal({ type: 'off' })
  })

  it('saves every key once, over restarts', async () => {
    const { bot, say } = await talked()
    await say('one')
    await say('two')
    expect(await pump(bot)).to.deep.equal({ type: 'done', requests: 1 })
    expect(bot.server.backups.count(BOT)).to.equal(2)
    await bot.restart()
    expect(await pump(bot)).to.deep.equal({ type: 'done', requests: 0 })
    await say('three')
    expect(await pump(bot)).to.deep.equal({ type: 'done', requests: 1 })
    expect(bot.server.backups.count(BOT)).to.equal(3)
  })

  it('saves what it could not save before', async () => {
    const { bot, say } = await talked()
    await say('one')
    bot.server.judge(({ path }) => (path === 'room_keys/keys' ? 'answer-lost' : undefined))
    expect((await pump(bot)).type).to.equal('failed')
    bot.server.heal()
    await bot.restart()
    expect(await pump(bot)).to.deep.equal({ type: 'done', requests: 1 })
    expect(bot.server.backups.count(BOT)).to.equal(1)
  })

  for (const [what, happens] of [
    ['was deleted', (bot) => void bot.server.backups.forgetAll(BOT)],
    [
      'was replaced',
      (bot) =>
        void bot.server.backups.answer(BOT, 'POST', ['room_keys', 'version'], '', { algorithm: 'x', auth_data: {} }),
    ],
  ] as [string, (bot: Bot) => void][]) {
    it(`begins again, with the same key and all room keys, when its version ${what}`, async () => {
      const { bot, say } = await talked()
      await say('one')
      await pump(bot)
      happens(bot)
      await say('two')
      expect((await pump(bot)).type).to.equal('done')
      expect(bot.server.backups.count(BOT)).to.equal(2)
      await expectWhole(bot, pendingRecoveryKey(bot.store)!.recoveryKey)
    })
  }

  it('has one run at a time', async () => {
    const { bot, say } = await talked()
    await say('one')
    expect(await Promise.all([pump(bot), pump(bot)])).to.deep.equal([
      { type: 'done', requests: 1 },
      { type: 'done', requests: 1 },
    ])
    expect(bot.server.heard.filter(({ path }) => path === 'room_keys/keys').length).to.equal(1)
  })
})
