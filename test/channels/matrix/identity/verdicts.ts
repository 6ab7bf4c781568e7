// What must be true, seen from the server, of a bot whose identity is whole.
import { BackupDecryptionKey, DeviceId, OlmMachine, UserId } from '@matrix-org/matrix-sdk-crypto-wasm'
import { expect } from 'chai'
import { heldKeys } from '../../../../src/channels/matrix/identity/held-keys.ts'
import { decodeRecoveryKey } from '../../../../src/channels/matrix/identity/recovery-key.ts'
import { decryptSecret } from '../../../../src/channels/matrix/identity/secret-storage.ts'
import type { EncryptedSecret } from '../../../../src/channels/matrix/identity/secret-storage.ts'
import { sendOutgoing } from '../../../../src/channels/matrix/outgoing-requests.ts'
import { BOT } from './bot.ts'
import type { Bot } from './bot.ts'

/** Others see the identity that the bot holds and its signed device; the recovery key opens all that a new device needs. */
export async function expectWhole(bot: Bot, recoveryKey: string): Promise<void> {
  const held = await heldKeys(bot.machine)
  await expectSeen(bot, held?.publicMaster)
  expect(secret(bot, recoveryKey, 'm.cross_signing.master')).to.equal(held?.master)
  expect(secret(bot, recoveryKey, 'm.cross_signing.self_signing')).to.equal(held?.selfSigning)
  expect(secret(bot, recoveryKey, 'm.cross_signing.user_signing')).to.equal(held?.userSigning)
  const key = BackupDecryptionKey.fromBase64(secret(bot, recoveryKey, 'm.megolm_backup.v1'))
  const newest = bot.server.backups.versions(BOT).at(-1)
  expect((newest?.auth_data as { public_key: string }).public_key).to.equal(key.megolmV1PublicKey.publicKeyBase64)
  expect((await bot.machine.verifyBackup(newest)).trusted()).to.be.true
  expect(await bot.machine.isBackupEnabled()).to.be.true
  expect((await bot.machine.getBackupKeys()).backupVersion).to.equal(newest?.version)
}

let witnesses = 0

/** As the machine of somebody else finds it, who has never heard of the bot. */
async function expectSeen(bot: Bot, master: string | undefined): Promise<void> {
  const ben = '@ben:example.org'
  witnesses += 1
  const device = `WITNESS${witnesses}`
  const phone = await OlmMachine.initialize(new UserId(ben), new DeviceId(device))
  await phone.updateTrackedUsers([new UserId(BOT)])
  expect(await sendOutgoing(phone, bot.server.api(ben, device))).to.deep.equal([])
  const identity = await phone.getIdentity(new UserId(BOT))
  expect(Object.values((JSON.parse(identity!.masterKey) as { keys: object }).keys)).to.deep.equal([master])
  const seen = await phone.getDevice(new UserId(BOT), new DeviceId(bot.api.deviceId))
  expect(seen?.ed25519Key?.toBase64()).to.equal(bot.machine.identityKeys.ed25519.toBase64())
  expect(seen?.isCrossSignedByOwner()).to.be.true
}

/** As a new device would read it. */
function secret(bot: Bot, recoveryKey: string, name: string): string {
  const id = (bot.server.accountData(BOT, 'm.secret_storage.default_key') as { key: string }).key
  const { encrypted } = bot.server.accountData(BOT, name) as { encrypted: Record<string, EncryptedSecret> }
  return decryptSecret(decodeRecoveryKey(recoveryKey), name, encrypted[id]!)
}

/** Every identity that was ever sent to the server, by its public master key. */
export const identitiesSent = (bot: Bot): Set<string> =>
  new Set(
    bot.server.heard
      .filter(({ path }) => path === 'keys/device_signing/upload')
      .map(({ body }) => Object.values((body.master_key as { keys: Record<string, string> }).keys)[0]!),
  )
