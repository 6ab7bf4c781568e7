import { expect } from 'chai'
import { MongoNetworkError } from 'mongodb'
import type { Office, Term } from '../../../src/ports/office.ts'
import { StoreError } from '../../../src/ports/store.ts'
import type { OfficeRow, OfficeTimes } from '../../../src/stores/mongodb/office.ts'
import { mongoOffice } from '../../../src/stores/mongodb/office.ts'
import type { StandbyRow } from '../../../src/stores/mongodb/standbys.ts'
import { FakeCollection } from '../../support/fake-collection.ts'

const times: OfficeTimes = { lease: 120, beat: 30, margin: 20, look: 5, comeBack: 400 }
const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
const until = async (isSo: () => boolean): Promise<void> => {
  for (const end = Date.now() + 5_000; !isSo(); await sleep(5))
    if (Date.now() > end) throw new Error('it did not become so')
}
const soon = (): AbortSignal => AbortSignal.timeout(5_000)

/** Stands by until it is told to leave; then: whether it took office meanwhile. */
function standsBy(office: Pick<Office, 'take'>): { leaves: () => Promise<Term | undefined> } {
  const standing = new AbortController()
  const taken = office.take(standing.signal).catch(() => undefined)
  return {
    leaves: () => {
      standing.abort()
      return taken
    },
  }
}

/** Two kernels that see the same row, each by a line of its own. */
function house() {
  const shared = new FakeCollection<OfficeRow>()
  const standbyRows = new FakeCollection<StandbyRow>()
  const replaced = { isSo: false }
  const lines = [0, 1].map(() => {
    const line = new FakeCollection<OfficeRow>()
    Object.defineProperty(line, 'rows', { value: shared.rows })
    return line
  })
  const offices = lines.map((line) =>
    mongoOffice({
      rows: line.opened(),
      standbyRows: standbyRows.opened(),
      times,
      isNew: () => Promise.resolve(true),
      check: (looks) =>
        looks === 'older' || (looks === 'changed' && replaced.isSo)
          ? Promise.reject(new StoreError('mongodb-not-ours', 'emptied'))
          : Promise.resolve(),
      begin: () => Promise.resolve(),
      onTrouble: () => undefined,
    }),
  )
  const [a, b] = offices as [(typeof offices)[0], (typeof offices)[0]]
  return {
    a,
    b,
    lineOfA: lines[0]!,
    lineOfB: lines[1]!,
    standbyRows,
    replaced,
    shared,
    close: () => offices.forEach((office) => office.close()),
  }
}

describe('a term in office', () => {
  let it_: ReturnType<typeof house>
  beforeEach(() => {
    it_ = house()
  })
  afterEach(() => it_.close())

  it('is one kernel’s alone, and lasts while it beats', async () => {
    const term = await it_.a.take(soon())
    expect(term.epoch).to.equal(1)
    const refused = await it_.b.take(AbortSignal.timeout(3 * times.lease)).catch(() => 'stands by')
    expect(refused).to.equal('stands by')
    expect(it_.b.isHeldByAnother()).to.equal(true)
    expect(it_.a.isHeldByAnother()).to.equal(false)
    expect(term.left()).to.be.within(1, times.lease)
  })

  it('given back, the next one need not wait, and has a higher epoch', async () => {
    const term = await it_.a.take(soon())
    const began = performance.now()
    const next = it_.b.take(soon())
    await term.resign()
    expect((await next).epoch).to.equal(2)
    expect(performance.now() - began).to.be.lessThan(times.lease)
    expect(term.left()).to.equal(0)
  })

  it('of one that does not beat is over for it before the next one begins, by its own clock', async () => {
    const term = await it_.a.take(soon())
    it_.lineOfA.isAway = true
    let ranOut = 0
    const watch = setInterval(() => {
      if (ranOut === 0 && term.left() === 0) ranOut = performance.now()
    }, 1)
    const next = await it_.b.take(soon())
    const taken = performance.now()
    clearInterval(watch)
    expect(next.epoch).to.equal(2)
    expect(ranOut).to.be.within(1, taken)
    it_.lineOfA.isAway = false
    expect(await term.prove(), 'it asks, and hears that another one is in office').to.equal(false)
    await term.over
    expect(term.left()).to.equal(0)
  })

  it('goes on after the database was away for everybody, whoever is faster then', async () => {
    const term = await it_.a.take(soon())
    const standby = standsBy(it_.b)
    await until(() => it_.b.isHeldByAnother())
    for (const line of [it_.lineOfA, it_.lineOfB]) line.isAway = true
    await sleep(2 * times.lease)
    it_.lineOfB.isAway = false
    await sleep(3 * times.look)
    it_.lineOfA.isAway = false
    await sleep(2 * times.lease)
    expect(term.left()).to.be.within(1, times.lease)
    expect(await standby.leaves()).to.equal(undefined)
  })

  it('of one that died while the database was away is over all the same, however often nobody can look', async () => {
    const term = await it_.a.take(soon())
    const taken = it_.b.take(soon())
    await until(() => it_.b.isHeldByAnother())
    it_.lineOfA.isAway = true
    const away = setInterval(() => (it_.lineOfB.isAway = !it_.lineOfB.isAway), 20)
    expect((await taken).epoch).to.equal(2)
    clearInterval(away)
    expect(term.left()).to.equal(0)
  })

  it('that is its own and is not served, because the answer was lost, need not be waited for', async () => {
    const term = await it_.a.take(soon())
    const row = it_.lineOfA.rows.get('office')
    await term.resign()
    // As if the giving back had not arrived, and somebody had seen it beat ever since.
    let beat = 0
    const show = (): void => {
      if (row && it_.lineOfA.rows.get('office')?.epoch === 1) it_.lineOfA.rows.set('office', { ...row, beat: ++beat })
    }
    show()
    const beats = setInterval(show, 20)
    const next = await it_.a.take(soon()).finally(() => clearInterval(beats))
    expect(next.epoch).to.equal(2)
  })

  it('shows who stands by, and who was in office before: alive, not as they were left', async () => {
    it_.standbyRows.rows.set('dead', { _id: 'dead', beat: 7 })
    const term = await it_.a.take(soon())
    const leaving = new AbortController()
    const waiting = it_.b.take(leaving.signal).catch(() => undefined)
    await until(() => it_.a.standbys() === 1)
    expect([it_.a.hasSeenAnother(), it_.b.hasSeenAnother()]).to.deep.equal([false, true])
    leaving.abort()
    await waiting
    await until(() => it_.a.standbys() === 0)
    expect([...it_.standbyRows.rows.keys()]).to.deep.equal(['dead'])
    const next = it_.b.take(soon())
    await until(() => it_.a.standbys() === 1)
    await term.resign()
    await next
    await until(() => it_.standbyRows.rows.size === 1)
    expect(it_.b.standbys()).to.equal(0)
  })

  it('in a database that was emptied is nobody’s, and is not over: it goes on when the records are there again', async () => {
    const term = await it_.a.take(soon())
    const standby = standsBy(it_.b)
    await until(() => it_.b.isHeldByAnother())
    const rows = new Map(it_.shared.rows)
    it_.shared.rows.clear()
    it_.replaced.isSo = true
    const refused = await term.prove().catch((error: unknown) => (error as StoreError).code)
    expect(refused).to.equal('mongodb-not-ours')
    await sleep(3 * times.lease)
    expect([term.left(), term.isCutOff()]).to.deep.equal([0, true])
    expect(it_.shared.rows.size, 'nobody took office there').to.equal(0)
    for (const [id, row] of rows) it_.shared.rows.set(id, row)
    it_.replaced.isSo = false
    expect(await term.prove()).to.equal(true)
    expect(term.left()).to.be.greaterThan(0)
    expect(await standby.leaves()).to.equal(undefined)
  })

  for (const [what, change] of [
    ['before our time', { epoch: 0, holder: '', beat: 0 }],
    ['in our time', { beat: 0 }],
  ] as const)
    it(`is not over, and not ours either, when a copy of the database is put back that was made ${what}`, async () => {
      const term = await it_.a.take(soon())
      const standby = standsBy(it_.b)
      for (let beats = 0; beats < 3; beats++) await term.prove()
      await until(() => it_.b.isHeldByAnother())
      await sleep(2 * times.look)
      const row = it_.shared.rows.get('office')
      if (!row) throw new Error('nobody is in office')
      it_.shared.rows.set('office', { ...row, ...change })
      expect(await term.prove().catch((error: unknown) => (error as StoreError).code)).to.equal('mongodb-not-ours')
      await sleep(3 * times.lease)
      expect(term.left()).to.equal(0)
      await until(() => term.isCutOff())
      expect(await standby.leaves(), 'whoever stands by does not believe it either').to.equal(undefined)
    })

  it('that is given back while a beat is under way is no reason to think so', async () => {
    const term = await it_.a.take(soon())
    const { promise: held, resolve: goOn } = Promise.withResolvers<undefined>()
    const updateOne = it_.lineOfA.updateOne.bind(it_.lineOfA)
    it_.lineOfA.updateOne = (...args) => {
      it_.lineOfA.updateOne = updateOne
      return held.then(() => updateOne(...args))
    }
    const beat = term.prove()
    await sleep(1)
    await term.resign()
    goOn(undefined)
    expect(await beat).to.equal(false)
  })

  it('of which a beat comes late is not turned back by it', async () => {
    const term = await it_.a.take(soon())
    const updateOne = it_.lineOfA.updateOne.bind(it_.lineOfA)
    let late: (() => Promise<unknown>) | undefined
    it_.lineOfA.updateOne = (...args) => {
      late ??= () => updateOne(...args)
      it_.lineOfA.updateOne = updateOne
      return Promise.reject(new MongoNetworkError('on its way'))
    }
    for (let beats = 0; beats < 3; beats++) await term.prove()
    await late?.()
    expect(await term.prove()).to.equal(true)
  })

  it('in a database that is another group’s now is not begun, and nobody counts as in office', async () => {
    it_.replaced.isSo = true
    it_.shared.rows.set('office', { _id: 'office', epoch: 7, holder: 'somebody else', beat: 1 })
    const standby = standsBy(it_.b)
    await sleep(3 * times.lease)
    expect(it_.b.isHeldByAnother()).to.equal(false)
    expect(it_.shared.rows.get('office')?.epoch).to.equal(7)
    expect(await standby.leaves()).to.equal(undefined)
  })

  it('that ran out and that nobody took goes on', async () => {
    const term = await it_.a.take(soon())
    it_.lineOfA.isAway = true
    await sleep(times.lease + 10)
    expect(term.left()).to.equal(0)
    it_.lineOfA.isAway = false
    expect(await term.prove()).to.equal(true)
    expect(term.left()).to.be.greaterThan(0)
    expect(term.epoch).to.equal(1)
  })
})
