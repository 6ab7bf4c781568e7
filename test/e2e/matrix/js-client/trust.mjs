// Identities, devices and who signed them.
import { crypto, UserId } from './sdk.mjs'

export const trustCommands = (client, authenticate, secret) => {
  const api = client.getCrypto()
  /** The devices of a user, after a /keys/query of this moment: the SDK asks again only when a sync says that something changed. */
  const refreshed = async (userId) => {
    await api.outgoingRequestProcessor.makeOutgoingRequest(api.olmMachine.queryKeysForUsers([new UserId(userId)]))
    return (await api.getUserDeviceInfo([userId], true)).get(userId)
  }
  /** The machine below the SDK: verifying a user without an emoji dialogue, and public keys, are not in its interface. */
  const identityOf = (userId) => api.olmMachine.getIdentity(new UserId(userId))
  return {
    /** Puts our cross-signing keys into 4S; answers the recovery key. */
    createRecoveryKey: async () => {
      const created = await api.createRecoveryKeyFromPassphrase()
      secret.key = created.privateKey
      await api.bootstrapSecretStorage({ createSecretStorageKey: async () => created, setupNewSecretStorage: true })
      return created.encodedPrivateKey
    },
    /** New cross-signing keys, as after "reset identity". */
    resetIdentity: () =>
      api.bootstrapCrossSigning({ setupNewCrossSigning: true, authUploadDeviceSigningKeys: authenticate }),
    /** Signs another device of ours, as after an emoji dialogue between the two. */
    crossSign: async ({ deviceId }) => {
      await refreshed(client.getUserId())
      await api.crossSignDevice(deviceId)
    },
    devices: async ({ userId }) => {
      const devices = await refreshed(userId)
      return Promise.all(
        [...(devices?.keys() ?? [])].map(async (deviceId) => {
          const status = await api.getDeviceVerificationStatus(userId, deviceId)
          return { deviceId, signedByOwner: status?.signedByOwner ?? false, verified: status?.isVerified() ?? false }
        }),
      )
    },
    identity: async ({ userId }) => {
      await refreshed(userId)
      const status = await api.getUserVerificationStatus(userId)
      const identity = await identityOf(userId)
      return {
        masterKey: identity && Object.values(JSON.parse(identity.masterKey).keys)[0],
        known: status.known,
        verified: status.isCrossSigningVerified(),
        needsApproval: status.needsUserApproval,
      }
    },
    verifyUser: async ({ userId }) => {
      await refreshed(userId)
      const request = await (await identityOf(userId)).verify()
      await api.outgoingRequestProcessor.makeOutgoingRequest(request)
      await refreshed(userId)
    },
    withdrawVerification: ({ userId }) => api.withdrawVerificationRequirement(userId),
    excludeInsecureDevices: ({ on }) =>
      api.setDeviceIsolationMode(
        on ? new crypto.OnlySignedDevicesIsolationMode() : new crypto.AllDevicesIsolationMode(true),
      ),
  }
}
