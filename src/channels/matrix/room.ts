import type { MatrixApi } from './api.ts'
import { MatrixFailure } from './failure.ts'
import type { Admin } from './options.ts'
import { Refused } from './refused.ts'
import type { StateEvent } from './room-state.ts'
import { eventsIn } from './wire-events.ts'

/** `#alarm:example.org` or an id: its id. */
export async function resolveRoom(api: MatrixApi, given: string): Promise<string> {
  if (!given.startsWith('#')) return given
  const { room_id: id } = await api.request<{ room_id: string }>(
    'GET',
    `/_matrix/client/v3/directory/room/${encodeURIComponent(given)}`,
  )
  return id
}

/**
 * A room of our own: encrypted from its first event, nothing of it shown to those who come later, every admin able to do anything in it.
 * A crash between the server's answer and our record leaves a room that nobody uses, with its invitations.
 */
export async function createRoom(api: MatrixApi, admins: readonly Admin[], name: string): Promise<string> {
  const { capabilities } = await api.request<{
    capabilities?: { 'm.room_versions'?: { default?: string } }
  }>('GET', '/_matrix/client/v3/capabilities')
  const version = Number(capabilities?.['m.room_versions']?.default ?? 1)
  const users = Object.fromEntries(admins.map(({ id }) => [id, 100]))
  const state: StateEvent[] = [
    { type: 'm.room.encryption', state_key: '', content: { algorithm: 'm.megolm.v1.aes-sha2' } },
    { type: 'm.room.history_visibility', state_key: '', content: { history_visibility: 'joined' } },
    { type: 'm.room.guest_access', state_key: '', content: { guest_access: 'forbidden' } },
  ]
  const { room_id: id } = await api.request<{ room_id: string }>('POST', '/_matrix/client/v3/createRoom', {
    body: {
      preset: 'private_chat',
      visibility: 'private',
      name,
      initial_state: state,
      // Since version 12 the maker has endless power and may not be listed (measured); before, whoever is not listed has none.
      power_level_content_override: { users: version >= 12 ? users : { ...users, [api.userId]: 100 } },
      invite: admins.map((admin) => admin.id),
    },
    within: 30_000,
  })
  return id
}

/** Accepts the invitation into a configured room, if there is one; it is enough to try. */
export async function joinRoom(api: MatrixApi, id: string): Promise<string> {
  try {
    const { room_id: joined } = await api.request<{ room_id: string }>(
      'POST',
      `/_matrix/client/v3/rooms/${encodeURIComponent(id)}/join`,
      { body: {} },
    )
    return joined
  } catch (error) {
    if (error instanceof MatrixFailure && error.kind === 'answered' && error.status !== 429)
      throw new Refused(
        'matrix-not-invited',
        `imok (${api.userId}) is not in the Matrix room ${id}, and cannot join it (${error.code}). Invite ${api.userId} to it, or leave IMOK_MATRIX_ROOM empty: then imok makes a room.`,
      )
    throw error
  }
}

export const fullState = (api: MatrixApi, id: string): Promise<StateEvent[]> =>
  api.request('GET', `/_matrix/client/v3/rooms/${encodeURIComponent(id)}/state`).then(eventsIn)

export async function invite(api: MatrixApi, room: string, user: string): Promise<void> {
  await api.request('POST', `/_matrix/client/v3/rooms/${encodeURIComponent(room)}/invite`, { body: { user_id: user } })
}

export async function setState(api: MatrixApi, room: string, type: string, content: object): Promise<void> {
  await api.request('PUT', `/_matrix/client/v3/rooms/${encodeURIComponent(room)}/state/${type}/`, { body: content })
}

/** A state event that makes one message the pinned one. */
export const pinned = (event: string): object => ({ pinned: [event] })
