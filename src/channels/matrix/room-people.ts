import type { Person } from '../../core/address.ts'
import type { Followed, RoomCheck, RoomPeople } from '../../ports/channel.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Admin } from './options.ts'
import { personOf } from './people.ts'
import { Refused } from './refused.ts'
import type { RoomBook } from './room-record.ts'
import type { RoomState, StateEvent } from './room-state.ts'
import { createRoomState } from './room-state.ts'
import type { Roster } from './roster.ts'

const MEGOLM = 'm.megolm.v1.aes-sha2'

/** Whose keys count, as the admins' orders change it. */
export function createRoomPeople(options: {
  admins: readonly Admin[]
  ownId: string
  state: RoomState
  book: RoomBook
  roster: Roster
  /** Asks the server for somebody's keys anew. */
  refresh: (user: string) => Promise<void>
  /** Whoever is not to read any more must not have the key of what is said next. */
  forgetKey: () => Promise<void>
  /** Shares the room's key with all who may have it now. */
  shareAhead: () => Promise<void>
  /** Joins a room and tells its state. Throws `Refused` if it does not let us in. */
  enter: (roomId: string) => Promise<StateEvent[]>
  clock: Pick<Clock, 'now'>
}): RoomPeople {
  const { admins, ownId, state, book, roster, refresh, forgetKey, shareAhead, enter, clock } = options

  const changed = async (): Promise<'done'> => {
    await forgetKey()
    // What follows is done again with the next change of devices or members; it keeps nobody waiting for the answer.
    await shareAhead().catch(() => undefined)
    return 'done'
  }

  const follow = async (): Promise<Followed> => {
    const where = state.replacement()
    if (where === undefined) return { outcome: 'not-replaced', where: '' }
    let found: StateEvent[]
    try {
      found = await enter(where)
    } catch (error) {
      if (error instanceof Refused) return { outcome: 'not-invited', where }
      throw error
    }
    const next = createRoomState()
    next.apply(found)
    if (next.algorithm() !== MEGOLM) return { outcome: 'not-encrypted', where }
    await book.change({ type: 'followed', roomId: where })
    state.clear()
    state.apply(found)
    await shareAhead()
    return { outcome: 'done', where }
  }

  const checks = async (): Promise<RoomCheck[]> => {
    const readers = await roster.readers()
    const strangers = state.joined().filter((id) => id !== ownId && !admins.some((admin) => admin.id === id))
    const unread = admins.filter(({ id }) => !readers.includes(id)).map(({ id }) => id)
    return [
      { of: 'encryption', ok: state.algorithm() === MEGOLM },
      { of: 'history', ok: state.historyVisibility() === 'joined' },
      { of: 'power', ok: state.powerOf(ownId) >= state.powerFor('m.room.pinned_events') },
      { of: 'strangers', ok: strangers.length === 0, who: strangers },
      { of: 'readers', ok: unread.length === 0, who: unread },
    ]
  }

  return {
    find: (who) => found(who, admins, state),
    repin: async (id, by) => {
      await refresh(id)
      const masterKey = await roster.masterKey(id)
      if (masterKey === undefined) return 'no-keys'
      if (book.now().pins[id]?.masterKey === masterKey) return 'unchanged'
      await book.change({ type: 'pinned', user: id, masterKey, at: clock.now(), by: by.id })
      return changed()
    },
    lock: async (id, by) => {
      if (book.now().locked[id]) return 'unchanged'
      await book.change({ type: 'locked', user: id, at: clock.now(), by: by.id })
      return changed()
    },
    unlock: async (id) => {
      if (!book.now().locked[id]) return 'unchanged'
      await book.change({ type: 'unlocked', user: id })
      return changed()
    },
    follow,
    checks,
  }
}

/** By the whole id, by the part before the colon, or by the name that people are shown. */
function found(who: string, admins: readonly Admin[], state: RoomState): Person[] {
  const wanted = who.toLowerCase()
  const people = admins.map((admin) => personOf(admin, admins, state))
  const exact = people.filter(({ id }) => id.toLowerCase() === wanted)
  if (exact.length > 0) return exact
  const bare = wanted.replace(/^@/, '')
  return people.filter(
    ({ id, name }) => /^@([^:]+)/.exec(id.toLowerCase())?.[1] === bare || name.toLowerCase() === bare,
  )
}
