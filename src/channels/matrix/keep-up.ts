import type { OlmMachine } from '@matrix-org/matrix-sdk-crypto-wasm'
import { UserId } from '@matrix-org/matrix-sdk-crypto-wasm'
import { codeOf } from '../../app/due-loop.ts'
import { inTime } from '../../app/in-time.ts'
import type { Duration } from '../../core/time.ts'
import { HOUR, SECOND } from '../../core/time.ts'
import type { RoomMessage } from '../../ports/channel.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Log } from '../../ports/log.ts'
import { endsAlert } from './content.ts'
import type { Keys } from './keys.ts'
import type { Admin } from './options.ts'
import { oneRunEach } from './one-run.ts'
import type { RoomState } from './room-state.ts'
import type { Roster } from './roster.ts'

/** Real milliseconds that a round of reading waits for other people's servers; what takes longer goes on behind it. */
const PATIENCE: Duration = 3 * SECOND

/** Real milliseconds after which an alert that somebody could not read is not said again for them: the ladder has gone on. */
const WORTH_READING: Duration = HOUR

/** What follows from other people's devices: pins, warnings, the room's key for all who may have it, what somebody missed. */
export interface KeepUp {
  /** After devices or members changed. Never rejects: what fails is tried again when `isBehind` is asked about. */
  people: () => Promise<void>
  /** Asks whose devices are whose, and nothing else: for a kernel that stands by. Never rejects. */
  follow: () => Promise<void>
  /** Asks for somebody's devices anew. */
  refresh: (user: string) => Promise<void>
  /** Performs what the machine wants to ask or tell the server. */
  pump: () => Promise<void>
  /** A message has just gone out, and these could not read it. */
  said: (message: RoomMessage, late: readonly string[]) => void
  /** Something is left to do for somebody. */
  isBehind: () => boolean
}

export function createKeepUp(options: {
  machine: OlmMachine
  admins: readonly Admin[]
  ownId: string
  state: RoomState
  roster: Roster
  keys: Keys
  roomId: () => string | undefined
  say: (message: RoomMessage) => Promise<unknown>
  pump: () => Promise<void>
  clock: Pick<Clock, 'every'>
  log: Log
}): KeepUp {
  const { machine, admins, ownId, state, roster, keys, roomId, say, pump, clock, log } = options
  let missed: { user: string; message: RoomMessage; since: number }[] = []
  let hasFailed = false
  const soon = (job: Promise<void>): Promise<void> => inTime(clock, PATIENCE, job, () => undefined)

  const track = async (): Promise<void> => {
    await machine.updateTrackedUsers(
      [...admins.map((admin) => admin.id), ownId]
        .filter((user) => state.isJoined(user) || user === ownId)
        .map((user) => new UserId(user)),
    )
    await pump()
  }

  const all = async (): Promise<void> => {
    const id = roomId()
    if (id === undefined) return
    hasFailed = false
    await track()
    await roster.look()
    const readers = await roster.readers()
    const late = readers.length > 0 ? await keys.shareAhead(id, [...readers, ownId]) : []
    missed = missed.filter(({ since }) => performance.now() - since < WORTH_READING)
    for (let it = nextFor(readers, late); it; it = nextFor(readers, late)) {
      const { message, user } = it
      await say({ ...message, id: `${message.id}.again:${user}` })
      missed = missed.filter((other) => other.message.id !== message.id || !canRead(other.user, readers, late))
    }
  }
  const canRead = (user: string, readers: string[], late: string[]): boolean =>
    readers.includes(user) && !late.includes(user)
  const nextFor = (readers: string[], late: string[]): (typeof missed)[number] | undefined =>
    missed.find(({ user }) => canRead(user, readers, late))
  const run = oneRunEach(all)

  return {
    people: () =>
      soon(
        run(state).catch((error: unknown) => {
          hasFailed = true
          log.warn('the keys could not be shared ahead; it is tried again', { code: codeOf(error) })
        }),
      ),
    follow: () => soon(track().catch(() => undefined)),
    refresh: async (user) => {
      await machine.markAllTrackedUsersAsDirty()
      await machine.updateTrackedUsers([new UserId(user)])
      await soon(pump())
    },
    pump: () => soon(pump()),
    said: (message, late) => {
      // What was taken or is over is not said once more as if it were new.
      const { incident, purpose } = message
      if (incident !== undefined && endsAlert.has(purpose))
        missed = missed.filter((it) => it.message.incident !== incident)
      if (message.urgency !== 'alert' || message.id.includes('.again:')) return
      const since = performance.now()
      missed.push(...late.map((user) => ({ user, message, since })))
    },
    isBehind: () => hasFailed || keys.isBehind() || missed.length > 0,
  }
}
