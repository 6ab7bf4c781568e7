import type { MatrixSettings } from '../channels/matrix/options.ts'
import type { Config } from '../config/config.ts'

/** The Matrix account as the room's adapter wants it; undefined if there is none. */
export function matrixSettings({ matrix }: Config): MatrixSettings | undefined {
  if (!matrix) return undefined
  const { homeserver, user, password, accessToken, room, admins } = matrix
  return {
    homeserver,
    user,
    admins,
    ...(password && { password: password.reveal() }),
    ...(accessToken && { accessToken: accessToken.reveal() }),
    ...(room !== undefined && { room }),
  }
}
