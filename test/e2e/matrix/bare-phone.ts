// A phone without an app: keys and requests only. For what no app does, and where many are needed.
import { DeviceId, EncryptionSettings, OlmMachine, RoomId, UserId } from '@matrix-org/matrix-sdk-crypto-wasm'
import type { MatrixApi } from '../../../src/channels/matrix/api.ts'
import { requester } from '../../../src/channels/matrix/client.ts'
import { MatrixFailure } from '../../../src/channels/matrix/failure.ts'
import { perform, sendOutgoing } from '../../../src/channels/matrix/outgoing-requests.ts'
import type { Account, Synapse } from './synapse.ts'

const v3 = '/_matrix/client/v3/'

export class BarePhone {
  readonly api: MatrixApi
  readonly #account: Account
  readonly #machine: OlmMachine
  #sent = 0

  private constructor(account: Account, api: MatrixApi, machine: OlmMachine) {
    this.#account = account
    this.api = api
    this.#machine = machine
  }

  /** Signs in as a new device, with an identity made anew; one that is there already is replaced. */
  static async of(synapse: Synapse, account: Account): Promise<BarePhone> {
    const { token, deviceId } = await synapse.login(account)
    const api: MatrixApi = { userId: account.userId, deviceId, ...requester(synapse.url, token) }
    const machine = await OlmMachine.initialize(new UserId(account.userId), new DeviceId(deviceId))
    await sendOutgoing(machine, api)
    const phone = new BarePhone(account, api, machine)
    const { uploadSigningKeysRequest, uploadSignaturesRequest } = await machine.bootstrapCrossSigning(true)
    await phone.#confirmed(`${v3}keys/device_signing/upload`, JSON.parse(uploadSigningKeysRequest.body) as object)
    await perform(machine, api, uploadSignaturesRequest)
    return phone
  }

  /** With the password, if the server asks for it. */
  async #confirmed(path: string, body: object): Promise<void> {
    try {
      await this.api.request('POST', path, { body })
    } catch (error) {
      const { session } = (error instanceof MatrixFailure ? (error.body ?? {}) : {}) as { session?: string }
      if (session === undefined) throw error
      const { user, password } = this.#account
      const auth = { type: 'm.login.password', identifier: { type: 'm.id.user', user }, password, session }
      await this.api.request('POST', path, { body: { ...body, auth } })
    }
  }

  /** Gives `reader` the key of a new session. */
  async share(room: string, reader: string): Promise<void> {
    const people = (): UserId[] => [new UserId(reader)]
    await this.#machine.updateTrackedUsers(people())
    await sendOutgoing(this.#machine, this.api)
    const claim = await this.#machine.getMissingSessions(people())
    if (claim) await perform(this.#machine, this.api, claim)
    await this.#machine.invalidateGroupSession(new RoomId(room))
    for (const request of await this.#machine.shareRoomKey(new RoomId(room), people(), new EncryptionSettings()))
      await perform(this.#machine, this.api, request)
  }

  async write(room: string, reader: string, text: string): Promise<void> {
    await this.share(room, reader)
    const content = JSON.stringify({ msgtype: 'm.text', body: text })
    const encrypted: unknown = JSON.parse(
      await this.#machine.encryptRoomEvent(new RoomId(room), 'm.room.message', content),
    )
    const path = `${v3}rooms/${encodeURIComponent(room)}/send/m.room.encrypted/bare${String(++this.#sent)}`
    await this.api.request('PUT', path, { body: encrypted })
  }
}
