// Stands between a kernel and its database: loses answers, hangs, or cuts the line.
import type { Socket } from 'node:net'
import { openTcpRelay } from '../../support/tcp-relay.ts'

export interface WireProxy {
  port: number
  /** The address of a database through it. */
  url: (database: string) => string
  /** The share of answers that never come, and the connection with them, but never two within `apart` ms. What was asked is done all the same. */
  lose: (share: number, apart?: number) => void
  /** Nothing goes through any more: cut at once, or asked and never answered. */
  cut: (how: 'refused' | 'silent') => void
  heal: () => void
  /** How many answers were lost. */
  lost: () => number
  stop: () => Promise<void>
}

export async function startWireProxy(target: number, random: () => number = Math.random): Promise<WireProxy> {
  let share = 0
  let apart = 0
  let lostAt = -Infinity
  let broken: 'refused' | 'silent' | undefined
  let lost = 0
  const carry = (near: Socket, far: Socket): void => {
    near.on('data', (bytes) => {
      if (broken === undefined) far.write(bytes)
    })
    far.on('data', (bytes) => {
      if (broken !== undefined) return
      if (random() < share && performance.now() - lostAt >= apart) {
        lost++
        lostAt = performance.now()
        near.destroy()
      } else near.write(bytes)
    })
  }
  const { port, cut, stop } = await openTcpRelay(target, carry, () => broken === 'refused')
  return {
    port,
    url: (database) => `mongodb://127.0.0.1:${String(port)}/${database}`,
    lose: (of, ms = 0) => {
      share = of
      apart = ms
    },
    cut: (how) => {
      broken = how
      if (how === 'refused') cut()
    },
    heal: () => {
      broken = undefined
      // What hung is not taken up again.
      cut()
    },
    lost: () => lost,
    stop,
  }
}
