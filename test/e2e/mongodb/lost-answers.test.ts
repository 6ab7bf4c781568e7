// The database does what it is asked, and the answer is lost on the way: done once, and never believed undone.
import { expect } from 'chai'
import { Conflict, StoreError } from '../../../src/ports/store.ts'
import type { MongoStore } from '../../../src/stores/mongodb/index.ts'
import { aDocument, aMessage, anItem } from '../../contract/store.ts'
import { seededRandom } from '../../support/seeded-random.ts'
import { newName, openAndTake } from './harness.ts'
import type { StandIn } from './stand-in.ts'
import { startStandIn } from './stand-in.ts'
import type { WireProxy } from './wire-proxy.ts'
import { startWireProxy } from './wire-proxy.ts'

/** Terms in office that outlast any number of lost answers. */
const patient = { lease: 60_000, beat: 20_000, margin: 10, look: 5, comeBack: 10 }

describe('Answers of the database that are lost', function () {
  this.timeout(90_000)
  const seed = Date.now() % 1_000_000
  let server: StandIn
  let proxy: WireProxy
  let store: MongoStore

  before(async () => {
    server = await startStandIn()
    proxy = await startWireProxy(server.port, seededRandom(seed))
    store = await openAndTake(proxy.url(newName()), { times: patient })
    proxy.lose(0.05)
  })
  after(async () => {
    proxy.lose(0)
    await store.close()
    await proxy.stop()
    await server.stop()
  })

  it(`each of 60 changes by 6 writers is made once (seed ${String(seed)})`, async () => {
    await store.documents.write(aDocument('m1', 1, { body: [] as string[] }))
    const add = async (token: string): Promise<void> => {
      for (;;) {
        try {
          const read = (await store.documents.read('m1'))!
          const body = read.body as string[]
          if (body.includes(token)) return
          await store.documents.write({ ...aDocument('m1', read.version + 1), body: [...body, token] })
          return
        } catch (error) {
          // Three answers in a row: whether it was done is seen by looking, as a kernel does.
          const isPassing = error instanceof Conflict || (error instanceof StoreError && error.code !== 'closed')
          if (!isPassing) throw error
        }
      }
    }
    const worker = async (_: unknown, n: number): Promise<void> => {
      for (let i = 0; i < 10; i++) await add(`${String(n)}.${String(i)}`)
    }
    await Promise.all(Array.from({ length: 6 }, worker))
    // From here on one that was lost is made up for: three in a row would be an outage, which callers hear of.
    proxy.lose(0.05, 100)
    const all = (await store.documents.read('m1'))!.body as string[]
    expect(all).to.have.length(60)
    expect(new Set(all).size).to.equal(60)
    expect(proxy.lost(), 'answers were lost').to.be.greaterThan(5)
  })

  it('a text is taken once, and said to be stored; a number is given to one; an entry of the list has one number', async () => {
    const ids = Array.from({ length: 60 }, (_, n) => `sms:${String(n)}`)
    const answers = await Promise.all(ids.map((id) => store.inbox.put(anItem(id))))
    expect(new Set(answers)).to.deep.equal(new Set(['stored']))
    expect((await store.inbox.pending()).map(({ id }) => id).sort()).to.deep.equal([...ids].sort())
    for (const id of ids.slice(0, 20)) {
      expect(await store.inbox.failed(id)).to.equal(1)
      await store.inbox.done(id)
    }
    expect(await store.inbox.pending()).to.have.length(40)
    const numbers = await Promise.all(ids.map((id) => store.sent.append(id, aMessage(id))))
    expect(numbers).to.deep.equal(ids.map((_, n) => n + 1))
    const phone = (n: number) => ({ channel: 'sms' as const, address: `+4477009001${String(n).padStart(2, '0')}` })
    for (let n = 0; n < 30; n++) expect(await store.addresses.assign(phone(n), 'm1')).to.equal(true)
    for (let n = 0; n < 30; n++) expect(await store.addresses.assign(phone(n), 'm2')).to.equal(false)
    await store.documents.write(aDocument('m2', 1))
    await store.documents.erase('m2', 1)
    expect(await store.documents.read('m2')).to.equal(undefined)
  })
})
