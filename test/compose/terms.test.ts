import { expect } from 'chai'
import type { Engine } from '../../src/app/engine.ts'
import { serveTerms } from '../../src/compose/terms.ts'
import type { Office, Term } from '../../src/ports/office.ts'
import { silent } from '../support/memory-ports.ts'

const until = async (isSo: () => boolean): Promise<void> => {
  for (const end = Date.now() + 5_000; !isSo(); await new Promise((go) => setTimeout(go, 20)))
    if (Date.now() > end) throw new Error('it did not become so')
}

describe('a kernel that stands by', () => {
  it('follows the clock of its machine, because what it takes in bears its time; in office others do that', async () => {
    let follows = 0
    let take: (term: Term) => void = () => undefined
    const term: Term = {
      epoch: 2,
      over: new Promise(() => undefined),
      prove: () => Promise.resolve(true),
      isCutOff: () => false,
      left: () => 10_000,
      resign: () => Promise.resolve(),
    }
    const office: Office = {
      take: () => new Promise((resolve) => (take = resolve)),
      isHeldByAnother: () => true,
      standbys: () => 0,
      hasSeenAnother: () => false,
    }
    const kernel = { standBy: () => Promise.resolve(), stop: () => Promise.resolve() }
    const terms = serveTerms({
      office,
      candidate: () => Promise.resolve({ engine: { kernel } as unknown as Engine, start: () => Promise.resolve() }),
      followClock: () => follows++,
      log: silent.log,
    })
    await terms.settled
    await until(() => follows > 1)
    take(term)
    await until(() => terms.role() === 'active')
    const before = follows
    await new Promise((go) => setTimeout(go, 600))
    expect(follows).to.equal(before)
    await terms.stop()
  })
})
