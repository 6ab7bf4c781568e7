import type { KeysClaimRequest, OlmMachine, ToDeviceRequest } from '@matrix-org/matrix-sdk-crypto-wasm'
import {
  CollectStrategy,
  EncryptionAlgorithm,
  EncryptionSettings,
  HistoryVisibility,
  RoomId,
  UserId,
} from '@matrix-org/matrix-sdk-crypto-wasm'
import type { Duration } from '../../core/time.ts'
import { DAY, HOUR, MINUTE, SECOND } from '../../core/time.ts'
import { inTime } from '../../app/in-time.ts'
import type { Clock } from '../../ports/clock.ts'
import type { MatrixApi } from './api.ts'
import { createFreshChannels } from './fresh-channels.ts'
import type { Identities } from './identities.ts'
import { perform } from './outgoing-requests.ts'
import { createTurn } from './turn.ts'

/** What the specification recommends; a session that is rotated is shared ahead, before an alarm needs it. */
const MESSAGES_PER_KEY = 100n
/** The library counts in microseconds (measured). */
const KEY_LASTS = BigInt(7 * DAY) * 1000n

/** Real milliseconds for the delivery of a key; it goes on in the background afterwards. */
const DELIVERY: Duration = 10 * SECOND

/** Real milliseconds for what the library knows of one user: it waits up to 5 s for an answer about them that is on its way (measured). */
const LOOK: Duration = 300

/** A share that the server has not taken for so long opens nothing that anybody still waits for. Real milliseconds. */
const GIVEN_UP: Duration = HOUR

/** A server that was waited for in vain is not waited for again for so long; it is asked all the same. Real milliseconds. */
const SLOW: Duration = MINUTE

export interface Encrypted {
  /** The content of an `m.room.encrypted` event. */
  content: Record<string, unknown>
  /** Whose phones can read it now. */
  readers: string[]
  /** Whose devices could not be asked for a key in time: what was encrypted cannot be read by them, ever. */
  late: string[]
}

export interface Keys {
  /** Gives everybody in `users` the room's present key before it is needed. Resolves with those whose devices could not be given it. */
  shareAhead: (roomId: string, users: readonly string[]) => Promise<string[]>
  /**
   * Encrypts for exactly these users. Asking for devices and keys takes at most `within` real milliseconds; after that it goes out with
   * what is known.
   */
  encrypt: (
    roomId: string,
    users: readonly string[],
    type: string,
    content: object,
    within: Duration,
  ) => Promise<Encrypted>
  /** A key that is in use has not reached everybody: share ahead again, soon. */
  isBehind: () => boolean
}

/** Something for each device, by user and device. */
type Devices = Record<string, Record<string, unknown>>
const devicesIn = (them: Devices): string[] =>
  Object.entries(them).flatMap(([user, devices]) => Object.keys(devices).map((device) => `${user} ${device}`))
const wantedBy = ({ body }: KeysClaimRequest): Devices =>
  (JSON.parse(body) as { one_time_keys?: Devices }).one_time_keys ?? {}
const messagesOf = ({ body }: ToDeviceRequest): Devices => (JSON.parse(body) as { messages: Devices }).messages
/** The others tell a device why it gets none. */
const carriesKey = (request: ToDeviceRequest): boolean => request.event_type === 'm.room.encrypted'

/** What carries a new key, and who gets it. */
interface Shared {
  requests: ToDeviceRequest[]
  users: string[]
}

export function createKeys(options: {
  machine: OlmMachine
  api: MatrixApi
  identities: Identities
  /** Whether somebody may have a key, by what the library knows in this very moment: asking for devices can have shown it another identity. */
  mayRead: (user: string) => boolean
  /** Performs what the machine wants to ask or tell the server: `/keys/query` above all. */
  pump: () => Promise<unknown>
  /** More may have been sent than the disk knows of: see `createFreshChannels`. */
  mayBeBehind: boolean
  clock: Pick<Clock, 'every'>
}): Keys {
  const { machine, api, identities, mayRead, pump, mayBeBehind, clock } = options
  const fresh = createFreshChannels({ machine, api, identities })
  const turn = createTurn()
  const reaching = createTurn()

  const settings = (): EncryptionSettings => {
    const made = new EncryptionSettings()
    made.algorithm = EncryptionAlgorithm.MegolmV1AesSha2
    made.historyVisibility = HistoryVisibility.Joined
    made.rotationPeriodMessages = MESSAGES_PER_KEY
    made.rotationPeriod = KEY_LASTS
    made.sharingStrategy = CollectStrategy.identityBasedStrategy()
    return made
  }

  const idsOf = (users: readonly string[]): UserId[] => users.map((user) => new UserId(user))

  /** Whom the next run asks about. */
  const wanted = new Set<string>()
  let next: Promise<void> | undefined
  /** Learns their devices and opens a channel to each: all that needs the server before a key can be shared. One at a time, as the library asks. */
  const reach = (users: readonly string[]): Promise<void> => {
    for (const user of users) wanted.add(user)
    // Whoever comes while one is under way shares the next: behind a server that hangs no queue grows.
    next ??= reaching(async () => {
      const all = [...wanted]
      wanted.clear()
      next = undefined
      await machine.updateTrackedUsers(idsOf(all))
      await pump()
      const claim = await machine.getMissingSessions(idsOf(all))
      if (claim) note(claim, await perform(machine, api, claim))
      // Whoever was given the present key by an older one could not open it, perhaps.
      if (mayBeBehind && (await fresh.open(all))) isDoubtful = true
    })
    return next
  }

  /** Devices that had no key for a channel when they were last asked: the library does not name them again for a while. */
  const unopened = new Set<string>()
  const note = (claim: KeysClaimRequest, answer: unknown): void => {
    for (const device of devicesIn(wantedBy(claim))) unopened.add(device)
    const { one_time_keys: given = {} } = answer as { one_time_keys?: Devices }
    for (const device of devicesIn(given)) unopened.delete(device)
    fresh.note(devicesIn(given))
  }

  let slowUntil = -Infinity
  /** Waits for `reach`, but not for a server that was slow a moment ago. */
  const reachWithin = async (users: readonly string[], within: Duration): Promise<void> => {
    const patience = performance.now() < slowUntil ? Math.min(LOOK, within) : within
    const asking = reach(users).then(
      () => true,
      () => true,
    )
    const isDone = await inTime(clock, patience, asking, () => false)
    slowUntil = isDone ? -Infinity : performance.now() + SLOW
  }

  const share = (roomId: string, users: readonly string[]): Promise<ToDeviceRequest[]> =>
    machine.shareRoomKey(new RoomId(roomId), idsOf(users), settings())

  /** Shares of a key that have not reached the server: without them nobody there can read what was encrypted with it. */
  const undelivered = new Map<string, { request: ToDeviceRequest; since: number }>()
  /** What a crash left undelivered was asked for, and its key put aside. */
  let isResumed = false
  /** Somebody may have been given the present key in a way that they cannot open. */
  let isDoubtful = false
  /** Something was encrypted with the present key. */
  let isUsed = false

  /** Shares with those of `users` who may read before it and after it: the library can be told of another identity meanwhile. */
  const shareSafely = async (roomId: string, users: readonly string[]): Promise<Shared> => {
    const wanted = users.filter(mayRead)
    const requests = await share(roomId, wanted)
    // What a crash left may be for somebody who may not read any more.
    const recipients = requests.flatMap((request) => Object.keys(messagesOf(request)))
    if (wanted.every(mayRead) && recipients.every((user) => wanted.includes(user))) return { requests, users: wanted }
    await machine.invalidateGroupSession(new RoomId(roomId))
    return shareSafely(roomId, wanted)
  }

  /**
   * Makes the key, if need be, and what carries it to each device; nothing here waits for the server. A key in use is not shared again:
   * it would open only what comes after, and who gets both shares in one sync keeps only the second (measured). Everybody gets a new key. So
   * at each start: the last run may have said more with the one on the disk than the disk knows, and would say it again (ADR 10).
   */
  const make = async (roomId: string, users: readonly string[]): Promise<Shared> => {
    let made = await shareSafely(roomId, users)
    const isSharedAgain = isUsed && made.requests.some(({ txn_id: id }) => !undelivered.has(id))
    // What was said with it before may wait for what of it is undelivered.
    const left = isResumed ? [] : made.requests
    if (!isResumed || isDoubtful || isSharedAgain) {
      await machine.invalidateGroupSession(new RoomId(roomId))
      made = await shareSafely(roomId, users)
      isUsed = false
    }
    isResumed = true
    isDoubtful = false
    const now = performance.now()
    for (const [id, { since }] of undelivered) if (now - since > GIVEN_UP) undelivered.delete(id)
    for (const request of [...left, ...made.requests]) {
      undelivered.set(request.txn_id, undelivered.get(request.txn_id) ?? { request, since: now })
      if (carriesKey(request)) for (const device of devicesIn(messagesOf(request))) unopened.delete(device)
    }
    return { requests: [...undelivered.values()].map(({ request }) => request), users: made.users }
  }

  /** One that the server will not have keeps no other (S5). Throws what the last one that failed threw. */
  const deliver = async (requests: readonly ToDeviceRequest[]): Promise<void> => {
    let failure: Error | undefined
    for (const request of requests) {
      if (!undelivered.has(request.txn_id)) continue
      try {
        await perform(machine, api, request)
        undelivered.delete(request.txn_id)
      } catch (error) {
        failure = error instanceof Error ? error : new Error('a key could not be delivered')
      }
    }
    if (failure) throw failure
  }

  /** Users whose share of a key is still under way. */
  const waiting = (): Set<string> =>
    new Set(
      [...undelivered.values()]
        .filter(({ request }) => carriesKey(request))
        .flatMap(({ request }) => Object.keys(messagesOf(request))),
    )

  /** Their devices without an open channel, by user; undefined while an answer about one of them is on its way. */
  const missingOf = async (users: readonly string[]): Promise<Devices | undefined> => {
    const claim = await inTime(clock, LOOK, machine.getMissingSessions(idsOf(users)), () => undefined)
    if (claim === undefined) return undefined
    return claim ? wantedBy(claim) : {}
  }

  /** Users none of whose own devices has an open channel: they would not get the key. */
  const unreached = async (users: readonly string[]): Promise<string[]> => {
    const all = await missingOf(users)
    const answers = await Promise.all(
      users.map(async (user) => {
        // Of whom nothing is known in time: the key goes to the devices that were known before.
        const missing = Object.keys((all ?? (await missingOf([user])) ?? {})[user] ?? {})
        const isOpen = (device: string): boolean => !missing.includes(device) && !unopened.has(`${user} ${device}`)
        const isClear = all && missing.length === 0 && ![...unopened].some((it) => it.startsWith(`${user} `))
        return !isClear && !(await identities.signedDevices(user)).some(isOpen)
      }),
    )
    return users.filter((_user, n) => answers[n])
  }

  return {
    async shareAhead(roomId, users) {
      await reach(users)
      await deliver((await turn(() => make(roomId, users))).requests)
      return unreached(users)
    },
    async encrypt(roomId, users, type, content, within) {
      await reachWithin(users, within)
      const unopenedFor = await unreached(users)
      const { json, made } = await turn(async () => {
        const shared = await make(roomId, users)
        isUsed = true
        // At once: with a key that has run out meanwhile the library panics.
        const encrypted = await machine.encryptRoomEvent(new RoomId(roomId), type, JSON.stringify(content))
        return { json: encrypted, made: shared }
      })
      const delivered = deliver(made.requests).catch(() => undefined)
      await inTime<unknown>(clock, Math.min(within, DELIVERY), delivered, () => undefined)
      const late = made.users.filter((user) => unopenedFor.includes(user))
      const without = waiting()
      const devices = await Promise.all(made.users.map(identities.signedDevices))
      const readers = made.users.filter(
        (user, n) => !late.includes(user) && !without.has(user) && devices[n]?.length !== 0,
      )
      return { content: JSON.parse(json) as Record<string, unknown>, readers, late }
    },
    isBehind: () => undelivered.size > 0,
  }
}
