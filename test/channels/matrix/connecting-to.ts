// What every kernel of these tests is told of the room.
import type { MatrixRoomOptions } from '../../../src/channels/matrix/channel.ts'
import type { Documents } from '../../../src/ports/store.ts'
import { silent } from '../../support/memory-ports.ts'
import { ASHA, BOT, ROOM } from './room-of.ts'

/** Keys for words. */
export const texts = { render: (body: readonly { key: string }[]): string => body.map(({ key }) => key).join('\n') }

export const connectingTo = (
  url: string,
  documents: Documents,
): Pick<
  MatrixRoomOptions,
  | 'settings'
  | 'documents'
  | 'showRecoveryKey'
  | 'roomName'
  | 'tell'
  | 'fetchMedia'
  | 'texts'
  | 'language'
  | keyof typeof silent
> => ({
  ...silent,
  settings: { homeserver: url, user: BOT, password: 'secret', room: ROOM, admins: [{ id: ASHA, role: 'owner' }] },
  documents,
  showRecoveryKey: () => undefined,
  roomName: 'imok',
  tell: async () => undefined,
  fetchMedia: () => Promise.reject(new Error('no media')),
  texts,
  language: 'en',
})
