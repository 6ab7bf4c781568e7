import { AsyncLocalStorage } from 'node:async_hooks'
import { subscribe } from 'node:diagnostics_channel'
import { readSync, writeSync } from 'node:fs'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import type { Decorate } from '../../src/compose.ts'
import { instead } from './instead.ts'
import type { Point } from './points.ts'
import { around, passing, worst } from './points.ts'

/** What a kernel says to whoever plays the round, on file descriptor 3: a line each. It is said also if the kernel dies in the next moment. */
const tell = (...words: (string | number)[]): void => void writeSync(3, `${words.join(' ')}\n`)

/** `put`: what its clock shows when it stores a message. */
export const telling: Decorate = {
  store: (store) =>
    instead(store, {
      inbox: instead(store.inbox, {
        put: (item) => {
          tell('put', Date.now(), item.receivedAt)
          return store.inbox.put(item)
        },
      }),
    }),
}

/**
 * `after-claim 1700000000000`: it is to stand still the next time that it passes this point, if that is before this moment. It tells `stop`, and goes
 * on when it can read something from file descriptor 4. It tells `send` when a request to send an effect is on the line: nothing calls it back
 * from then on.
 */
export function standingStillWhenTold(orders: Readable): Decorate {
  let order: { point: string; until: number } | undefined
  createInterface(orders).on('line', (line) => {
    const [name, until] = line.split(' ')
    const point = worst.find((one) => one === name)
    order = point && { point, until: Number(until) }
  })
  const pass = (point: Point): void => {
    if (point !== order?.point) return
    const isInTime = Date.now() < order.until
    order = undefined
    if (!isInTime) return
    tell('stop', Date.now())
    readSync(4, Buffer.alloc(1))
  }
  const sending = new AsyncLocalStorage<string>()
  subscribe('http.client.request.start', () => {
    const effect = sending.getStore()
    if (effect === undefined) return
    tell('send', Date.now(), effect)
    pass('on-the-line')
  })
  const known: Decorate = {
    channel: (channel) => instead(channel, { send: (message) => sending.run(message.id, () => channel.send(message)) }),
  }
  return around(passing(pass), known)
}
