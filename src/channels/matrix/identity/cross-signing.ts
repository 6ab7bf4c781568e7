import type { OlmMachine } from '@matrix-org/matrix-sdk-crypto-wasm'
import type { MatrixApi } from '../api.ts'
import { MatrixFailure } from '../failure.ts'
import { perform } from '../outgoing-requests.ts'
import { heldKeys } from './held-keys.ts'
import type { HeldKeys } from './held-keys.ts'
import { askOwnKeys } from './own-keys.ts'

export type Published =
  | { type: 'published' }
  /** Somebody else published an identity in the meantime. */
  | { type: 'foreign-identity' }
  | NeedsPassword

/** The server wants to know that it is really us, and we could not tell it. */
export interface NeedsPassword {
  type: 'needs-password'
  /** `none`: we have no password. `wrong`: the server refused it. `elsewhere`: a password is not enough here, a person must confirm in a browser. */
  why: 'none' | 'wrong' | 'elsewhere'
  /** Where that can be done, if the server said so. */
  url?: string
}

/** The identity that this machine holds; a new one if it holds none. Only for an account without an identity. Nothing is sent. */
export async function makeIdentity(machine: OlmMachine): Promise<HeldKeys> {
  const held = await heldKeys(machine)
  if (held) return held
  await machine.bootstrapCrossSigning(true)
  const made = await heldKeys(machine)
  if (!made) throw new Error('the machine made no identity')
  return made
}

/**
 * Publishes the identity that this machine holds, and its signature on this device. Only for an account that shows none; may be
 * repeated after any failure. Throws `MatrixFailure` or `SignaturesRefused`.
 */
export async function publishIdentity(
  machine: OlmMachine,
  api: MatrixApi,
  password: string | undefined,
): Promise<Published> {
  // Without keys `bootstrapCrossSigning(false)` would make an identity instead of repeating one.
  if (!(await heldKeys(machine))) throw new Error('there is no identity to publish')
  const requests = await machine.bootstrapCrossSigning(false)
  const body = JSON.parse(requests.uploadSigningKeysRequest.body) as Record<string, unknown>
  const uploaded = await uploadSigningKeys(machine, api, body, password)
  if (uploaded.type === 'published') await perform(machine, api, requests.uploadSignaturesRequest)
  return uploaded
}

async function uploadSigningKeys(
  machine: OlmMachine,
  api: MatrixApi,
  body: Record<string, unknown>,
  password: string | undefined,
): Promise<Published> {
  const wanted = await upload(api, body)
  if (!wanted) return { type: 'published' }
  // Older servers ask always, others only where an identity would be replaced: one may have appeared since we looked.
  const { identity } = await askOwnKeys(machine, api)
  if (identity === 'foreign') return { type: 'foreign-identity' }
  if (!wanted.flows.some(({ stages }) => stages.length === 1 && stages[0] === 'm.login.password')) {
    const url = pageOf(wanted)
    return { type: 'needs-password', why: 'elsewhere', ...(url === undefined ? {} : { url }) }
  }
  if (password === undefined) return { type: 'needs-password', why: 'none' }
  const auth = {
    type: 'm.login.password',
    identifier: { type: 'm.id.user', user: api.userId },
    password,
    session: wanted.session,
  }
  return (await upload(api, { ...body, auth })) ? { type: 'needs-password', why: 'wrong' } : { type: 'published' }
}

/** What a server answers that wants to know who asks (user-interactive authentication). */
interface Wanted {
  session?: string
  flows: { stages: string[] }[]
  params?: Record<string, { url?: string }>
}

/** What else the server wants before it does it; undefined when it did it. */
async function upload(api: MatrixApi, body: Record<string, unknown>): Promise<Wanted | undefined> {
  try {
    await api.request('POST', '/_matrix/client/v3/keys/device_signing/upload', { body })
    return undefined
  } catch (error) {
    if (error instanceof MatrixFailure && error.status === 401 && isWanted(error.body)) return error.body
    throw error
  }
}

const isWanted = (body: unknown): body is Wanted =>
  typeof body === 'object' && body !== null && 'flows' in body && Array.isArray(body.flows)

const pageOf = ({ params }: Wanted): string | undefined =>
  Object.values(params ?? {}).find(({ url }) => url !== undefined)?.url
