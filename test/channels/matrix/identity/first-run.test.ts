import { expect } from 'chai'
import { MatrixFailure } from '../../../../src/channels/matrix/failure.ts'
import { ensureIdentity } from '../../../../src/channels/matrix/identity/ensure-identity.ts'
import type { IdentityResult } from '../../../../src/channels/matrix/identity/ensure-identity.ts'
import { confirmRecoveryKey, pendingRecoveryKey } from '../../../../src/channels/matrix/identity/hand-over.ts'
import type { Fault } from '../../../support/fake-homeserver.ts'
import { Bot, BOT, withIndexedDb } from './bot.ts'
import { expectWhole, identitiesSent } from './verdicts.ts'

const keyOf = (result: IdentityResult): string => {
  if (result.type !== 'made') throw new Error(`expected an identity to be made, not ${result.type}`)
  expect(result.unfinished).to.deep.equal([])
  return result.recoveryKey
}

describe('the first run of the identity', () => {
  withIndexedDb()

  it('publishes an identity, signs the device, stores the secrets, begins a backup', async () => {
    const bot = await Bot.start()
    await expectWhole(bot, keyOf(await ensureIdentity(bot)))
  })

  it('publishes nothing before the secrets are stored', async () => {
    const bot = await Bot.start()
    bot.server.judge(({ method, path }) =>
      method === 'PUT' && path.includes('user_signing') ? { status: 500, code: 'M_UNKNOWN' } : undefined,
    )
    await ensureIdentity(bot).catch(() => undefined)
    expect(bot.server.keys.identityOf(BOT)).to.be.undefined
  })

  it('says the key at every start until it is confirmed, and never again', async () => {
    const bot = await Bot.start()
    const key = keyOf(await ensureIdentity(bot))
    await bot.restart()
    expect(keyOf(await ensureIdentity(bot))).to.equal(key)
    const { asked } = pendingRecoveryKey(bot.store)!
    confirmRecoveryKey(bot.store, asked.map((n) => key.split(' ')[n - 1]).join(' '))
    await bot.restart()
    expect(await ensureIdentity(bot)).to.deep.equal({ type: 'ready', unfinished: [] })
    expect(JSON.stringify([...bot.memory])).to.not.include(key.slice(0, 9))
    await expectWhole(bot, key)
  })

  it('changes nothing on the server when there is nothing to do', async () => {
    const bot = await Bot.start()
    await ensureIdentity(bot)
    await bot.restart()
    bot.server.heard.length = 0
    await ensureIdentity(bot)
    expect(bot.server.heard.filter(({ method, path }) => method !== 'GET' && path !== 'keys/query')).to.deep.equal([])
  })

  it('throws what the homeserver answered when the first question fails', async () => {
    const bot = await Bot.start()
    bot.server.judge(() => ({ status: 429, code: 'M_LIMIT_EXCEEDED', wait: 5_000 }))
    const error: unknown = await ensureIdentity(bot).catch((thrown: unknown) => thrown)
    expect(error).to.be.instanceOf(MatrixFailure).with.property('wait', 5_000)
  })
})

/** How many requests a first run needs: found by running it. */
async function requestsOf(run: () => Promise<Bot>): Promise<number> {
  return (await run()).server.heard.length
}

describe('a crash in the first run', () => {
  withIndexedDb()

  for (const last of ['unreachable', 'answer-lost'] as const) {
    it(`at any request (${last}) leaves what the next run completes, with one identity and one key`, async function () {
      this.timeout(60_000)
      const all = await requestsOf(async () => {
        const bot = await Bot.start()
        await ensureIdentity(bot)
        return bot
      })
      expect(all).to.be.greaterThan(15)
      for (let at = 1; at <= all; at += 1) {
        const bot = await Bot.start()
        dieAt(bot, at, last)
        await ensureIdentity(bot).catch(() => undefined)
        const before = pendingRecoveryKey(bot.store)?.recoveryKey
        bot.server.heal()
        await bot.restart()
        const key = keyOf(await ensureIdentity(bot))
        if (before !== undefined) expect(key, `request ${at}`).to.equal(before)
        expect(identitiesSent(bot).size, `request ${at}`).to.equal(1)
        expect(bot.server.backups.versions(BOT).length, `request ${at}`).to.equal(1)
        await expectWhole(bot, key)
      }
    })
  }
})

/** From this request on nothing goes through; this one itself may have been carried out. */
function dieAt(bot: Bot, at: number, last: Fault): void {
  bot.server.judge(() => {
    const n = bot.server.heard.length
    return n < at ? undefined : n === at ? last : 'unreachable'
  })
}
