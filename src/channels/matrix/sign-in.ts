import type { Duration } from '../../core/time.ts'
import { SECOND } from '../../core/time.ts'
import type { MatrixApi } from './api.ts'
import type { Requester } from './client.ts'
import { requester } from './client.ts'
import { isAnswer, MatrixFailure } from './failure.ts'
import type { MatrixSettings } from './options.ts'
import { Refused } from './refused.ts'
import type { SmallValues } from './small-values.ts'

/** Who we are on the homeserver. It never changes for a crypto store: keys belong to a device. */
export interface Account {
  userId: string
  deviceId: string
}

const USER = 'account:user'
const DEVICE = 'account:device'
const TOKEN = 'account:token'
const LOGIN_WITHIN: Duration = 15 * SECOND

/** The account that this crypto store belongs to, from an earlier sign-in. */
export function knownAccount(values: SmallValues): Account | undefined {
  const [userId, deviceId] = [values.get(USER), values.get(DEVICE)]
  return userId !== undefined && deviceId !== undefined ? { userId, deviceId } : undefined
}

/** Throws `Refused` if the settings name another account than the one whose keys are here. */
export function sameAccount({ user }: MatrixSettings, known: Account): Account {
  const isSame =
    user.startsWith('@') && user.includes(':') ? user === known.userId : localPart(user) === localPart(known.userId)
  if (isSame) return known
  throw new Refused(
    'other-user',
    `IMOK_MATRIX_USER is ${user}, but the keys in the data folder belong to ${known.userId}. Set IMOK_MATRIX_USER to ${known.userId}. To change to another account for good, stop imok, move the folder "matrix" out of the data folder, and start it: the admins must invite the new account, or imok makes a new room.`,
  )
}

const localPart = (user: string): string => user.replace(/^@/, '').replace(/:.*$/, '')

/**
 * Signs in: with the token of last time, else with the password and the device id of last time (it keeps keys, signatures and transaction
 * ids; measured), else as a new device. Throws `Refused` for what only the operator can mend, `MatrixFailure` for the rest.
 */
export async function signIn(settings: MatrixSettings, values: SmallValues): Promise<Account> {
  const known = knownAccount(values)
  const token = values.get(TOKEN) ?? settings.accessToken
  if (token !== undefined) {
    try {
      return await withToken(settings, values, token, known)
    } catch (error) {
      if (!isAnswer(error, 'M_UNKNOWN_TOKEN') || settings.password === undefined) throw tokenRefused(error)
    }
  }
  return withPassword(settings, values, known)
}

async function withToken(
  settings: MatrixSettings,
  values: SmallValues,
  token: string,
  known: Account | undefined,
): Promise<Account> {
  const { user_id: userId, device_id: deviceId } = await requester(settings.homeserver, token).request<{
    user_id: string
    device_id?: string
  }>('GET', '/_matrix/client/v3/account/whoami')
  if (deviceId === undefined)
    throw new Refused(
      'no-device',
      'The Matrix access token belongs to no device. Set a password instead, and remove the token.',
    )
  if (known && (known.userId !== userId || known.deviceId !== deviceId))
    throw new Refused(
      'other-device',
      `The Matrix access token belongs to ${userId}, device ${deviceId}; the keys in the data folder belong to ${known.userId}, device ${known.deviceId}. Set the password of ${known.userId} instead of the token.`,
    )
  remember(values, { userId, deviceId }, token)
  return { userId, deviceId }
}

async function withPassword(
  settings: MatrixSettings,
  values: SmallValues,
  known: Account | undefined,
): Promise<Account> {
  const { password, user, homeserver } = settings
  if (password === undefined)
    throw new Refused('no-password', 'Matrix needs IMOK_MATRIX_PASSWORD: the access token is not accepted any more.')
  const {
    user_id: userId,
    device_id: deviceId,
    access_token: token,
  } = await requester(homeserver, '')
    .request<{ user_id: string; device_id: string; access_token: string }>('POST', '/_matrix/client/v3/login', {
      body: {
        type: 'm.login.password',
        identifier: { type: 'm.id.user', user: known?.userId ?? user },
        password,
        ...(known && { device_id: known.deviceId }),
        initial_device_display_name: 'imok',
      },
      within: LOGIN_WITHIN,
    })
    .catch((error: unknown) => {
      if (isAnswer(error, 'M_FORBIDDEN') || isAnswer(error, 'M_USER_DEACTIVATED'))
        throw new Refused(
          'bad-password',
          `The homeserver does not accept the password of ${user}. Check IMOK_MATRIX_USER and IMOK_MATRIX_PASSWORD.`,
        )
      throw error
    })
  if (known && (userId !== known.userId || deviceId !== known.deviceId))
    throw new Refused(
      'other-device',
      `The homeserver signed us in as ${userId}, device ${deviceId}, but the keys in the data folder belong to ${known.userId}, device ${known.deviceId}.`,
    )
  remember(values, { userId, deviceId }, token)
  return { userId, deviceId }
}

function remember(values: SmallValues, account: Account, token: string): void {
  if (values.get(TOKEN) === token && values.get(DEVICE) === account.deviceId) return
  values.set({ [USER]: account.userId, [DEVICE]: account.deviceId, [TOKEN]: token })
}

const tokenRefused = (error: unknown): unknown =>
  isAnswer(error, 'M_UNKNOWN_TOKEN')
    ? new Refused(
        'token-dead',
        'The Matrix access token is not accepted any more. Set IMOK_MATRIX_PASSWORD: with a password imok signs in by itself.',
      )
    : error

/**
 * The API as the signed-in account. A token that dies is renewed by signing in again, once for all requests that meet it; they are then
 * repeated.
 */
export function signedIn(options: {
  settings: MatrixSettings
  values: SmallValues
  account: Account
  /** Resolves when what a request to this path may tell is on the disk; throws `MatrixFailure` if it must not be told. */
  before: (path: string) => Promise<void>
  /** It was refused: nothing goes in or out until somebody acts. */
  onRefused: (error: unknown) => void
  /** It was renewed: what the server knows of the device should be looked at. */
  onRenewed?: () => void
}): MatrixApi {
  const { settings, values, account, before, onRefused, onRenewed } = options
  let current = { token: '', with: requester(settings.homeserver, '') }
  let renewing: Promise<unknown> | undefined

  const present = (): Requester => {
    const token = values.get(TOKEN) ?? ''
    if (current.token !== token) current = { token, with: requester(settings.homeserver, token) }
    return current.with
  }

  const renew = (): Promise<unknown> =>
    (renewing ??= signIn(settings, values)
      .then(() => onRenewed?.())
      .catch((error: unknown) => {
        if (error instanceof Refused) onRefused(error)
        throw error
      })
      .finally(() => (renewing = undefined)))

  return {
    ...account,
    async request(method, path, ask) {
      await before(path)
      const used = present()
      try {
        return await used.request(method, path, ask)
      } catch (error) {
        if (!isAnswer(error, 'M_UNKNOWN_TOKEN')) throw error
        if (present() === used)
          await renew().catch((refusal: unknown) => {
            throw refusal instanceof Refused ? new MatrixFailure('answered', 401, 'M_UNKNOWN_TOKEN') : refusal
          })
        return present().request(method, path, ask)
      }
    },
  }
}
