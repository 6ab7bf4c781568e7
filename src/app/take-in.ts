import type { Duration, Instant } from '../core/time.ts'
import { SECOND } from '../core/time.ts'
import type { Heard, Inbox, InboxItem } from '../ports/inbox.ts'
import type { Log, Metrics } from '../ports/log.ts'
import { StoreError } from '../ports/store.ts'
import type { ApplyOptions } from './apply-heard.ts'
import { createApply } from './apply-heard.ts'
import type { Turns } from './backlog.ts'
import { createTurns, inOrder } from './backlog.ts'
import { codeOf } from './due-loop.ts'
import { createGate } from './gate.ts'
import { createGiveUp } from './give-up.ts'
import { inTime } from './in-time.ts'
import { createInTurn } from './in-turn.ts'
import type { OthersItems } from './others-items.ts'
import { createOthersItems } from './others-items.ts'
import type { Addressed, Place } from './place.ts'
import { linesOf } from './place.ts'
import type { Waiting } from './waiting.ts'
import { allOver, isBehindRefused, isIn } from './waiting.ts'

/** After this many failures a message goes to the room as it came: into people's hands, never into silence. */
const MOST_FAILURES = 3

/** Troubles of one record that do not end by themselves: whoever writes to it must be heard by people instead. */
const lastsForEver: ReadonlySet<string> = new Set(['damaged', 'undecryptable', 'newer-schema'])

/** How long to wait for a store that cannot write before the same message is tried again. */
const STORE_PAUSE: Duration = SECOND

/**
 * How many messages are applied side by side; cries for help and the room's orders go past. The store serves its callers in the order
 * in which they come, so a flood must wait here, where it is stored already, and not there in front of the alarms (measured: 9 s late
 * beside 200 texts a second on a busy machine). Four of some 3 ms each are a thousand a second.
 */
const SIDE_BY_SIDE = 4

export interface TakeIn extends Inbox, Pick<OthersItems, 'look' | 'hear'> {
  /**
   * Applies what is stored and not done, oldest first, then everything as it comes. Resolves when the backlog is applied. `waitedBefore`: the
   * ids of what was stored before the providers were asked what they have.
   */
  start: (waitedBefore: ReadonlySet<string>) => Promise<void>
  stop: () => void
  /**
   * Resolves when what is in hand from this member, and of the room's orders what may concern them, is applied: not what comes later. Or when `signal`
   * says that nobody waits for that any more.
   */
  applied: (member: Addressed | undefined, signal: AbortSignal) => Promise<void>
  depth: () => number
  /** When the oldest item that is not applied yet was received. */
  oldest: () => number | undefined
}

/**
 * The way in: stored, answered, then applied in order per sender, then done. Applying twice is harmless, because every document
 * remembers the ids it has seen.
 */
export function createTakeIn(
  options: ApplyOptions & {
    inbox: Inbox
    /** Whether the kernel goes through its start, or watches: what comes in is its own to apply. */
    isStarting: () => boolean
    placeOf: (item: InboxItem) => Place
    /** All that was written before is done: until it is over it means what it means now, whatever they write while it waits. Never throws. */
    settle: (id: string, order: Extract<Heard, { type: 'order' }>) => void
    /** It is over, and not tried again. */
    forget: (id: string) => void
    /** Other kernels put into the same inbox: what they took from a sender before goes first. */
    hasOthers: boolean
    log: Log
    metrics: Metrics
  },
): TakeIn {
  const { inbox, house, placeOf, clock, log, metrics } = options
  const waiting = new Map<string, Waiting>()
  /** Put by us, and not taken up yet. */
  const mine = new Map<string, InboxItem>()
  /** Arrived before the start: applied with the backlog. */
  const held = new Map<string, InboxItem>()
  /** When the provider says it was sent, for all that it listed before the start, known or not, in its order. */
  const listed = new Map<string, Instant>()
  const gate = createGate(SIDE_BY_SIDE)
  const inTurn = createInTurn(clock)
  let turns: Turns | undefined
  let open = false

  const apply = createApply(options)
  const giveUp = createGiveUp(house, clock, metrics)

  const pause = async (it: Waiting): Promise<void> => {
    for (const tell of it.onceRefused) tell()
    it.onceRefused.clear()
    const hurried = new Promise<void>((resolve) => (it.hurry = resolve))
    await inTime(clock, STORE_PAUSE, hurried, () => undefined)
  }

  /** Applied, or handed to people as it came: either way it does not come back. A store that cannot write only delays it. */
  const applyForSure = async (it: Waiting): Promise<void> => {
    const { item } = it
    await untilMine(it)
    for (let failures = item.failures ?? 0; open;) {
      try {
        if (failures >= MOST_FAILURES) await giveUp(item)
        else await (it.isUrgent ? apply(item) : gate(() => apply(item), it))
        await inbox.done(item.id)
        others.done(item.id)
        return
      } catch (error) {
        log.error('an inbound message could not be applied', { item: item.id, code: codeOf(error), failures })
        const passes = error instanceof StoreError && !lastsForEver.has(error.code)
        // Never fewer than we have seen: an inbox that has lost count must not make this a circle.
        if (!passes) failures = Math.max(failures + 1, await inbox.failed(item.id).catch(() => 0))
        if (passes) it.isRefused = true
        if (passes || failures > MOST_FAILURES) await pause(it)
        await untilMine(it)
      }
    }
  }

  /** What the store refuses goes before what stands behind it. */
  const untilMine = async (it: Waiting): Promise<void> => {
    await untilNotRefused(it)
    if (open && it.mayBeCry) await ownFirst(it)
  }

  /** Where a cry does not wait any longer for what the store refuses of its phone: that is tried once more, and goes first if it can be saved by now. */
  const ownFirst = async (cry: Waiting): Promise<void> => {
    const all = hasten([cry.item.sender])
    const before = all.slice(0, all.indexOf(cry)).filter(({ item }) => item.sender === cry.item.sender)
    const waits = new AbortController()
    const end = (): void => waits.abort()
    for (const { onceRefused } of before) onceRefused.add(end)
    await inTime(clock, STORE_PAUSE, allOver(before, waits.signal), end)
    for (const { onceRefused } of before) onceRefused.delete(end)
  }

  /** What the store refuses of a member goes before an order about them, however long that takes: the order could not be saved either. */
  const untilNotRefused = async (it: Waiting): Promise<void> => {
    while (open && isBehindRefused(it, (id) => waiting.has(id))) {
      it.isRefused = true
      await pause(it)
    }
  }

  const work = async (it: Waiting): Promise<void> => {
    const { item, end } = it
    await it.turn
    // For an order about a member that is a part of its turn.
    if (open && it.about.length === 0) await turns?.mine(item.id)
    await applyForSure(it)
    turns?.over(item.id)
    waiting.delete(item.id)
    options.forget(item.id)
    end()
  }

  /** What came from there before is not to take longer than it must. */
  const hasten = (lines: readonly string[]): Waiting[] => {
    const all = lines.length > 0 ? [...waiting.values()].filter((it) => isIn(it, lines)) : []
    for (const it of all) {
      it.isWanted = true
      it.letIn?.()
      it.hurry?.()
    }
    return all
  }

  /** What an order about a member means is read when all is done that others wrote before, too: a backlog may give somebody that name. */
  const settled = async ({ item, own }: Waiting, order: Extract<Heard, { type: 'order' }>): Promise<void> => {
    await own
    if (open) await turns?.mine(item.id)
    options.settle(item.id, order)
  }

  /** With those of the orders about the same member that are not applied yet: one may give them a new number. */
  const withOthersLines = (about: readonly string[]): string[] => {
    const same = [...waiting.values()].filter((it) => about.length > 0 && it.about[0] === about[0])
    return [...new Set([about, ...same.map((it) => it.about)].flat())]
  }

  /** Resolves when it is applied, or a stop has come. */
  const enqueue = (item: InboxItem): Promise<void> => {
    const { heard } = item
    const place = placeOf(item)
    const about = withOthersLines(place.about)
    const { promise: over, resolve: end } = Promise.withResolvers<undefined>()
    const follows = hasten(place.isCry ? [item.sender] : about)
    const it: Waiting = {
      item,
      ...place,
      about,
      follows: about.length > 0 ? follows : [],
      over,
      end: () => {
        for (const tell of it.onceOver) tell()
        end(undefined)
      },
      onceOver: new Set(),
      onceRefused: new Set(),
      ...inTurn.join(item, { ...place, about }, over),
    }
    waiting.set(item.id, it)
    mine.delete(item.id)
    if (heard.type === 'order' && about.length > 0) {
      it.turn = Promise.all([it.turn, settled(it, heard)])
      void it.before.then(() => it.hurry?.())
    }
    void work(it)
    return over
  }

  const others = createOthersItems({
    inbox,
    known: (id) => waiting.get(id)?.item ?? mine.get(id),
    isTakenUp: (id) => waiting.has(id),
    takeUp: (item) => {
      if (open) void enqueue(item)
      return open
    },
    now: clock.now,
  })

  const putMine = async (item: InboxItem): Promise<'stored' | 'duplicate'> => {
    // Known before it is in: a look may find it there before we hear that it is.
    mine.set(item.id, item)
    let isTakenUpSoon = false
    try {
      const answer = await inbox.put(item)
      isTakenUpSoon = answer === 'stored' && open
      return answer
    } finally {
      if (!isTakenUpSoon) mine.delete(item.id)
    }
  }

  return {
    put: async (item) => {
      const { heard } = item
      if (!open && options.isStarting() && 'sentAt' in heard) listed.set(item.id, heard.sentAt)
      const answer = await (options.hasOthers ? putMine(item) : inbox.put(item))
      if (answer === 'stored' && !waiting.has(item.id)) {
        // In order of their coming, whoever took them in. A look that fails is made again in a second.
        if (open && options.hasOthers) others.lookAfresh().catch(() => undefined)
        else if (open) void enqueue(item)
        // Who stands by only stores: whoever is in office finds it there.
        else if (options.isStarting()) held.set(item.id, item)
      }
      return answer
    },
    look: others.look,
    hear: (at) => (options.hasOthers ? others.hear(at) : Promise.resolve()),
    applied: async (member, signal) => {
      const lines = member ? linesOf(member) : []
      const concernsAll = ({ item, about }: Waiting): boolean => item.heard.type === 'order' && about.length === 0
      const theirs = [...waiting.values()].filter((it) => concernsAll(it) || isIn(it, lines))
      // An alarm waits for it: the store may be back by now.
      for (const { hurry } of theirs) hurry?.()
      await allOver(theirs, signal)
    },
    pending: (known) => inbox.pending(known),
    done: (id) => inbox.done(id),
    failed: (id) => inbox.failed(id),
    start: async (waitedBefore) => {
      const stored = await inbox.pending()
      // No await from here to the last enqueue: what comes later stands behind the backlog of its sender.
      open = true
      const backlog = new Map([...stored, ...held.values()].map((item) => [item.id, item]))
      const items = inOrder([...backlog.values()], listed, waitedBefore)
      turns = createTurns(items, clock, (item) => placeOf(item).isTimed)
      held.clear()
      listed.clear()
      await Promise.all(items.map(enqueue))
      turns = undefined
    },
    stop: () => {
      open = false
    },
    depth: () => waiting.size,
    oldest: () => {
      const times = [...waiting.values()].map(({ item }) => item.receivedAt)
      return times.length > 0 ? times.reduce((a, b) => Math.min(a, b)) : undefined
    },
  }
}
