import type { Keeper } from '../../app/keeper.ts'
import { createKeeper } from '../../app/keeper.ts'
import type { Instant } from '../../core/time.ts'
import type { Documents } from '../../ports/store.ts'

/** An admin's identity as we know it: only what is signed by this key is theirs. */
export interface Pin {
  /** Their master key's public part (ed25519, unpadded base64). */
  masterKey: string
  at: Instant
  /** Nobody vouched for it: it was the first one that we saw. Else the owner who did. */
  by?: string
}

/** What must be known of the room whatever the homeserver says. Kept with the other documents, and in their backup. */
export interface RoomRecord {
  id: string
  version: number
  /** The room that the bot made or joined. */
  roomId?: string
  /** What stood in the settings when we came here. As long as it does, an address that leads elsewhere meanwhile leads nobody away. */
  setting?: string
  /** By user id. */
  pins: Record<string, Pin>
  /** Admins whose device is lost: nothing is sent to them, nothing of theirs is obeyed. */
  locked: Record<string, { at: Instant; by: string }>
  /** The message that is edited in place. */
  boardEvent?: string
  /** Polls that are open, by incident. */
  polls: Record<string, string>
  /** Polls with nothing left to vote on, that have not been ended yet. */
  over?: string[]
}

export type RoomEvent =
  | { type: 'joined'; roomId: string; setting?: string }
  | { type: 'followed'; roomId: string }
  | { type: 'pinned'; user: string; masterKey: string; at: Instant; by?: string }
  | { type: 'locked'; user: string; at: Instant; by: string }
  | { type: 'unlocked'; user: string }
  | { type: 'board-shown'; event: string }
  | { type: 'poll-opened'; incident: string; event: string }
  /** Nothing is left to vote on. */
  | { type: 'poll-over'; incident: string }
  | { type: 'poll-ended'; event: string }

export const ROOM = 'room'

/** An open poll costs a line; more than these are of incidents that ended unseen. */
const POLLS_KEPT = 200

export function change(record: RoomRecord, event: RoomEvent): RoomRecord {
  switch (event.type) {
    case 'joined':
    case 'followed': {
      const { roomId } = event
      const came = event.type === 'joined' && event.setting !== undefined ? { setting: event.setting } : {}
      if (record.roomId === roomId) return { ...record, ...came }
      const { boardEvent: _board, ...kept } = record
      return { ...kept, ...came, roomId, polls: {}, over: [] }
    }
    case 'pinned': {
      const { user, masterKey, at, by } = event
      return { ...record, pins: { ...record.pins, [user]: { masterKey, at, ...(by !== undefined && { by }) } } }
    }
    case 'locked':
      return { ...record, locked: { ...record.locked, [event.user]: { at: event.at, by: event.by } } }
    case 'unlocked': {
      const { [event.user]: _gone, ...locked } = record.locked
      return { ...record, locked }
    }
    case 'board-shown':
      return { ...record, boardEvent: event.event }
    case 'poll-opened': {
      // Its alert was sent twice, and the poll is the same one: open, or to be ended.
      if (record.polls[event.incident] === event.event || record.over?.includes(event.event)) return record
      const { polls: others, ...rest } = pollOver(record, event.incident)
      const polls = { ...others, [event.incident]: event.event }
      return { ...rest, polls: Object.fromEntries(Object.entries(polls).slice(-POLLS_KEPT)) }
    }
    case 'poll-over':
      return pollOver(record, event.incident)
    case 'poll-ended':
      return { ...record, over: (record.over ?? []).filter((poll) => poll !== event.event) }
    default:
      return event satisfies never
  }
}

/** The poll of this incident, if there is one, is still to be ended in the room. */
function pollOver(record: RoomRecord, incident: string): RoomRecord {
  const { [incident]: gone, ...polls } = record.polls
  return gone === undefined ? record : { ...record, polls, over: [...(record.over ?? []), gone].slice(-POLLS_KEPT) }
}

/** The room's own record, read once and kept in memory; every change is durable when it resolves. */
export interface RoomBook {
  now: () => RoomRecord
  /** Another kernel may have changed it. Throws `StoreError`. */
  reload: () => Promise<void>
  change: (event: RoomEvent) => Promise<void>
}

export async function openRoomBook(documents: Documents): Promise<RoomBook> {
  const create = (id: string): RoomRecord => ({ id, version: 0, pins: {}, locked: {}, polls: {} })
  const keeper: Keeper<RoomRecord, RoomEvent> = createKeeper<RoomRecord, RoomEvent>(
    { kind: 'room', schema: 1, transition: change, wakeAt: () => undefined, create },
    documents,
    (state) => (record = state),
  )
  let record = (await keeper.read(ROOM)) ?? create(ROOM)
  return {
    now: () => record,
    reload: async () => {
      const document = await documents.read(ROOM)
      if (document && document.version > record.version) record = document.body as RoomRecord
    },
    change: async (event) => {
      await keeper.apply(ROOM, event)
    },
  }
}
