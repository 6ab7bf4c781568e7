import type { OlmMachine } from '@matrix-org/matrix-sdk-crypto-wasm'
import { DeviceId, UserId } from '@matrix-org/matrix-sdk-crypto-wasm'
import type { MatrixApi } from '../api.ts'
import { MatrixFailure } from '../failure.ts'
import { perform } from '../outgoing-requests.ts'
import type { Outgoing } from '../outgoing-requests.ts'

const V3 = '/_matrix/client/v3'

/** How our identity stands, here and on the server. */
export type Standing =
  /** Ours, and this device is signed by it. */
  | 'ours'
  /** Ours, but not all of it has reached the server. */
  | 'unfinished'
  /** Neither here nor there: the first run. */
  | 'none'
  /** The server shows one whose keys we do not hold. It is never overwritten. */
  | 'foreign'

/** Compares what we hold with what the server shows. */
export async function standing(machine: OlmMachine, api: MatrixApi): Promise<Standing> {
  const own = new UserId(api.userId)
  await perform(machine, api, machine.queryKeysForUsers([own]))
  const shown = await api.request<{ master_keys?: Record<string, { keys?: Record<string, string> }> }>(
    'POST',
    `${V3}/keys/query`,
    { body: { device_keys: { [api.userId]: [] } } },
  )
  const theirs = Object.values(shown.master_keys?.[api.userId]?.keys ?? {})[0]
  const { hasMaster, hasSelfSigning, hasUserSigning } = await machine.crossSigningStatus()
  const holdsAll = hasMaster && hasSelfSigning && hasUserSigning
  if (theirs === undefined) return holdsAll ? 'unfinished' : 'none'
  if (!holdsAll) return 'foreign'
  const identity = await machine.getIdentity(own)
  const ours = identity && Object.values((JSON.parse(identity.masterKey) as { keys: Record<string, string> }).keys)[0]
  if (ours !== theirs) return 'foreign'
  const device = await machine.getDevice(own, new DeviceId(api.deviceId))
  return device?.isCrossSignedByOwner() === true ? 'ours' : 'unfinished'
}

/**
 * Makes our identity, or finishes what a crash left half made. The library changes what it holds before anything is uploaded, so that
 * asking again with `fresh: false` always goes on where it was (measured).
 */
export async function bootstrap(
  machine: OlmMachine,
  api: MatrixApi,
  options: { fresh: boolean; password: string | undefined },
): Promise<void> {
  const requests = await machine.bootstrapCrossSigning(options.fresh)
  const upload = requests.uploadKeysRequest as Outgoing | undefined
  if (upload) await perform(machine, api, upload)
  const body = JSON.parse(requests.uploadSigningKeysRequest.body) as Record<string, unknown>
  await withPassword(api, options.password, (auth) =>
    api.request('POST', `${V3}/keys/device_signing/upload`, { body: { ...body, ...(auth && { auth }) } }),
  )
  await perform(machine, api, requests.uploadSignaturesRequest)
  // Only the server's answer tells the machine that its device is signed.
  await perform(machine, api, machine.queryKeysForUsers([new UserId(api.userId)]))
}

/** Some servers want the password again before keys are replaced ("user-interactive authentication"). */
async function withPassword(
  api: MatrixApi,
  password: string | undefined,
  ask: (auth?: object) => Promise<unknown>,
): Promise<void> {
  try {
    await ask()
  } catch (error) {
    if (!(error instanceof MatrixFailure) || error.status !== 401 || password === undefined) throw error
    const { session, flows } = (error.body ?? {}) as { session?: string; flows?: { stages?: string[] }[] }
    if (flows?.some(({ stages }) => stages?.length === 1 && stages[0] === 'm.login.password') !== true) throw error
    await ask({
      type: 'm.login.password',
      identifier: { type: 'm.id.user', user: api.userId },
      password,
      ...(session !== undefined && { session }),
    })
  }
}
