import { expect } from 'chai'
import type { Engine, EngineOptions } from '../../src/app/engine.ts'
import { createEngine } from '../../src/app/engine.ts'
import { simulatorPhones, simulatorRoom } from '../../src/channels/simulator/send.ts'
import { builtInProtocol } from '../../src/config/built-in-protocol.ts'
import { makePolicy } from '../../src/config/protocol.ts'
import { parseDuration } from '../../src/core/duration.ts'
import type { DutyPerson } from '../../src/core/group/group.ts'
import type { KnownAddress, MemberChannel } from '../../src/core/address.ts'
import { newMember } from '../../src/core/member/member.ts'
import type { Policy } from '../../src/core/policy.ts'
import type { Duration, Instant } from '../../src/core/time.ts'
import { DAY } from '../../src/core/time.ts'
import { commandWords } from '../../src/i18n/command-words.ts'
import { phoneReader } from '../../src/i18n/phone.ts'
import { createTexts } from '../../src/i18n/texts.ts'
import { remembering } from '../../src/stores/remembering.ts'
import { temporalZone } from '../../src/i18n/zone.ts'
import type { Channel, Room } from '../../src/ports/channel.ts'
import type { Attachment, Heard, Inbox } from '../../src/ports/inbox.ts'
import type { SimulatedMessage, Store } from '../../src/ports/store.ts'
import type { StoryPlace, StoryStore } from './story-store.ts'
import { closeStores, storyPlace } from './story-store.ts'
import { silent } from './memory-ports.ts'
import type { VirtualClock } from './virtual-clock.ts'
import { virtualClock } from './virtual-clock.ts'

export const MO = '+447700900001'
const ADMIN = { id: '@admin:simulator', name: 'Admin' }

/** A Tuesday at 11:00 in London, in winter time. */
export const ELEVEN = Date.parse('2026-11-17T11:00:00Z')

afterEach(closeStores)

export interface StoryOptions {
  start?: number
  zone?: string
  duty?: DutyPerson[]
  policy?: (policy: Policy) => Policy
  /** Stands between the engine and the world: faults are put here. */
  channel?: (channel: Channel) => Channel
  room?: (room: Room) => Room
  channels?: (inbox: Inbox, clock: VirtualClock) => Channel[]
  store?: (store: Store) => Store
  watch?: EngineOptions['watch']
  wordsOf?: EngineOptions['wordsOf']
  heartbeat?: EngineOptions['heartbeat']
  alarmClock?: EngineOptions['alarmClock']
  /** Other kernels share the store. */
  fence?: EngineOptions['fence']
  others?: EngineOptions['others']
  memory?: EngineOptions['memory']
  log?: EngineOptions['log']
  metrics?: EngineOptions['metrics']
  version?: string
}

/** A kernel on a memory store, with drawn phones and a drawn room, and a clock that jumps. Promises are told as stories. */
export async function tell(options: StoryOptions = {}): Promise<Story> {
  const story = new Story(options)
  await story.starts()
  return story
}

export class Story {
  readonly clock: VirtualClock
  engine!: Engine
  store!: StoryStore
  readonly options: StoryOptions
  readonly place: StoryPlace = storyPlace()
  private count = 0
  private heardUpTo = 0

  constructor(options: StoryOptions = {}) {
    this.options = options
    this.clock = virtualClock(options.start ?? ELEVEN)
  }

  /** Opens the store and goes through the restart order. Mo Member exists from the first start on. */
  async starts(): Promise<void> {
    const { options, clock } = this
    const raw = await this.place.open(clock.now)
    this.store = raw
    const given = options.store?.(raw) ?? raw
    // As the composition puts it there.
    const store = { ...given, documents: remembering(given.documents) }
    const zone = temporalZone(options.zone ?? 'Europe/London')
    const texts = createTexts({ zone })
    const waits = makePolicy(builtInProtocol, {
      speed: 1,
      emergencyNumber: '999',
      retention: { sessions: DAY, incidents: 30 * DAY },
    })
    const policy = options.policy?.(waits) ?? waits
    this.engine = createEngine({
      store,
      clock,
      policy,
      groupPolicy: { duty: options.duty ?? [], waits: policy.waits },
      zone,
      texts,
      wordsOf: options.wordsOf ?? commandWords,
      group: { name: 'imok', language: 'en', languages: texts.languages },
      number: phoneReader('GB'),
      telegramLink: (token) => `https://t.me/imok_bot?start=${token}`,
      watch: options.watch ?? (() => ({})),
      outside: ({ inbox }) => this.outside(inbox, store),
      log: options.log ?? silent.log,
      metrics: options.metrics ?? silent.metrics,
      version: options.version ?? '0.1.0',
      newId: () => `id${String(++this.count)}`,
      ...(options.heartbeat && { heartbeat: options.heartbeat }),
      ...(options.alarmClock && { alarmClock: options.alarmClock }),
      ...(options.fence && { fence: options.fence }),
      ...(options.others && { others: options.others }),
      ...(options.memory && { memory: options.memory }),
    })
    if ((await store.addresses.find({ channel: 'simulator', address: MO })) === undefined)
      await this.register('Mo Member', { channel: 'simulator', address: MO })
    const started = this.engine.kernel.start()
    await this.until(started)
  }

  private outside(inbox: Inbox, store: Store): ReturnType<EngineOptions['outside']> {
    const { options, clock } = this
    const phones = simulatorPhones({ sent: store.sent, clock })
    const room = simulatorRoom({ sent: store.sent, clock })
    const channels = [options.channel?.(phones) ?? phones, ...(options.channels?.(inbox, clock) ?? [])]
    return {
      channels: new Map<MemberChannel, Channel>(channels.map((c) => [c.name, c])),
      room: options.room?.(room) ?? room,
    }
  }

  async register(name: string, ...addresses: KnownAddress[]): Promise<string> {
    const id = `member${String(++this.count)}${name.replaceAll(/\W/g, '')}`
    await this.engine.house.members.insert(newMember({ id, name, language: 'en', addresses, status: 'confirmed' }))
    for (const address of addresses) await this.store.addresses.assign(address, id)
    return id
  }

  /** The power fails: what is not durable is gone; then the kernel starts again, `after` later. */
  async crashesAndRestarts(after = '2s'): Promise<void> {
    this.store.crash()
    await this.passes(ms(after))
    await this.starts()
  }

  async stops(): Promise<void> {
    await this.until(this.engine.kernel.stop())
    this.store.crash()
  }

  /** Moves the clock on; everything that is due on the way happens, in order. */
  async forward(length: string): Promise<void> {
    await this.goesOn(ms(length))
    await this.settled()
  }

  /** The same, by milliseconds of its clock. */
  async goesOn(time: Duration): Promise<void> {
    await this.clock.forward(time, () => this.settled())
  }

  /** The same, to this moment. */
  async goesOnTo(at: Instant): Promise<void> {
    await this.goesOn(at - this.clock.now())
  }

  /** Time that brings nothing new: only a disk or a server is waited for, which hours that fly past would take for a dead one. */
  async passes(time: Duration): Promise<void> {
    await this.clock.forward(time, async () => {
      for (let answers = this.store.answers(); answers; answers = this.store.answers()) await answers
    })
  }

  async put(heard: Heard, id = `story:${String(++this.count)}`): Promise<void> {
    await this.engine.inbox.put({ id, sender: senderOf(heard), receivedAt: this.clock.now(), heard })
    await this.settled()
  }

  phone(address: string = MO, channel: MemberChannel = 'simulator'): Phone {
    return new Phone(this, { channel, address })
  }

  /** An admin writes in the room. */
  /** `replyTo`: the number of a message in the simulator's list. */
  async admin(text: string, by = ADMIN, replyTo?: number): Promise<void> {
    await this.put({ type: 'order', by, text, ...(replyTo !== undefined && { replyTo }) })
  }

  async messages(): Promise<(SimulatedMessage & { n: number })[]> {
    return this.store.sent.list(0)
  }

  async room(): Promise<string[]> {
    return (await this.messages()).filter((m) => m.to === 'room').map((m) => m.text)
  }

  /** The next thing the room hears that fits; what came before it since the last call is passed over. */
  async roomHears(pattern: RegExp): Promise<string> {
    return this.hears('room', pattern)
  }

  async hears(to: string, pattern: RegExp): Promise<string> {
    const all = (await this.messages()).filter((m) => m.to === to)
    const found = all.find((m) => pattern.test(m.text) && m.n > this.heardUpTo) ?? all.find((m) => pattern.test(m.text))
    expect(
      found?.text,
      `${to} should hear ${String(pattern)}; heard:\n${all.map((m) => m.text).join('\n--\n')}`,
    ).to.match(pattern)
    this.heardUpTo = Math.max(this.heardUpTo, found?.n ?? 0)
    return found?.text ?? ''
  }

  async times(to: string, pattern: RegExp): Promise<number> {
    return (await this.messages()).filter((m) => m.to === to && pattern.test(m.text)).length
  }

  /** Waits, in real time, until nothing moves any more without a clock. */
  async settled(): Promise<void> {
    for (let quiet = 0, rounds = 0; quiet < 5; rounds++) {
      await new Promise((resolve) => setImmediate(resolve))
      // A disk or a network takes its time, and no clock moves meanwhile.
      const answers = this.store.answers()
      if (answers) {
        await answers
        quiet = rounds = 0
        continue
      }
      quiet = this.engine.pulse.busy() ? 0 : quiet + 1
      // Something is held up by a fault that only time ends.
      if (rounds > 200) return
    }
  }

  /** Awaits something that may itself wait for the clock: the clock is moved on in small steps meanwhile. */
  async until<T>(work: Promise<T>): Promise<T> {
    const state = { done: false }
    const over = work.finally(() => (state.done = true))
    over.catch(() => undefined)
    const breathe = async (): Promise<void> => {
      for (let answers: Promise<unknown> | undefined = Promise.resolve(); answers; answers = this.store.answers()) {
        await answers
        await new Promise((resolve) => setImmediate(resolve))
      }
    }
    for (let i = 0; i < 20 && !state.done; i++) await breathe()
    for (let tries = 0; !state.done; tries++) {
      if (tries > 6_000) throw new Error('it did not end within ten minutes of the clock')
      await this.clock.forward(100, breathe)
    }
    return over
  }
}

/** As the channels write it: what one person says on one line is applied in its order. */
export const senderOf = (heard: Heard): string =>
  heard.type === 'order' ? heard.by.id : 'from' in heard ? `${heard.from.channel}:${heard.from.address}` : heard.type

export class Phone {
  readonly story: Story
  readonly at: { channel: MemberChannel; address: string }
  constructor(story: Story, at: { channel: MemberChannel; address: string }) {
    this.story = story
    this.at = at
  }

  async texts(
    text: string,
    more: { sentAt?: number; id?: string; attachment?: Attachment; edited?: boolean } = {},
  ): Promise<void> {
    const { id, ...rest } = more
    await this.story.put({ type: 'message', from: this.at, text, ...rest }, id)
  }

  hears(pattern: RegExp): Promise<string> {
    return this.story.hears(this.at.address, pattern)
  }

  async heard(): Promise<string[]> {
    return (await this.story.messages()).filter((m) => m.to === this.at.address).map((m) => m.text)
  }
}

export function ms(length: string): number {
  const parsed = parseDuration(length)
  if (parsed === undefined) throw new Error(`not a length: ${length}`)
  return parsed
}
