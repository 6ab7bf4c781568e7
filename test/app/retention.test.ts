import { expect } from 'chai'
import type { Glance } from '../../src/app/overview.ts'
import { createRetention } from '../../src/app/retention.ts'
import type { Retention } from '../../src/app/retention.ts'
import { DAY, HOUR, SECOND } from '../../src/core/time.ts'
import { silent } from '../support/memory-ports.ts'
import { virtualClock } from '../support/virtual-clock.ts'
import type { VirtualClock } from '../support/virtual-clock.ts'

const START = Date.parse('2026-11-17T11:00:00Z')
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

function retentionWith(members: Partial<Glance>[], fails: (id: string) => boolean = () => false): World {
  const clock = virtualClock(START)
  const done: string[] = []
  const act = (what: string): Promise<void> => {
    done.push(what)
    return fails(what) ? Promise.reject(new Error(`${what} fails`)) : Promise.resolve()
  }
  const world: World = {
    clock,
    done,
    isWatching: true,
    retention: createRetention({
      tidy: (before) => act(`tidy ${String(START - before.done)} ${String(START - before.setAside)}`),
      overview: { all: () => members } as unknown as Parameters<typeof createRetention>[0]['overview'],
      wake: act,
      keep: { sessions: 24 * HOUR, incidents: 7 * DAY },
      isWatching: () => world.isWatching,
      clock,
      log: silent.log,
    }),
  }
  return world
}

interface World {
  clock: VirtualClock
  done: string[]
  isWatching: boolean
  retention: Retention
}

const TIDIED = `tidy ${String(24 * HOUR)} ${String(30 * DAY)}`

describe('what is over', () => {
  it('is erased by the store after retention.sessions, what was set aside after 30 days; whoever is out is not woken', async () => {
    const world = retentionWith([{ id: 'home' }, { id: 'out', dueAt: START + HOUR }, { id: 'home too' }])
    await world.retention.sweep()
    expect(world.done).to.deep.equal([TIDIED, 'home', 'home too'])
  })

  it('is erased although something else cannot be, and that is told', async () => {
    const world = retentionWith([{ id: 'a' }, { id: 'b' }, { id: 'c' }], (what) => what === 'b' || what === TIDIED)
    const told = await world.retention.sweep().catch((error: unknown) => (error as Error).message)
    expect(told).to.equal(`${TIDIED} fails`)
    expect(world.done).to.deep.equal([TIDIED, 'a', 'b', 'c'])
  })

  it('is swept a minute after a start, once, and not by a kernel that was stopped', async () => {
    const world = retentionWith([{ id: 'a' }])
    world.retention.soon()
    await world.clock.forward(59 * SECOND, settled)
    expect(world.done).to.deep.equal([])
    await world.clock.forward(SECOND, settled)
    expect(world.done).to.have.length(2)
    await world.clock.forward(HOUR, settled)
    expect(world.done).to.have.length(2)

    world.retention.soon()()
    world.retention.soon()
    world.isWatching = false
    await world.clock.forward(HOUR, settled)
    expect(world.done).to.have.length(2)
  })
})
