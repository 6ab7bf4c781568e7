import { expect } from 'chai'
import { MongoClientClosedError, MongoNetworkError, MongoTopologyClosedError } from 'mongodb'
import type { StoreError } from '../../../src/ports/store.ts'
import { createWire } from '../../../src/stores/mongodb/wire.ts'

const never = (): Promise<never> => new Promise(() => undefined)
const codeOf = (error: unknown): string => (error as StoreError).code

describe('calls that go in line', () => {
  it('go so many at a time, and those on the wire itself go past', async () => {
    const wire = createWire(() => undefined)
    const line = wire.line(2)
    const made: string[] = []
    const ends = ['a', 'b', 'c'].map((name) => {
      const { promise, resolve } = Promise.withResolvers<string>()
      void line.call('change', () => {
        made.push(name)
        return promise
      })
      return () => resolve(name)
    })
    expect(await wire.call('insert', () => Promise.resolve('past'))).to.equal('past')
    expect(made).to.deep.equal(['a', 'b'])
    ends[0]?.()
    await new Promise((resolve) => setImmediate(resolve))
    expect(made).to.deep.equal(['a', 'b', 'c'])
  })

  it('are not made any more when nobody waits for them', async () => {
    const outwaited = async (): Promise<boolean> => {
      const wire = createWire(() => undefined)
      const line = wire.line(1)
      const { promise, resolve } = Promise.withResolvers<string>()
      const first = line.call('change', () => promise)
      // While the server is away nobody waits for longer than a second and a half.
      await wire.call('find', () => Promise.reject(new MongoNetworkError('away'))).catch(codeOf)
      let isMade = false
      expect(await line.call('change', () => ((isMade = true), never())).catch(codeOf)).to.equal('timeout')
      resolve('made')
      expect(await first).to.equal('made')
      expect(await line.call('find', () => Promise.resolve('goes on'))).to.equal('goes on')
      return isMade
    }
    // Two timers in five are up to a millisecond before their time, depending on when they were set.
    const made = Array.from({ length: 30 }, async (_, n) => {
      await new Promise((go) => setTimeout(go, n * 3.7))
      return outwaited()
    })
    expect(await Promise.all(made)).not.to.include(true)
  })
})

describe('a call whose socket broke while it was being written', () => {
  const broken = (code: string): Error => Object.assign(new Error(`write ${code}`), { code })

  for (const code of ['ECONNRESET', 'EPIPE', 'ERR_STREAM_DESTROYED'])
    it(`is made again, and in the end the server counts as away (${code})`, async () => {
      const wire = createWire(() => undefined)
      const answer = (tries: number): Promise<number> =>
        tries === 1 ? Promise.reject(broken(code)) : Promise.resolve(tries)
      expect(await wire.call('insert', answer)).to.equal(2)
      expect(await wire.call('insert', () => Promise.reject(broken(code))).catch(codeOf)).to.equal(
        'mongodb-unreachable',
      )
    })

  it('but not one that a file of ours is to blame for', async () => {
    const wire = createWire(() => undefined)
    let tries = 0
    const failed = wire.call('connect', () => (tries++, Promise.reject(broken('ENOENT'))))
    expect(await failed.catch(codeOf)).to.equal('mongodb-address')
    expect(tries).to.equal(1)
  })
})

describe('a call that waited, or was on its way, while everything was connected anew', () => {
  for (const closed of [new MongoTopologyClosedError('Topology is closed'), new MongoClientClosedError()])
    it(`is made again (${closed.name})`, async () => {
      const wire = createWire(() => undefined)
      const answer = await wire.call('find', (tries) => (tries === 1 ? Promise.reject(closed) : Promise.resolve(tries)))
      expect(answer).to.equal(2)
    })

  it('but not when the store is closed', async () => {
    const wire = createWire(() => undefined)
    const made = wire.call('find', () => {
      wire.close()
      return Promise.reject(new MongoTopologyClosedError('Topology is closed'))
    })
    expect(await made.catch(codeOf)).to.equal('closed')
  })
})
