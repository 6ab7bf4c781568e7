import { DeviceId, OlmMachine, UserId } from '@matrix-org/matrix-sdk-crypto-wasm'
import { expect } from 'chai'
import { ensureIdentity, NotShown } from '../../../../src/channels/matrix/identity/ensure-identity.ts'
import {
  confirmRecoveryKey,
  pendingRecoveryKey,
  pendingStorageKey,
} from '../../../../src/channels/matrix/identity/hand-over.ts'
import { heldKeys } from '../../../../src/channels/matrix/identity/held-keys.ts'
import { encryptSecret } from '../../../../src/channels/matrix/identity/secret-storage.ts'
import { Bot, BOT, withIndexedDb } from './bot.ts'
import { expectWhole, identitiesSent } from './verdicts.ts'

/** A bot whose first run is over and whose key somebody wrote down; just started again. */
async function settled(): Promise<{ bot: Bot; key: string }> {
  const bot = await Bot.start()
  await ensureIdentity(bot)
  const { recoveryKey: key, asked } = pendingRecoveryKey(bot.store)!
  confirmRecoveryKey(bot.store, asked.map((n) => key.split(' ')[n - 1]).join(' '))
  await bot.restart()
  bot.server.heard.length = 0
  return { bot, key }
}

/** Another identity for the account, as it would be uploaded. */
async function another(): Promise<Parameters<Bot['server']['keys']['putIdentity']>[1]> {
  const machine = await OlmMachine.initialize(new UserId(BOT), new DeviceId('OTHER'))
  const { uploadSigningKeysRequest } = await machine.bootstrapCrossSigning(true)
  return JSON.parse(uploadSigningKeysRequest.body) as Awaited<ReturnType<typeof another>>
}

const writes = (bot: Bot): string[] =>
  bot.server.heard.filter(({ method, path }) => method !== 'GET' && path !== 'keys/query').map(({ path }) => path)

const ready = { type: 'ready', unfinished: [] }

describe('a later run of the identity', () => {
  withIndexedDb()

  it('finds an identity that it cannot sign with, and touches nothing', async () => {
    const { bot: older } = await settled()
    const bot = await Bot.start(older.server, 'NEWDEVICE')
    expect(await ensureIdentity(bot)).to.deep.equal({ type: 'foreign-identity', held: false })
    expect(writes(bot)).to.deep.equal([])
    expect(bot.server.keys.devicesOf(BOT)).to.deep.equal(['BOTDEVICE'])
  })

  it('keeps its own identity while the homeserver shows another, and goes on with it afterwards', async () => {
    const { bot, key } = await settled()
    const ours = bot.server.keys.identityOf(BOT)!
    bot.server.keys.putIdentity(BOT, await another())
    expect(await ensureIdentity(bot)).to.deep.equal({ type: 'foreign-identity', held: true })
    expect(writes(bot)).to.deep.equal([])
    bot.server.keys.putIdentity(BOT, ours)
    await bot.restart()
    expect(await ensureIdentity(bot)).to.deep.equal(ready)
    await expectWhole(bot, key)
  })

  it('refuses a device id that has keys of another machine', async () => {
    const { bot: older } = await settled()
    const bot = await Bot.start(older.server, 'BOTDEVICE')
    expect(await ensureIdentity(bot)).to.deep.equal({ type: 'foreign-device' })
    expect(writes(bot)).to.deep.equal([])
  })

  it('publishes the same identity again when the homeserver lost it', async () => {
    const { bot, key } = await settled()
    bot.server.keys.forgetIdentity(BOT)
    expect(await ensureIdentity(bot)).to.deep.equal(ready)
    expect([...identitiesSent(bot)]).to.deep.equal([(await heldKeys(bot.machine))?.publicMaster])
    await expectWhole(bot, key)
  })

  it('publishes the same device again when the homeserver deleted it and let it sign in again', async () => {
    const { bot, key } = await settled()
    const before = structuredClone(bot.server.keys.device(BOT, 'BOTDEVICE'))
    bot.server.keys.forgetDevice(BOT, 'BOTDEVICE')
    expect(await ensureIdentity(bot)).to.deep.equal(ready)
    expect(bot.server.keys.device(BOT, 'BOTDEVICE')).to.deep.equal(before)
    await expectWhole(bot, key)
  })

  it('signs its device again when the homeserver lost the signature', async () => {
    const { bot, key } = await settled()
    const device = bot.server.keys.device(BOT, 'BOTDEVICE')!
    device.signatures = { [BOT]: { 'ed25519:BOTDEVICE': device.signatures![BOT]!['ed25519:BOTDEVICE']! } }
    expect(await ensureIdentity(bot)).to.deep.equal(ready)
    await expectWhole(bot, key)
  })

  it('makes a new recovery key when the secrets are gone, because nobody here has the old one', async () => {
    const { bot, key } = await settled()
    bot.server.setAccountData(BOT, 'm.cross_signing.self_signing', undefined)
    const result = await ensureIdentity(bot)
    expect(result).to.deep.equal({
      type: 'made',
      recoveryKey: pendingRecoveryKey(bot.store)?.recoveryKey,
      unfinished: [],
    })
    expect(pendingRecoveryKey(bot.store)?.recoveryKey).to.not.equal(key)
    await expectWhole(bot, pendingRecoveryKey(bot.store)!.recoveryKey)
  })

  it('mends a secret that is damaged or of another time while the key is still here', async () => {
    const bot = await Bot.start()
    await ensureIdentity(bot)
    const { id, key } = pendingStorageKey(bot.store)!
    const stale = encryptSecret(key, 'm.cross_signing.master', 'of another time')
    bot.server.setAccountData(BOT, 'm.cross_signing.master', { encrypted: { [id]: stale } })
    bot.server.setAccountData(BOT, 'm.cross_signing.user_signing', { encrypted: { [id]: stale } })
    await bot.restart()
    await ensureIdentity(bot)
    await expectWhole(bot, pendingRecoveryKey(bot.store)!.recoveryKey)
  })

  for (const [what, part] of [
    ['secret-storage', 'account_data'],
    ['key-backup', 'room_keys'],
  ] as const) {
    it(`is ready without ${what}, says so, and tries again`, async () => {
      const { bot } = await settled()
      bot.server.judge(({ path }) => (path.includes(part) ? { status: 502, code: 'M_UNKNOWN' } : undefined))
      const result = await ensureIdentity(bot)
      expect(result.type).to.equal('ready')
      expect((result as { unfinished: { what: string }[] }).unfinished.map((each) => each.what)).to.deep.equal([what])
      bot.server.heal()
      expect(await ensureIdentity(bot)).to.deep.equal(ready)
    })
  }

  it('does not take a yes for an identity that everybody can see', async () => {
    const bot = await Bot.start()
    let done = false
    bot.server.judge(({ path }) => {
      if (done && path === 'keys/query') bot.server.keys.forgetIdentity(BOT)
      done ||= path === 'keys/signatures/upload'
      return undefined
    })
    const error: unknown = await ensureIdentity(bot).catch((thrown: unknown) => thrown)
    expect(error).to.be.instanceOf(NotShown)
  })
})

describe('a homeserver that asks for the password', () => {
  withIndexedDb()

  async function asked(password: string | undefined): Promise<Bot> {
    const bot = await Bot.start()
    bot.server.alwaysAsksForPassword = true
    if (password !== undefined) bot.server.setPassword(BOT, password)
    return bot
  }

  it('gets it', async () => {
    const bot = await asked('s3cret')
    expect(await ensureIdentity(bot, 's3cret')).to.include({ type: 'made' })
    await expectWhole(bot, pendingRecoveryKey(bot.store)!.recoveryKey)
  })

  it('is answered later, with the same identity', async () => {
    const bot = await asked('s3cret')
    expect(await ensureIdentity(bot)).to.deep.equal({ type: 'needs-password', why: 'none' })
    expect(await ensureIdentity(bot, 'wrong')).to.deep.equal({ type: 'needs-password', why: 'wrong' })
    await bot.restart()
    expect(await ensureIdentity(bot, 's3cret')).to.include({ type: 'made' })
    expect(identitiesSent(bot).size).to.equal(1)
  })

  it('may want more than a password', async () => {
    const bot = await asked(undefined)
    expect(await ensureIdentity(bot, 's3cret')).to.deep.equal({
      type: 'needs-password',
      why: 'elsewhere',
      url: 'https://mas.example/reset',
    })
  })

  it('does not get it when it asks because an identity appeared in the meantime', async () => {
    const bot = await asked('s3cret')
    bot.server.alwaysAsksForPassword = false
    const theirs = await another()
    bot.server.judge(({ path }) => {
      if (path === 'keys/device_signing/upload') bot.server.keys.putIdentity(BOT, theirs)
      return undefined
    })
    expect(await ensureIdentity(bot, 's3cret')).to.deep.equal({ type: 'foreign-identity', held: true })
    expect(bot.server.keys.identityOf(BOT)).to.deep.equal(theirs)
    expect(JSON.stringify(bot.server.heard)).to.not.include('s3cret')
  })
})
