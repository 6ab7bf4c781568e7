// What a Telegram channel is given in these tests: a fake Bot API, an inbox that can fail, a clock whose pauses pass at once.
import { EventEmitter, once } from 'node:events'
import { telegramChannel } from '../../../src/channels/telegram/channel.ts'
import type { TelegramChannel, TelegramOptions } from '../../../src/channels/telegram/channel.ts'
import type { Duration } from '../../../src/core/time.ts'
import type { Outgoing } from '../../../src/ports/channel.ts'
import type { Clock } from '../../../src/ports/clock.ts'
import type { Heard, Inbox, InboxItem } from '../../../src/ports/inbox.ts'
import type { Log, LogFields, Metrics } from '../../../src/ports/log.ts'
import { StoreError } from '../../../src/ports/store.ts'
import { FakeTelegram } from '../../support/fake-telegram.ts'

export const MO = 700_100_200
export const NOW = Date.UTC(2026, 10, 21, 11, 0)

/** Pauses are noted and pass at once, unless they are held. */
export class DeskClock implements Clock {
  readonly speed = 1
  readonly pauses: Duration[] = []
  time = NOW
  #held: { ms: Duration; resolve: () => void }[] | undefined
  readonly #repeats = new Set<() => void>()

  now = (): number => this.time
  jump = (): number => 0
  at = (): (() => void) => () => undefined
  every = (_real: Duration, job: () => void): (() => void) => {
    this.#repeats.add(job)
    return () => void this.#repeats.delete(job)
  }
  pause = async (real: Duration): Promise<void> => {
    this.pauses.push(real)
    const held = this.#held
    if (held) await new Promise<void>((resolve) => held.push({ ms: real, resolve }))
    else await new Promise((resolve) => setImmediate(resolve))
  }
  /** From now on pauses last until `pass`. */
  hold(): void {
    this.#held ??= []
  }
  /** Ends the pauses that are at most so long. */
  pass(real: Duration): void {
    const ended = this.#held?.filter(({ ms }) => ms <= real) ?? []
    this.#held = this.#held?.filter(({ ms }) => ms > real)
    for (const { resolve } of ended) resolve()
  }
  /** Whatever was to happen at intervals happens. */
  giveUp(): void {
    for (const job of [...this.#repeats]) job()
  }
}

/** Durable as far as a test is concerned: it outlives the channel. */
export class DeskInbox implements Inbox {
  readonly items: InboxItem[] = []
  duplicates = 0
  #failing = 0
  readonly #events = new EventEmitter()

  failNext(times: number): void {
    this.#failing = times
  }
  put = async (item: InboxItem): Promise<'stored' | 'duplicate'> => {
    await new Promise((resolve) => setImmediate(resolve))
    this.#events.emit('put')
    if (this.#failing > 0) {
      this.#failing -= 1
      throw new StoreError('ENOSPC', 'the disk is full')
    }
    if (this.items.some((i) => i.id === item.id)) {
      this.duplicates += 1
      return 'duplicate'
    }
    this.items.push(item)
    return 'stored'
  }
  pending = (): Promise<InboxItem[]> => Promise.resolve(this.items)
  done = (): Promise<void> => Promise.resolve()
  failed = (): Promise<number> => Promise.resolve(1)

  heard = (): Heard[] => this.items.map((i) => i.heard)
  texts = (): string[] => this.heard().map((h) => (h.type === 'message' ? h.text : h.type))
  /** Resolves as soon as there are `count` items. */
  async until(count: number): Promise<Heard[]> {
    while (this.items.length < count) {
      await once(this.#events, 'put')
      await new Promise((resolve) => setImmediate(resolve))
    }
    return this.heard()
  }
}

export interface Line {
  level: string
  message: string
  fields: LogFields
}

export class Desk {
  readonly fake: FakeTelegram
  readonly inbox = new DeskInbox()
  readonly clock = new DeskClock()
  readonly lines: Line[] = []
  readonly counted: { name: string; labels: Record<string, string> }[] = []
  readonly channels: TelegramChannel[] = []
  readonly #events = new EventEmitter()

  static async open(): Promise<Desk> {
    return new Desk(await FakeTelegram.start())
  }
  constructor(fake: FakeTelegram) {
    this.fake = fake
  }

  channel(more: Partial<TelegramOptions> = {}): TelegramChannel {
    const { fake, inbox, clock, log, metrics } = this
    const basic = { token: fake.token, apiUrl: `${fake.url}/`, groupAnswer: 'Only in a private chat.' }
    const channel = telegramChannel({ ...basic, inbox, clock, log, metrics, ...more })
    this.channels.push(channel)
    return channel
  }

  /** A channel that listens and has read all there was. */
  async listening(more: Partial<TelegramOptions> = {}): Promise<TelegramChannel> {
    const channel = this.channel(more)
    await channel.start?.()
    await this.fake.updates.polled()
    return channel
  }

  async close(): Promise<void> {
    for (const channel of this.channels) await channel.stop?.()
    await this.fake.close()
  }

  readonly log: Log = {
    info: (message, fields = {}) => this.#line('info', message, fields),
    warn: (message, fields = {}) => this.#line('warn', message, fields),
    error: (message, fields = {}) => this.#line('error', message, fields),
  }
  readonly metrics: Metrics = {
    count: (name, labels = {}) => void this.counted.push({ name, labels }),
    set: (name, _value, labels = {}) => void this.counted.push({ name, labels }),
    observe: (name, _value, labels = {}) => void this.counted.push({ name, labels }),
  }
  #line(level: string, message: string, fields: LogFields): void {
    this.lines.push({ level, message, fields })
    this.#events.emit('line')
  }
  /** Resolves with the first log line that matches. */
  async logged(pattern: RegExp): Promise<Line> {
    for (;;) {
      const line = this.lines.find((l) => pattern.test(JSON.stringify(l)))
      if (line) return line
      await once(this.#events, 'line')
    }
  }
}

export const outgoing = (more: Partial<Outgoing> = {}): Outgoing => ({
  id: 'm1:3:0',
  to: { channel: 'telegram', address: String(MO) },
  text: 'Noted at 11:00.',
  choices: [],
  urgency: 'answer',
  validity: 60_000,
  since: NOW,
  ...more,
})
