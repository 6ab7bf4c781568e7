// Stands between a kernel and its database: loses answers, hangs, or cuts the line.
import type { Socket } from 'node:net'
import { connect, createServer } from 'node:net'
import type { AddressInfo } from 'node:net'

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
  const open = new Set<Socket>()
  const server = createServer((near) => {
    if (broken === 'refused') return void near.destroy()
    const far = connect(target, '127.0.0.1')
    for (const end of [near, far]) {
      open.add(end)
      end.on('error', () => undefined)
      end.once('close', () => {
        open.delete(end)
        near.destroy()
        far.destroy()
      })
    }
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
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    port,
    url: (database) => `mongodb://127.0.0.1:${String(port)}/${database}`,
    lose: (of, ms = 0) => {
      share = of
      apart = ms
    },
    cut: (how) => {
      broken = how
      if (how === 'refused') for (const end of open) end.destroy()
    },
    heal: () => {
      broken = undefined
      // What hung is not taken up again.
      for (const end of open) end.destroy()
    },
    lost: () => lost,
    stop: async () => {
      for (const end of open) end.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
