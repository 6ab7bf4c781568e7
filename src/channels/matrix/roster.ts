import { inTime } from '../../app/in-time.ts'
import { text } from '../../core/texts.ts'
import type { Duration } from '../../core/time.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Log } from '../../ports/log.ts'
import type { Identities } from './identities.ts'
import type { Admin } from './options.ts'
import { trusted } from './people.ts'
import type { Tell } from './receive.ts'
import type { RoomBook } from './room-record.ts'
import type { RoomState } from './room-state.ts'

/** Real milliseconds: the library waits a second for an answer about a user that is on its way (measured). */
const SOON: Duration = 300

/** Who is in the room, whose keys are known, and who must be told of a difference. */
export interface Roster {
  /** Whose words count and who is written to. Whose identity is asked for this moment, by what was known before. */
  readers: () => Promise<string[]>
  /** The same, by what the library knows in this very moment. */
  readersNow: () => string[]
  /** Pins whoever is new, says whose keys changed and who is in the room without being on the list. After devices or members changed. */
  look: () => Promise<void>
  /** The identity that the server shows for a user now. */
  masterKey: (user: string) => Promise<string | undefined>
}

export function createRoster(options: {
  admins: readonly Admin[]
  ownId: string
  state: RoomState
  book: RoomBook
  identities: Identities
  tell: Tell
  clock: Pick<Clock, 'now' | 'every'>
  log: Log
}): Roster {
  const { admins, ownId, state, book, identities, tell, clock, log } = options
  /** Said in this run: a name that comes and goes is not said again and again. */
  const strangersTold = new Set<string>()

  const readersNow = (): string[] => trusted(admins, state, book.now(), identities.knownMasterKey)
  const lookSoon = (user: string): Promise<unknown> =>
    inTime<unknown>(clock, SOON, identities.masterKey(user), () => undefined)

  const pinOrCompare = async ({ id }: Admin): Promise<void> => {
    if (!state.isJoined(id)) return
    const masterKey = await identities.masterKey(id)
    const pin = book.now().pins[id]
    const name = state.nameOf(id)
    if (masterKey === undefined) {
      await tell(`no-identity:${id}`, [text('room.no-identity', { name })], { once: `no-identity:${id}` })
    } else if (!pin) {
      await book.change({ type: 'pinned', user: id, masterKey, at: clock.now() })
      await tell(`pinned:${id}:${masterKey}`, [text('room.pinned', { name, user: id })])
    } else if (pin.masterKey !== masterKey) {
      log.warn('the identity of an admin changed; nothing of theirs is obeyed until another owner has confirmed it')
      await tell(`changed:${id}:${masterKey}`, [text('room.keys-changed', { name, user: id })], {
        once: `changed:${id}`,
        loud: true,
      })
    }
  }

  const strangers = async (): Promise<void> => {
    const unknown = state.joined().filter((id) => id !== ownId && !admins.some((admin) => admin.id === id))
    const fresh = unknown.filter((id) => !strangersTold.has(id))
    if (fresh.length === 0) return
    for (const id of fresh) strangersTold.add(id)
    await tell(`strangers:${fresh.join(' ')}`, [text('room.strangers', { who: fresh.slice(0, 10).join(', ') })], {
      once: `strangers:${fresh.join(' ')}`,
    })
  }

  return {
    masterKey: identities.masterKey,
    readers: async () => {
      await Promise.all(admins.filter(({ id }) => state.isJoined(id)).map(({ id }) => lookSoon(id)))
      return readersNow()
    },
    readersNow,
    look: async () => {
      for (const admin of admins) await pinOrCompare(admin)
      await strangers()
    },
  }
}
