import { expect } from 'chai'
import { shareSync } from '../../../src/stores/lowdb/share-sync.ts'
import { makeGate, makeTurns } from '../../../src/stores/turns.ts'

/** A promise that is settled from outside. */
function deferred(): { promise: Promise<void>; resolve: () => void; reject: (error: Error) => void } {
  const { promise, resolve, reject } = Promise.withResolvers<undefined>()
  return { promise, resolve: () => resolve(undefined), reject }
}
const later = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

describe('a shared sync', () => {
  it('begins after each caller called: whoever comes while one is running shares the next', async () => {
    const syncs: ReturnType<typeof deferred>[] = []
    const sync = shareSync(() => {
      syncs.push(deferred())
      return syncs.at(-1)!.promise
    })
    const done: string[] = []
    const call = (name: string): Promise<number> => sync().then(() => done.push(name))
    const calls = [call('first'), call('second'), call('third')]
    expect(syncs).to.have.length(1)
    syncs[0]!.resolve()
    await later()
    expect(done).to.deep.equal(['first'])
    expect(syncs).to.have.length(2)
    calls.push(call('fourth'))
    syncs[1]!.resolve()
    await later()
    expect(done).to.deep.equal(['first', 'second', 'third'])
    syncs[2]!.resolve()
    await Promise.all(calls)
    expect(syncs).to.have.length(3)
  })

  it('that fails fails for those who shared it, and not for the next', async () => {
    const syncs: ReturnType<typeof deferred>[] = []
    const sync = shareSync(() => {
      syncs.push(deferred())
      return syncs.at(-1)!.promise
    })
    const outcomes = Promise.allSettled([sync(), sync()])
    syncs[0]!.reject(new Error('EIO'))
    await later()
    syncs[1]!.resolve()
    expect((await outcomes).map(({ status }) => status)).to.deep.equal(['rejected', 'fulfilled'])
  })
})

describe('turns', () => {
  it('happen one after the other for one key, at once for several, and go on after a failure', async () => {
    const turns = makeTurns()
    const told: string[] = []
    const hold = deferred()
    const first = turns.take('a', async () => {
      await hold.promise
      told.push('a1')
      throw new Error('no')
    })
    const second = turns.take('a', async () => told.push('a2'))
    await turns.take('b', async () => told.push('b1'))
    hold.resolve()
    await Promise.allSettled([first, second])
    await turns.idle()
    expect(told).to.deep.equal(['b1', 'a1', 'a2'])
  })

  it('at a gate: so many at once, in order, however they end', async () => {
    const gate = makeGate(2)
    const holds = Array.from({ length: 5 }, deferred)
    const begun: number[] = []
    const all = Promise.allSettled(
      holds.map((hold, i) =>
        gate(() => {
          begun.push(i)
          return hold.promise
        }),
      ),
    )
    await later()
    expect(begun).to.deep.equal([0, 1])
    holds[1]!.reject(new Error('no'))
    await later()
    expect(begun).to.deep.equal([0, 1, 2])
    for (const hold of holds) hold.resolve()
    await all
    expect(begun).to.deep.equal([0, 1, 2, 3, 4])
  })
})
