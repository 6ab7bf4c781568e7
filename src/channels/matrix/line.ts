import type { OlmMachine } from '@matrix-org/matrix-sdk-crypto-wasm'
import { RoomId } from '@matrix-org/matrix-sdk-crypto-wasm'
import type { Duration } from '../../core/time.ts'
import type { Renderer } from '../../ports/texts.ts'
import { text } from '../../core/texts.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Inbox } from '../../ports/inbox.ts'
import type { Log, Metrics } from '../../ports/log.ts'
import type { RoomPeople } from '../../ports/channel.ts'
import { SendError } from '../../ports/channel.ts'
import type { FetchMedia } from '../../ports/media.ts'
import type { MatrixApi } from './api.ts'
import type { Attend } from './attend.ts'
import { createAttend } from './attend.ts'
import type { Budget } from './budget.ts'
import { MatrixFailure } from './failure.ts'
import { identitiesOf } from './identities.ts'
import { declineInRoom } from './identity/cancel-verification.ts'
import { backUpRoomKeys } from './identity/key-backup.ts'
import type { KeepUp } from './keep-up.ts'
import { createKeepUp } from './keep-up.ts'
import { createKeys } from './keys.ts'
import type { Keys } from './keys.ts'
import { createAttach } from './media.ts'
import type { Admin } from './options.ts'
import { createOwnMessages } from './own-messages.ts'
import { saysOf } from './own-poll.ts'
import type { Receiver, Tell } from './receive.ts'
import { receiver, withShortNames } from './receive.ts'
import { createReplays } from './replays.ts'
import type { SmallValues } from './small-values.ts'
import { fullState, invite, joinRoom, pinned, setState } from './room.ts'
import type { RoomBook } from './room-record.ts'
import { createRoomPeople } from './room-people.ts'
import { createRoomState } from './room-state.ts'
import type { RoomState } from './room-state.ts'
import { createRoster } from './roster.ts'
import type { Roster } from './roster.ts'
import type { Sender } from './send.ts'
import { sender } from './send.ts'
import { syncOnce } from './sync.ts'
import type { Round } from './sync.ts'
import type { Vault } from './vault.ts'

/** What a connection to the room is made of, once somebody is signed in and the keys are open. */
export interface LineOptions {
  machine: OlmMachine
  api: MatrixApi
  values: SmallValues
  together: Vault['together']
  mayBeBehind: Vault['mayBeBehind']
  book: RoomBook
  admins: readonly Admin[]
  budget: Budget
  inbox: Inbox
  tell: Tell
  fetchMedia: FetchMedia
  /** Performs what the machine wants to tell or ask the server. */
  pump: () => Promise<void>
  /** False while another kernel acts: then the room is read and nothing is said or changed. */
  isActing?: () => boolean
  /** False while another kernel may act, for all that we know. */
  maySpeak?: () => boolean
  /** Another kernel said something in the room just now. */
  othersSpoke?: () => void
  texts: Renderer
  language: string
  clock: Clock
  log: Log
  metrics: Metrics
}

/** A signed-in connection to the room. */
export interface Line {
  sender: Sender
  attend: Attend
  state: RoomState
  roster: Roster
  people: RoomPeople
  /** Reads who is in the room of last time, if there is one and it lets us. */
  look: () => Promise<void>
  /** The event with which another kernel of ours said this; undefined if none did, as far as is to be seen. `OwnMessages.find` */
  find: (effect: string, signal: AbortSignal) => Promise<string | undefined>
  /** As the server tells it: we are in the room. */
  isIn: () => boolean
  /** What keeps us from writing there, in one word; undefined when nothing does. */
  troubleOfRoom: () => string | undefined
  /** Reads the room's state and shares the keys, before the first message needs them. */
  open: () => Promise<void>
  /** One round of reading, of at most so many real milliseconds when nothing comes. */
  round: (wait: Duration, signal: AbortSignal) => Promise<void>
  /** Something cannot be read yet: whoever waits for news should not wait long. */
  isWaiting: () => boolean
}

export function createLine(options: LineOptions): Line {
  const {
    machine,
    api,
    values,
    together,
    mayBeBehind,
    book,
    admins,
    budget,
    inbox,
    isActing = () => true,
    maySpeak = () => true,
    pump,
    texts,
    language,
    clock,
    log,
    metrics,
  } = options
  const tell = withShortNames(async (...said) => {
    // Whoever acts sees the same and says it.
    if (isActing()) await options.tell(...said)
  })
  const identities = identitiesOf(machine)
  const state = createRoomState()
  const roomId = (): string | undefined => book.now().roomId
  const ownId = api.userId
  const roster = createRoster({ admins, ownId, state, book, identities, tell, clock, log })
  const mayRead = (user: string): boolean => user === ownId || roster.readersNow().includes(user)
  const keys: Keys = createKeys({ machine, api, identities, mayRead, pump, mayBeBehind, clock })
  const render = (key: 'room.poll' | 'room.poll.over'): string => texts.render([text(key)], language)
  const room = sender({
    api,
    keys,
    budget,
    ownId,
    roomId,
    readers: roster.readers,
    attach: createAttach({ api, fetchMedia: options.fetchMedia }),
    now: clock.now,
    maySpeak,
    mayWakeRoom: () => state.powerOf(ownId) >= 50,
    onSaid: (message, late) => keepUp.said(message, late),
  })
  const attend = createAttend({
    sender: room,
    book,
    budget,
    pin: async (event) => {
      const id = roomId()
      if (id !== undefined) await setState(api, id, 'm.room.pinned_events', pinned(event))
    },
    words: { question: render('room.poll'), over: render('room.poll.over') },
    busy: () => new SendError('refused', 'matrix-budget'),
    log,
  })
  const keepUp: KeepUp = createKeepUp({
    ...{ machine, admins, ownId, state, roster, keys, roomId, pump, clock, log },
    say: room.message,
  })
  const receive: Receiver = receiver({
    accepting: {
      machine,
      identities,
      replays: createReplays(values),
      admins,
      state,
      record: book.now,
      ownId,
      now: clock.now,
    },
    values,
    inbox,
    says: (poll, answer) => saysOf({ api, machine, room: roomId() ?? '' }, poll, answer),
    decline: ({ event_id, sender: by, origin_server_ts }, inner) =>
      declineInRoom(machine, api, roomId() ?? '', { ...inner, event_id, sender: by, origin_server_ts }),
    refresh: keepUp.refresh,
    tell,
    clock,
    log,
    metrics,
  })

  const people = createRoomPeople({
    admins,
    ownId,
    state,
    book,
    roster,
    refresh: keepUp.refresh,
    forgetKey: async () => {
      const id = roomId()
      if (id !== undefined) await machine.invalidateGroupSession(new RoomId(id))
    },
    shareAhead: keepUp.people,
    enter: (id) => joinRoom(api, id).then(() => fullState(api, id)),
    clock,
  })

  const ownMessages = createOwnMessages({ api, machine, othersSpoke: options.othersSpoke ?? (() => undefined) })
  let hasActed = false

  /** The room whose state is here, and kept up by every round. */
  let looked: string | undefined
  const look = async (): Promise<void> => {
    const id = roomId()
    if (id === undefined) return
    const events = await fullState(api, id).catch((error: unknown) => {
      // We were put out of it: whether we come in again is asked next.
      if (error instanceof MatrixFailure && error.status === 403) return []
      throw error
    })
    state.clear()
    state.apply(events)
    if (events.length > 0) looked = id
  }

  const open = async (): Promise<void> => {
    const id = roomId()
    if (id === undefined) return
    if (looked !== id) await look()
    await (isActing() ? takeUp(id) : keepUp.follow())
  }

  /** What only the kernel that acts may do. */
  const takeUp = async (id: string): Promise<void> => {
    hasActed = true
    await callMissing(id)
    await keepUp.people()
  }

  /** Orders go into the inbox as well: its ids make one of what both kernels read there. */
  const standBy = async (id: string, round: Round): Promise<void> => {
    hasActed = false
    if (round.devicesChanged || round.state.length > 0) await keepUp.follow()
    if (round.timeline.length > 0 || receive.isWaiting()) await book.reload()
    if (!round.first) await readAll(id, round)
    await receive.again(id)
  }

  const readAll = async (id: string, { timeline }: Round): Promise<void> => {
    // All of them first: while the store fails nothing is taken, and that another kernel speaks must be heard all the same.
    for (const event of timeline) await ownMessages.note(id, event)
    for (const event of timeline) await receive.take(id, event)
  }

  /** Admins who are on the list and not in the room are invited, where we may. */
  const callMissing = async (id: string): Promise<void> => {
    const missing = admins.filter((a) => !state.isJoined(a.id) && !state.invited().includes(a.id))
    for (const admin of missing)
      await invite(api, id, admin.id).catch(() => log.warn('an admin could not be invited to the room'))
  }

  /** What is lost with this machine can still be read afterwards. Of no haste, and tried again after every round. */
  const backUp = async (): Promise<void> => {
    try {
      await backUpRoomKeys(machine, api, values)
    } catch (error) {
      log.warn('the room keys could not be backed up', { code: error instanceof Error ? error.name : 'unknown' })
    }
  }

  const handle = async (round: Round): Promise<void> => {
    const id = roomId()
    if (round.putOut) return state.clear()
    if (round.state.length > 0) state.apply(round.state)
    await keepUp.pump()
    if (id === undefined) return
    if (!isActing()) return standBy(id, round)
    if (!hasActed) {
      await book.reload()
      await takeUp(id)
    }
    if (!round.first) await readAll(id, round)
    if (round.gap) await tell(`gap:${String(clock.now())}`, [text('room.gap')], { loud: true })
    await receive.again(id)
    void attend.tidy()
    void backUp()
    const where = state.replacement()
    if (where !== undefined)
      await tell(`moved:${where}`, [text('room.moved', { where })], { once: 'moved', loud: true })
    const isChanged = round.devicesChanged || round.state.some((event) => event.type === 'm.room.member')
    if (isChanged || keepUp.isBehind()) await keepUp.people()
  }

  return {
    sender: room,
    attend,
    state,
    roster,
    people,
    look,
    find: async (effect, signal) => {
      const id = roomId()
      return id === undefined ? undefined : ownMessages.find(id, effect, signal)
    },
    open,
    isIn: () => state.isJoined(ownId),
    troubleOfRoom: () => (state.powerOf(ownId) < state.powerToWrite() ? 'matrix-may-not-write' : undefined),
    isWaiting: () => receive.isWaiting() || keepUp.isBehind() || attend.isWaiting(),
    round: (wait, signal) => syncOnce({ machine, api, values, together, room: roomId, handle }, wait, signal),
  }
}
