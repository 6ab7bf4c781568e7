// What every test of the Twilio channel stands on: the channel, served by express, and the fake Twilio at the other end.
import { EventEmitter, once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import express from 'express'
import { twilioChannel } from '../../../../src/channels/sms/twilio/channel.ts'
import type { TwilioChannel, TwilioOptions } from '../../../../src/channels/sms/twilio/channel.ts'
import { HOUR } from '../../../../src/core/time.ts'
import type { Duration, Instant } from '../../../../src/core/time.ts'
import { SendError } from '../../../../src/ports/channel.ts'
import type { Outgoing } from '../../../../src/ports/channel.ts'
import type { Clock } from '../../../../src/ports/clock.ts'
import type { Inbox, InboxItem } from '../../../../src/ports/inbox.ts'
import { FakeTwilio } from '../../../support/fake-twilio.ts'

export const MO = '+447700900001'
export const US = '+447700900100'
export const NOON = Date.UTC(2026, 6, 1, 12)

/** A clock that stands still, whose ticks are given by hand. */
export interface HandClock extends Clock {
  time: Instant
  tick(): void
  ticking(): boolean
}

export function handClock(): HandClock {
  let job: (() => void) | undefined
  const clock: HandClock = {
    time: NOON,
    speed: 1,
    now: () => clock.time,
    at: () => () => undefined,
    every: (_real: Duration, tick) => {
      job = tick
      return () => (job = undefined)
    },
    pause: () => Promise.resolve(),
    jump: () => 0,
    tick: () => job?.(),
    ticking: () => job !== undefined,
  }
  return clock
}

/** An inbox in memory that knows its ids and can refuse. */
export interface TestInbox extends Inbox {
  items: InboxItem[]
  refuse: Error | undefined
}

export function testInbox(): TestInbox {
  const inbox: TestInbox = {
    items: [],
    refuse: undefined,
    put: (item) => {
      if (inbox.refuse) return Promise.reject(inbox.refuse)
      if (inbox.items.some(({ id }) => id === item.id)) return Promise.resolve('duplicate')
      inbox.items.push(item)
      return Promise.resolve('stored')
    },
    pending: () => Promise.resolve(inbox.items),
    done: () => Promise.resolve(),
    failed: () => Promise.resolve(1),
  }
  return inbox
}

export interface Line {
  twilio: FakeTwilio
  channel: TwilioChannel
  clock: HandClock
  inbox: TestInbox
  /** Everything that was logged, as one text. */
  logged(): string
  counted(name: string, labels?: Record<string, string>): number
  /** Where the kernel's routes are. */
  kernel: string
  /** Resolves when the next look into Twilio's list has ended. */
  looked(): Promise<unknown>
  /** The texts of the messages heard, in order. */
  texts(): string[]
  hangUp(): Promise<void>
}

type Options = Partial<TwilioOptions>

export async function line(given: Options | ((kernel: string) => Options) = {}): Promise<Line> {
  const clock = handClock()
  const inbox = testInbox()
  const app = express()
  const server = createServer((request, response) => void app(request, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const port = (server.address() as AddressInfo).port
  const kernel = `http://127.0.0.1:${port}`
  const twilio = await FakeTwilio.start({ now: () => clock.now(), webhook: `${kernel}/sms/twilio` })
  const options = typeof given === 'function' ? given(kernel) : given
  const lines: string[] = []
  const log = (message: string, fields?: object): void => void lines.push(`${message} ${JSON.stringify(fields ?? {})}`)
  const counts: string[] = []
  const events = new EventEmitter()
  const channel = twilioChannel({
    accountSid: twilio.accountSid,
    authToken: twilio.authToken,
    from: US,
    apiUrl: twilio.url,
    host: '127.0.0.1',
    port,
    mode: 'webhook',
    inbox,
    clock,
    log: { info: log, warn: log, error: log },
    metrics: {
      count: (name, labels) => {
        counts.push(`${name} ${JSON.stringify(labels ?? {})}`)
        events.emit(name)
      },
      set: () => undefined,
      observe: () => undefined,
    },
    somebodyIsOut: () => false,
    timeout: 5_000,
    ...options,
  })
  app.use(channel.routes())
  return {
    twilio,
    channel,
    clock,
    inbox,
    kernel,
    logged: () => lines.join('\n'),
    counted: (name, labels = {}) => counts.filter((c) => c === `${name} ${JSON.stringify(labels)}`).length,
    looked: () => once(events, 'imok_twilio_read_backs_total'),
    texts: () => inbox.items.flatMap(({ heard }) => (heard.type === 'message' ? [heard.text] : [])),
    hangUp: async () => {
      await channel.stop()
      await twilio.stop()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

let serial = 0

/** A message as the drain hands it over. */
export const outgoing = (more: Partial<Outgoing> = {}): Outgoing => ({
  id: `m-7f3a:4:${++serial}`,
  to: { channel: 'sms', address: MO },
  text: 'Checked in. Deadline 13:00.',
  choices: [],
  urgency: 'answer',
  validity: HOUR,
  since: NOON,
  ...more,
})

/** The SendError that this ends in. */
export async function failure(attempt: Promise<unknown>): Promise<SendError> {
  try {
    await attempt
  } catch (error) {
    if (error instanceof SendError) return error
    throw error
  }
  throw new Error('it worked')
}
