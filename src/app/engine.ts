import type { MemberChannel } from '../core/address.ts'
import type { CommandWords } from '../core/commands/words.ts'
import type { GroupPolicy } from '../core/group/group.ts'
import type { Watch } from '../core/member/event.ts'
import type { EffectId } from '../core/effect.ts'
import type { Member } from '../core/member/member.ts'
import type { Policy } from '../core/policy.ts'
import type { Zone } from '../core/time.ts'
import type { AlarmClock } from '../ports/alarm-clock.ts'
import type { Channel, Room } from '../ports/channel.ts'
import type { Heartbeat } from '../ports/heartbeat.ts'
import type { Inbox } from '../ports/inbox.ts'
import type { Log, Metrics } from '../ports/log.ts'
import type { Store } from '../ports/store.ts'
import type { Renderer } from '../ports/texts.ts'
import type { Announce } from './announce.ts'
import { createAnnounce } from './announce.ts'
import { createAttempt } from './attempt.ts'
import { createDrain } from './drain.ts'
import { createDueLoop } from './due-loop.ts'
import type { Fence } from './fence.ts'
import { alone } from './fence.ts'
import type { Others } from './standby-watch.ts'
import { createStandbyWatch } from './standby-watch.ts'
import { harmless } from './harmless-metrics.ts'
import { createHouse, GROUP } from './house.ts'
import { createHearFirst } from './hear-first.ts'
import type { House } from './house.ts'
import { impatient, whileSlow } from './impatient.ts'
import { createMeasure } from './measure.ts'
import { createOwed } from './owed.ts'
import { createRollCalls } from './roll-calls.ts'
import { createStoreTrouble } from './store-trouble.ts'
import { createStorms } from './storms.ts'
import { createKernel } from './kernel.ts'
import type { Kernel, Parts } from './kernel.ts'
import type { OrderContext } from './order-context.ts'
import { createCheck } from './order-context.ts'
import { createLiveBoard } from './live-board.ts'
import { aboutMember, createOrders, forget, settle } from './orders.ts'
import { createOutages } from './outages.ts'
import { createOverview } from './overview.ts'
import { createPulse } from './pulse.ts'
import type { Pulse } from './pulse.ts'
import { createStamp } from './stamp.ts'
import { readBack } from './read-back.ts'
import { createSaidForNothing } from './said-for-nothing.ts'
import { createMissedTexts } from './missed-texts.ts'
import { createRetention } from './retention.ts'
import { createReadBeforeDeadline } from './read-before-deadline.ts'
import { createPlaceOf } from './place.ts'
import { createTakeIn } from './take-in.ts'
import { createTermMemory } from './term-memory.ts'
import type { TermMemory } from './term-memory.ts'
import { createUntilSaved } from './unsaved.ts'
import { createWatch } from './watch.ts'

/** A member's own words are passed on whole; an admin's to a phone are bounded to a few text messages. */
const LONGEST_WORDS = 500

/** What the ways in and out need of the engine. */
export interface Given {
  inbox: Inbox
  somebodyIsOut: () => boolean
  /** Says something to the room, once for each id. */
  announce: Announce
}

/** The ways in and out. They are made with the inbox that they put things into. */
export interface Outside {
  channels: ReadonlyMap<MemberChannel, Channel>
  room: Room
}

export interface EngineOptions {
  store: Store
  /** Whether this kernel may act now; absent: it is alone. */
  fence?: Fence
  /** What is known of the other kernels; absent with `fence`. */
  others?: Others
  /** What an earlier term of this process leaves to it. */
  memory?: TermMemory
  clock: Parts['clock']
  policy: Policy
  groupPolicy: GroupPolicy
  zone: Zone
  texts: Renderer
  wordsOf: (language: string) => CommandWords
  group: { name: string; language: string; languages: readonly string[] }
  number: (given: string) => string | undefined
  telegramLink: (token: string) => string | undefined
  watch: () => Watch
  outside: (given: Given) => Outside
  alarmClock?: AlarmClock
  heartbeat?: Heartbeat
  log: Log
  metrics: Metrics
  version: string
  /** A random id: they appear in callback addresses and must not be guessed. */
  newId: () => string
  approve?: (out: number) => void
}

export interface Engine {
  kernel: Kernel
  house: House
  pulse: Pulse
  /** The way in: durable when it resolves, applied as soon as the kernel has started. */
  inbox: Inbox
}

/** Puts the engine together. It knows ports only; `compose.ts` brings the adapters. */
export function createEngine(options: EngineOptions): Engine {
  const { store, fence = alone, clock, policy, zone, texts, group, newId, log } = options
  const metrics = harmless(options.metrics)
  const { addresses } = store
  const documents = impatient(store.documents, clock)
  const overview = createOverview((message) => owed.owes(GROUP, message))
  const { memory = createTermMemory() } = options
  const kernel = createKernel(() => parts, memory)
  const house = createHouse({
    documents,
    policy,
    groupPolicy: options.groupPolicy,
    overview,
    newId,
    given: memory.given,
    office: store,
    unsaved: (state) => kernel.unsaved.say(state),
    owesSave: (id) => kernel.unsaved.has(id),
    isHeard: (effect) => kernel.unsaved.isHeard(effect),
    mayHave: (effect) => kernel.unsaved.mayHave(effect),
    whileSlow: (save, late) => whileSlow(clock, save, () => fence.isOurs() && late()),
    saved: (state, wakeAt) => {
      kernel.unsaved.saved(state)
      dueLoop.saved(state.id, wakeAt)
      if (wakeAt !== undefined) options.alarmClock?.set(state.id, state.version, wakeAt)
      drain.look(state)
      board.changed()
    },
  })
  const phoneChannel = (): 'sms' | 'simulator' => (outside.channels.has('sms') ? 'sms' : 'simulator')
  const obeyed = new Set<string>()
  const untilSaved = createUntilSaved({ house, unsaved: () => kernel.unsaved.members(), clock })
  const context: OrderContext = {
    house,
    addresses,
    clock,
    zone,
    languages: group.languages,
    groupName: group.name,
    groupLanguage: group.language,
    number: options.number,
    phoneChannel,
    telegramLink: options.telegramLink,
    newId,
    wasObeyed: (id) => obeyed.has(id),
    tried: new Map(),
    settled: new Map(),
    untilSaved,
    longestWords: LONGEST_WORDS,
    people: () => room.people?.(),
    ways: () => ways,
    ...(options.others && { others: options.others }),
    ailments: () => pulse.ailments(),
    check: createCheck({ addresses, languages: group.languages, number: options.number, phoneChannel }),
  }
  const takeIn = createTakeIn({
    inbox: store.inbox,
    addresses,
    house,
    wordsOf: options.wordsOf,
    groupLanguage: group.language,
    zone,
    watch: options.watch,
    isStarting: kernel.isStarting,
    placeOf: createPlaceOf({
      about: (order) => aboutMember(context, order),
      words: () => options.wordsOf(group.language),
    }),
    settle: (id, order) => settle(context, id, order),
    forget: (id) => forget(context, id),
    hasOthers: fence !== alone,
    untilSaved,
    obey: createOrders(context),
    clock,
    log,
    metrics,
  })
  const announce = createAnnounce(house, clock.now)
  const outside = options.outside({ inbox: takeIn, somebodyIsOut: () => overview.out().length > 0, announce })
  const { channels, room } = outside
  const ways = [...channels.values(), { ...room, name: 'room' as const }]
  const dueLoop = createDueLoop({ documents, clock, log, metrics, wake: kernel.wake })
  const longest = policy.waits.attempt
  const { language } = group
  const attempt = createAttempt({
    channels,
    room,
    texts,
    language,
    idInRoom: (effect) => kernel.unsaved.idInRoom(effect),
    longest,
    fence,
    office: store,
    clock,
    log,
  })
  const measure = createMeasure(metrics, clock)
  const single = (state: Member, alert: EffectId): void => drain.single(state, alert)
  const owed = createOwed({ house, clock })
  const rollCalls = createRollCalls({
    house,
    policy,
    attempt,
    owed,
    unsaved: kernel.unsaved,
    office: store,
    longest,
    clock,
    log,
    single,
    measure,
  })
  const look = (state: Member): void => drain.look(state)
  const storms = createStorms({ house, policy, clock, log, look, nameAll: rollCalls.nameAll })
  const drain = createDrain({ house, attempt, storms, rollCalls, owed, office: store, longest, clock, log, measure })
  const board = createLiveBoard({ room, overview, texts, language: group.language, clock, log })
  const watch = createWatch(documents)
  const readMissed = createMissedTexts({ ways, overview, announce, takeIn, clock, log })
  const stamp = createStamp({ watch, announce, readMissed, clock, log })
  const pulse = createPulse({
    overview,
    takeIn,
    drain,
    dueLoop,
    room,
    clock,
    metrics,
    ready: kernel.isReady,
    storeFails: stamp.storeFails,
    isOutdated: kernel.isOutdated,
  })
  const outages = createOutages({
    ways,
    overview,
    pulse,
    announce,
    readBack: (way, since) => readBack(way, since, log),
    clock,
    log,
  })
  const storeTrouble = createStoreTrouble({ stamp, room, overview, texts, language, clock, log })
  const { others } = options
  const standbyWatch = others && createStandbyWatch({ others, announce, clock, metrics })
  const saidForNothing = createSaidForNothing({ house, unsaved: () => kernel.unsaved, announce, clock })
  const retention = createRetention({
    tidy: (before) => store.tidy(before),
    overview,
    wake: (id) => kernel.wake(id),
    keep: policy.retention,
    isWatching: kernel.isReady,
    clock,
    log,
  })
  const parts: Parts = {
    store,
    retention,
    house,
    watch,
    stamp,
    takeIn,
    hearFirst: createHearFirst({ takeIn, house, fence, clock }),
    drain,
    dueLoop,
    channels,
    room,
    ways,
    texts,
    language: group.language,
    announce,
    pulse,
    lookers: [storeTrouble, outages, ...(standbyWatch ? [standbyWatch] : []), saidForNothing],
    board,
    beforeDeadline: createReadBeforeDeadline({ channels: channels.values(), overview, clock, log }),
    clock,
    log,
    version: options.version,
    fence,
    obeyed,
    ...(options.approve && { approve: options.approve }),
    ...(options.alarmClock && { alarmClock: options.alarmClock }),
    ...(options.heartbeat && { heartbeat: options.heartbeat }),
  }
  return { kernel, house, pulse, inbox: takeIn }
}
