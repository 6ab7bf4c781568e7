import { expect } from 'chai'
import { createDueLoop } from '../../src/app/due-loop.ts'
import type { DueLoop } from '../../src/app/due-loop.ts'
import { SECOND } from '../../src/core/time.ts'
import type { Documents } from '../../src/ports/store.ts'
import { silent } from '../support/memory-ports.ts'
import { virtualClock } from '../support/virtual-clock.ts'
import type { VirtualClock } from '../support/virtual-clock.ts'

const START = 1_000_000
const STUCK = 12_000

const quiet = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** As many documents as a provider that hangs can hold up: due, woken, and due as before. */
function world(also: Record<string, number>): {
  clock: VirtualClock
  loop: DueLoop
  woken: { id: string; at: number }[]
} {
  const clock = virtualClock(START)
  const wakes = new Map<string, number>(Object.entries(also))
  for (let i = 0; i < STUCK; i++) wakes.set(`stuck${String(i)}`, START - 60 * SECOND)
  const documents = {
    due: (until: number, limit: number) =>
      Promise.resolve(
        [...wakes]
          .filter(([, at]) => at <= until)
          .sort(([, a], [, b]) => a - b)
          .slice(0, limit)
          .map(([id, wakeAt]) => ({ id, version: 1, wakeAt })),
      ),
  } as unknown as Documents
  const woken: { id: string; at: number }[] = []
  const wake = async (id: string): Promise<void> => {
    woken.push({ id, at: clock.now() })
    if (!id.startsWith('stuck')) wakes.delete(id)
    await quiet()
  }
  const loop = createDueLoop({ documents, clock, log: silent.log, metrics: silent.metrics, wake })
  return { clock, loop, woken }
}

describe('the due loop', () => {
  it('wakes on time what is due behind thousands that are stuck', async () => {
    const { clock, loop, woken } = world({ mo: START + 5 * SECOND })
    await loop.catchUp()
    loop.start()
    await clock.forward(5 * SECOND, quiet)
    for (let i = 0; i < 5; i++) await quiet()
    expect(woken.find((w) => w.id === 'mo')?.at).to.equal(START + 5 * SECOND)
    loop.stop()
  })

  it('wakes first what was not woken before', async () => {
    const { clock, loop, woken } = world({ mo: START + 5 * SECOND })
    await loop.catchUp()
    loop.start()
    await clock.forward(5 * SECOND, quiet)
    for (let i = 0; i < 5; i++) await quiet()
    const since = woken.filter((w) => w.at === START + 5 * SECOND).findIndex((w) => w.id === 'mo')
    expect(since).to.be.within(0, 200)
    loop.stop()
  })

  it('those that are stuck are looked at again and again', async () => {
    const { clock, loop, woken } = world({})
    loop.start()
    while (woken.filter((w) => w.id === 'stuck11999').length < 2) await clock.forward(SECOND, quiet)
    loop.stop()
  })

  it('a start wakes all that is due, however many are stuck', async () => {
    const { loop, woken } = world({ mo: START - SECOND })
    await loop.catchUp()
    expect(woken.some((w) => w.id === 'mo')).to.equal(true)
    expect(woken).to.have.length(STUCK + 1)
  })
})
