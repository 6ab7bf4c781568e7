import { expect } from 'chai'
import { lookFor } from '../../../src/channels/matrix/look-for.ts'
import { SECOND } from '../../../src/core/time.ts'
import type { Duration } from '../../../src/core/time.ts'
import { virtualClock } from '../../support/virtual-clock.ts'

const never = (): Promise<never> => new Promise(() => undefined)
const soon = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
/** Whatever goes on without any time passing is over. */
const settled = async (): Promise<void> => {
  for (let turn = 0; turn < 10; turn++) await soon()
}

describe('a look for what another kernel of ours said', () => {
  /** What was asked, in order. */
  let asked: string[]
  let known: string | undefined

  beforeEach(() => {
    asked = []
    known = undefined
  })

  /** Looks with these answers; `after(by)` lets time pass, and tells how the look ended, if it has. */
  const look = (reading: () => Promise<unknown>, catchUp: () => Promise<void>) => {
    const clock = virtualClock(0)
    let end: { event: string | undefined } | undefined
    const find = async (signal: AbortSignal): Promise<string | undefined> => {
      if (known === undefined && !signal.aborted) {
        asked.push('read')
        await Promise.race([reading(), new Promise((resolve) => signal.addEventListener('abort', resolve))])
      }
      return known
    }
    void lookFor({ find, catchUp: () => (asked.push('catch up'), catchUp()), clock }).then((event) => (end = { event }))
    return {
      after: async (by: Duration) => {
        await clock.forward(by, settled)
        return end
      },
    }
  }

  it('reads, catches up and reads again, as long as nothing is found', async () => {
    const { after } = look(soon, soon)
    expect(await after(SECOND)).to.deep.equal({ event: undefined })
    expect(asked).to.deep.equal(['read', 'catch up', 'read'])
  })

  it('catches up with nobody when it was found', async () => {
    const { after } = look(async () => (known = '$1'), never)
    expect(await after(0)).to.deep.equal({ event: '$1' })
    expect(asked).to.deep.equal(['read'])
  })

  for (const [what, reading, catchUp] of [
    ['the first reading', never, soon],
    ['the catching up', soon, never],
    ['the second reading', () => (asked.length === 1 ? soon() : never()), soon],
  ] as const)
    it(`is over after five seconds when ${what} hangs; nobody is asked any more, and what came meanwhile counts`, async () => {
      const { after } = look(reading, catchUp)
      expect(await after(4.999 * SECOND)).to.equal(undefined)
      known = '$1'
      const before = [...asked]
      expect(await after(1)).to.deep.equal({ event: '$1' })
      expect(await after(60 * SECOND)).to.deep.equal({ event: '$1' })
      expect(asked).to.deep.equal(before)
    })

  it('asks nobody behind its end', async () => {
    const { after } = look(never, soon)
    expect(await after(5 * SECOND)).to.deep.equal({ event: undefined })
    await after(60 * SECOND)
    expect(asked).to.deep.equal(['read'])
  })

  it('goes on at once when there is no catching up', async () => {
    const { after } = look(soon, () => Promise.reject(new Error('stopped')))
    expect(await after(0)).to.deep.equal({ event: undefined })
  })
})
