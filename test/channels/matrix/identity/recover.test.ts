import { TrustRequirement } from '@matrix-org/matrix-sdk-crypto-wasm'
import { expect } from 'chai'
import { ensureIdentity } from '../../../../src/channels/matrix/identity/ensure-identity.ts'
import { pendingRecoveryKey } from '../../../../src/channels/matrix/identity/hand-over.ts'
import { backUpRoomKeys } from '../../../../src/channels/matrix/identity/key-backup.ts'
import { recover, RecoveryFailure } from '../../../../src/channels/matrix/identity/recover.ts'
import { encodeRecoveryKey, RecoveryKeyError } from '../../../../src/channels/matrix/identity/recovery-key.ts'
import type { FakeHomeserver } from '../../../support/fake-homeserver.ts'
import { Bot, BOT, withIndexedDb } from './bot.ts'
import { ashasPhone, hears, reads, says } from './room.ts'
import { expectWhole } from './verdicts.ts'

const ready = { type: 'ready', unfinished: [] }

/** A bot that heard something, saved the key, and then burnt with its disk. The server and the recovery key are left. */
async function lost(): Promise<{ server: FakeHomeserver; key: string; heard: string }> {
  const bot = await Bot.start()
  await ensureIdentity(bot)
  const phone = await ashasPhone(bot.server)
  const heard = await says(phone, bot.server, 'take 7')
  await hears(bot)
  await backUpRoomKeys(bot.machine, bot.api, bot.store)
  bot.server.heard.length = 0
  return { server: bot.server, key: pendingRecoveryKey(bot.store)!.recoveryKey, heard }
}

const whyNot = async (bot: Bot, key: string): Promise<unknown> => {
  const error: unknown = await recover(bot, key).catch((thrown: unknown) => thrown)
  return error instanceof RecoveryFailure || error instanceof RecoveryKeyError ? error.why : error
}

const writes = (server: FakeHomeserver): string[] =>
  server.heard.filter(({ method, path }) => method !== 'GET' && path !== 'keys/query').map(({ path }) => path)

describe('recovery after the loss of everything', () => {
  withIndexedDb()

  it('makes a new device the bot that it was', async () => {
    const { server, key } = await lost()
    const before = structuredClone(server.keys.identityOf(BOT))
    const bot = await Bot.start(server, 'NEWDEVICE')
    expect(await recover(bot, key)).to.deep.equal({ roomKeys: { found: 1, read: 1 }, unfinished: [] })
    expect(server.keys.identityOf(BOT)).to.deep.equal(before)
    await expectWhole(bot, key)
    expect(server.backups.versions(BOT).length).to.equal(1)
    await bot.restart()
    expect(await ensureIdentity(bot)).to.deep.equal(ready)
    expect(await backUpRoomKeys(bot.machine, bot.api, bot.store)).to.deep.equal({ type: 'done', requests: 0 })
  })

  for (const known of ['before', 'after'] as const) {
    it(`reads what was said, and trusts none of it, whether the sender is known ${known}: an old command is never obeyed`, async () => {
      const { server, key, heard } = await lost()
      const bot = await Bot.start(server, 'NEWDEVICE')
      if (known === 'before') await hears(bot)
      await recover(bot, key)
      await expectWhole(bot, key)
      expect(await reads(bot, heard, TrustRequirement.Untrusted)).to.equal('take 7')
      expect(await reads(bot, heard, TrustRequirement.CrossSigned)).to.be.undefined
      await hears(bot)
      await bot.restart()
      expect(await reads(bot, heard, TrustRequirement.Untrusted)).to.equal('take 7')
      expect(await reads(bot, heard, TrustRequirement.CrossSigned)).to.be.undefined
    })
  }

  for (const last of ['unreachable', 'answer-lost'] as const) {
    it(`can be repeated after a crash at any request (${last}), with the same key`, async function () {
      this.timeout(60_000)
      const whole = await lost()
      await recover(await Bot.start(whole.server, 'NEWDEVICE'), whole.key)
      const all = whole.server.heard.length
      expect(all).to.be.greaterThan(12)
      for (let at = 1; at <= all; at += 1) {
        const { server, key } = await lost()
        const bot = await Bot.start(server, 'NEWDEVICE')
        server.judge(() => (server.heard.length < at ? undefined : server.heard.length === at ? last : 'unreachable'))
        await recover(bot, key).catch(() => undefined)
        server.heal()
        await bot.restart()
        // Whether the operator or the next start comes first.
        if (at % 2 === 0) await ensureIdentity(bot)
        await recover(bot, key)
        await expectWhole(bot, key)
        expect(await ensureIdentity(bot), `request ${at}`).to.deep.equal(ready)
        expect(server.backups.versions(BOT).length, `request ${at}`).to.equal(1)
      }
    })
  }

  it('says that a good recovery key is not the one, and changes nothing', async () => {
    const { server } = await lost()
    const bot = await Bot.start(server, 'NEWDEVICE')
    expect(await whyNot(bot, encodeRecoveryKey(Buffer.alloc(32, 7)))).to.equal('wrong-key')
    expect(await whyNot(bot, 'EsTs')).to.equal('length')
    expect(writes(server)).to.deep.equal([])
    expect(bot.memory.size).to.equal(0)
  })

  it('finds out without a check in the description, too', async () => {
    const { server, key } = await lost()
    const { key: id } = server.accountData(BOT, 'm.secret_storage.default_key') as { key: string }
    server.setAccountData(BOT, `m.secret_storage.key.${id}`, { algorithm: 'm.secret_storage.v1.aes-hmac-sha2' })
    const bot = await Bot.start(server, 'NEWDEVICE')
    expect(await whyNot(bot, encodeRecoveryKey(Buffer.alloc(32, 7)))).to.equal('wrong-key')
    await recover(bot, key)
    await expectWhole(bot, key)
  })

  for (const [why, happens] of [
    ['no-secrets', (server) => server.setAccountData(BOT, 'm.cross_signing.master', undefined)],
    ['no-secrets', (server) => server.setAccountData(BOT, 'm.cross_signing.user_signing', {})],
    ['no-identity', (server) => void server.keys.forgetIdentity(BOT)],
    [
      'damaged',
      (server) =>
        server.setAccountData(
          BOT,
          'm.cross_signing.self_signing',
          server.accountData(BOT, 'm.cross_signing.user_signing'),
        ),
    ],
  ] as [string, (server: FakeHomeserver) => void][]) {
    it(`tells what is missing: ${why}`, async () => {
      const { server, key } = await lost()
      happens(server)
      expect(await whyNot(await Bot.start(server, 'NEWDEVICE'), key)).to.equal(why)
      expect(writes(server)).to.deep.equal([])
    })
  }

  it('refuses secrets of an identity that was reset since', async () => {
    const { server, key } = await lost()
    const other = await Bot.start()
    await ensureIdentity(other)
    server.keys.putIdentity(BOT, other.server.keys.identityOf(BOT)!)
    expect(await whyNot(await Bot.start(server, 'NEWDEVICE'), key)).to.equal('other-identity')
  })

  it('takes the identity that somebody made for the account elsewhere, instead of its own', async () => {
    const bot = await Bot.start()
    const { server } = bot
    await ensureIdentity(bot)
    server.keys.forgetIdentity(BOT)
    const other = await Bot.start(server, 'ELSEWHERE')
    await ensureIdentity(other)
    const { recoveryKey } = pendingRecoveryKey(other.store)!
    expect(await ensureIdentity(bot)).to.deep.equal({ type: 'foreign-identity', held: true })
    await recover(bot, recoveryKey)
    await expectWhole(bot, recoveryKey)
    expect(server.backups.versions(BOT).length).to.equal(2)
    expect(await ensureIdentity(bot)).to.deep.equal(ready)
  })

  it('refuses the device id of the lost machine', async () => {
    const { server, key } = await lost()
    expect(await whyNot(await Bot.start(server, 'BOTDEVICE'), key)).to.equal('foreign-device')
    expect(writes(server)).to.deep.equal([])
  })

  it('is itself again even if the backup cannot be read, and begins a new one', async () => {
    const { server, key } = await lost()
    server.setAccountData(BOT, 'm.megolm_backup.v1', undefined)
    const bot = await Bot.start(server, 'NEWDEVICE')
    expect(await recover(bot, key)).to.deep.equal({ roomKeys: undefined, unfinished: [] })
    await expectWhole(bot, key)
  })
})
