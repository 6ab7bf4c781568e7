import type { MemberChannel } from '../core/address.ts'
import type { Duration, Instant } from '../core/time.ts'
import { MINUTE, SECOND } from '../core/time.ts'
import type { AlarmClock } from '../ports/alarm-clock.ts'
import type { Channel, Room } from '../ports/channel.ts'
import type { Clock } from '../ports/clock.ts'
import type { Heartbeat } from '../ports/heartbeat.ts'
import { REMEMBERED } from '../ports/inbox.ts'
import type { Log } from '../ports/log.ts'
import type { Store } from '../ports/store.ts'
import type { Renderer } from '../ports/texts.ts'
import { askWhoIsOut, LONG_BLIND } from './ask-who-is-out.ts'
import type { Announce } from './announce.ts'
import type { Drain } from './drain.ts'
import type { DueLoop } from './due-loop.ts'
import { codeOf } from './due-loop.ts'
import type { Fence } from './fence.ts'
import { alone } from './fence.ts'
import type { House } from './house.ts'
import { GROUP } from './house.ts'
import { inTime } from './in-time.ts'
import type { Keeper } from './keeper.ts'
import { REACH } from './missed-texts.ts'
import type { Readable } from './read-back.ts'
import { READ_BACK, readAllBack } from './read-back.ts'
import type { Stamp } from './stamp.ts'
import type { LiveBoard } from './live-board.ts'
import type { Found } from './load.ts'
import { readStore } from './load.ts'
import type { Pulse } from './pulse.ts'
import type { Retention } from './retention.ts'
import { EVERY } from './retention.ts'
import type { TakeIn } from './take-in.ts'
import { tellBehind, tellDamage, tellStart } from './tell-start.ts'
import type { Unsaved } from './unsaved.ts'
import { createUnsaved } from './unsaved.ts'
import type { TermMemory } from './term-memory.ts'
import type { WatchRecord } from './watch.ts'

/** Real milliseconds for what is under way to end at a stop: a process that takes ten seconds is killed. */
const LONGEST_STOP: Duration = 5 * SECOND

/** How often it is looked what other kernels have taken in. Real milliseconds. */
const HEAR_OTHERS: Duration = SECOND / 2

/** How often it is written down that somebody watches. */
const STAMP: Duration = 5 * SECOND

export interface Parts {
  store: Store
  house: House
  watch: Keeper<WatchRecord, { type: 'watched'; at: Instant }>
  takeIn: TakeIn
  /** Resolves when what people have said by `since` is applied, or an alarm cannot wait longer for it. */
  hearFirst: (document: string, since: Instant) => Promise<void>
  drain: Drain
  dueLoop: DueLoop
  alarmClock?: AlarmClock
  channels: ReadonlyMap<MemberChannel, Channel>
  room: Room
  /** The channels and the room: whatever is read back. */
  ways: readonly Readable[]
  texts: Renderer
  language: string
  announce: Announce
  pulse: Pulse
  stamp: Stamp
  board: Pick<LiveBoard, 'show'>
  /** What is looked after every five seconds. */
  lookers: readonly { look: () => Promise<void> }[]
  beforeDeadline: { look: () => Promise<void> }
  retention: Retention
  heartbeat?: Heartbeat
  clock: Clock & { atLeast?(at: Instant): void }
  log: Log
  version: string
  /** Whether this kernel may act; `alone`: no others stand by and put into the same inbox. */
  fence: Fence
  /** Throws if it is better not to start with this many people out. */
  approve?: (out: number) => void
  /** Inbox items that were found at start and had changed a member already. */
  obeyed: Set<string>
}

export interface Kernel {
  /** Reads the store and sets the clock by it. What came in before would bear the time of a clock that may be behind. */
  load: () => Promise<void>
  /** Listens to the room, so that what is said there can be read at once if this kernel takes over. */
  standBy: () => Promise<void>
  /** Goes through the restart order; resolves when it watches. */
  start: () => Promise<void>
  /** Ends what is under way and tells the ways in to stop; closes the store of a kernel that is alone. */
  stop: () => Promise<void>
  /** From the moment at which it reads the store. */
  isStarting: () => boolean
  isReady: () => boolean
  /** A newer kernel wrote some of what concerns everybody, and it cannot be read. */
  isOutdated: () => boolean
  /** Wakes a document; harmless when it comes late, twice or for nothing. `since`: when it was found to be due, now without it. */
  wake: (document: string, since?: Instant) => Promise<void>
  unsaved: Unsaved
}

export function createKernel(parts: () => Parts, memory: TermMemory): Kernel {
  let isReady = false
  let isOutdated = false
  let blind: { from: Instant; to: Instant } | undefined
  const stops: (() => void)[] = []

  const wake = async (document: string, since = parts().clock.now()): Promise<void> => {
    const { house, drain, hearFirst, clock } = parts()
    await hearFirst(document, since)
    const at = clock.now()
    const state =
      document === GROUP
        ? await house.group.apply(GROUP, { type: 'woke', at })
        : await house.members.apply(document, { type: 'woke', at, ...(blind && { blind }) })
    if (state) drain.look(state)
  }

  let found: Promise<Found> | undefined
  const load = (): Promise<Found> => (found ??= readStore(parts()))

  const start = async (): Promise<void> => {
    const { store, house, takeIn, drain, dueLoop, ways, clock, log, version } = parts()
    const { firstEver, from, wall, ...loaded } = await load()
    memory.begins(store.epoch)
    for (const { number } of memory.waiting.values()) house.overview.usedNumber(number)
    isOutdated = loaded.isOutdated
    if (isOutdated)
      log.error('a newer imok wrote here: install that one. Until then the room hears alarms and little else')
    const wasOut = house.overview.out()
    for (const id of loaded.claimed) {
      const event = { type: 'recovered', at: clock.now(), epoch: store.epoch } as const
      await house.either
        .apply(id, event)
        .catch((error: unknown) =>
          log.error('a claim of an earlier kernel could not be cleared; it ends by itself', { code: codeOf(error) }),
        )
    }
    const since = Math.max(from - REACH, clock.now() - REMEMBERED)
    // Side by side: a provider that hangs in both would hold up every alarm twice as long.
    const [unread] = await Promise.all([firstEver ? [] : readAllBack(ways, since, clock, log), startChannels()])
    drain.start()
    // One message that cannot be applied now holds up no alarm: it is applied as soon as it can be.
    await inTime(clock, READ_BACK, takeIn.start(loaded.waiting), () => undefined)
    if (parts().fence !== alone) stops.push(clock.every(HEAR_OTHERS, () => void lookAgain()))
    if (!firstEver) blind = { from, to: clock.now() }
    await dueLoop.catchUp()
    dueLoop.start()
    blind = undefined
    await lookAll([GROUP, ...loaded.unsent, ...loaded.claimed])
    const now = clock.now()
    await forSure(() => tellStart(parts(), { from, now, firstEver, unread, wasOut }))
    if (!firstEver && now - from > LONG_BLIND) await askWhoIsOut(parts(), { from, to: now })
    if (wall !== undefined) await forSure(() => tellBehind(parts(), wall))
    await forSure(() => tellDamage(parts()))
    await parts().stamp.stamp()
    stops.push(
      clock.every(STAMP, () => void parts().stamp.stamp()),
      clock.every(STAMP, () => void lookAround()),
      clock.every(STAMP, () => void parts().stamp.readMissed()),
      clock.every(SECOND, () => void parts().beforeDeadline.look()),
    )
    isReady = true
    // It watches already; the second clock takes a tenth of a second to load.
    await startRecurring()
    await beat()
    log.info('watching', { version, members: loaded.members, out: house.overview.out().length })
  }

  /** A store that cannot write now keeps nobody from watching: it is done when it can. */
  const forSure = async (job: () => Promise<unknown>): Promise<void> => {
    const { clock, log } = parts()
    try {
      await job()
    } catch (error) {
      log.error('a part of the start could not be saved; it is tried again every few seconds', { code: codeOf(error) })
      const off = clock.every(STAMP, () => void job().then(off, () => undefined))
      stops.push(off)
    }
  }

  /** What they hear from now on waits in the inbox behind what is read back. */
  const startChannels = async (): Promise<void> => {
    const { channels, room, log } = parts()
    const all = [...channels.values(), { ...room, name: 'room' }].map(async ({ name, start }) => {
      await start?.().catch((error: unknown) =>
        log.error('a channel could not start', { part: name, code: codeOf(error) }),
      )
    })
    await inTime<unknown>(parts().clock, READ_BACK, Promise.all(all), () => undefined)
  }

  const lookAll = async (ids: string[]): Promise<void> => {
    const { house, drain } = parts()
    for (const id of new Set(ids)) {
      await forSure(async () => {
        const state = await house.either.read(id)
        if (state) drain.look(state)
      })
    }
  }

  const lookAround = async (): Promise<void> => {
    const { lookers, pulse, log } = parts()
    try {
      pulse.publish()
      for (const { look } of lookers) await look()
    } catch (error) {
      log.error('the look around failed; it is repeated in a few seconds', { code: codeOf(error) })
    }
  }

  /** What the kernels that stand by have put into the inbox. */
  const lookAgain = async (): Promise<void> => {
    const { takeIn, log } = parts()
    await takeIn
      .look()
      .catch((error: unknown) =>
        log.error('the inbox could not be read; it is looked at again in a second', { code: codeOf(error) }),
      )
  }

  const beat = async (): Promise<void> => {
    const { heartbeat, pulse, fence, log } = parts()
    const ailments = pulse.ailments()
    if (!heartbeat) return
    if (ailments.length > 0) return log.error('the heartbeat is withheld', { ailments: ailments.join(' ') })
    // Frozen until now: whoever acts instead has a heartbeat of its own.
    if (fence.left() <= 0) return
    await heartbeat
      .ping()
      .catch((error: unknown) => log.warn('the heartbeat could not be sent', { code: codeOf(error) }))
  }

  /** On the clock that operators can see. While that cannot start the heartbeat is not pinged either, and somebody comes to look. */
  const startRecurring = async (): Promise<void> => {
    const { store, alarmClock, ways, clock, log, retention } = parts()
    stops.push(retention.soon())
    if (!alarmClock) {
      stops.push(
        clock.every(STAMP, () => void parts().board.show()),
        clock.every(30 * SECOND, () => void beat()),
      )
      return
    }
    alarmClock.recurring('heartbeat', 30 * SECOND, beat)
    alarmClock.recurring('board', STAMP, () => parts().board.show())
    // A webhook that died in silence is noticed by reading the provider's own list.
    alarmClock.recurring('read-back', 3 * MINUTE, async () => {
      await readAllBack(ways, clock.now() - REACH, clock, log)
    })
    alarmClock.recurring('retention', EVERY, retention.sweep)
    await alarmClock.start(wake, (until, limit) => store.documents.due(until, limit))
  }

  const stop = async (): Promise<void> => {
    const { takeIn, drain, dueLoop, alarmClock, channels, room, pulse, clock } = parts()
    const hasWatched = isReady
    isReady = false
    for (const stop of stops.splice(0)) stop()
    takeIn.stop()
    dueLoop.stop()
    // Each alone, and for so long only: whoever hangs or fails keeps neither the others nor the store from their end.
    const ends = [...channels.values(), alarmClock].map(async (it) => it?.stop?.())
    // The room last: what is under way may still be going into it.
    const sent = drain.stop(LONGEST_STOP).then(async () => room.stop?.())
    const all = Promise.allSettled([...ends, sent])
    await inTime<unknown>(clock, LONGEST_STOP, all, () => undefined)
    pulse.still()
    // One whose start failed has read nothing back: the time before it counts as not watched still.
    if (hasWatched && parts().fence.left() > 0) await parts().stamp.stamp()
    // The next one in office goes on with it.
    if (parts().fence === alone) await parts().store.close()
  }

  return {
    load: async () => {
      await load()
    },
    standBy: async () => parts().room.standBy?.(),
    start,
    wake,
    unsaved: createUnsaved(parts, memory),
    isStarting: () => found !== undefined,
    isReady: () => isReady,
    isOutdated: () => isOutdated,
    stop,
  }
}
