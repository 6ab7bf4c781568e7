import { expect } from 'chai'
import fc from 'fast-check'
import type { Document, Documents } from '../../src/ports/store.ts'
import { aDocument, failureOf } from './store.ts'
import type { Given } from './store.ts'

export function documentsContract(given: Given): void {
  const documents = (): Documents => given.store.documents
  const reopen = async (): Promise<void> => {
    await given.store.close()
    given.store = await given.harness.open()
  }

  it('knows nothing of a document that was never saved', async () => {
    expect(await documents().read('nobody')).to.equal(undefined)
  })

  it('gives back what was saved, now and after reopening', async () => {
    const saved: Document[] = [
      aDocument('m1', 1, { wakeAt: 1_700_000_000_000.5 }),
      aDocument('m2', 1, { body: { text: 'ünder the bridge 🌉\u0000', list: [1, null, { deep: true }] } }),
      aDocument('M2', 1, { body: 'a different one than m2' }),
      aDocument('../m/3 %41é🌉', 1, { body: null }),
      aDocument('group', 1, { kind: 'group', schema: 7 }),
    ]
    for (const document of saved) await documents().write(document)
    for (const document of saved) expect(await documents().read(document.id)).to.deep.equal(document)
    await reopen()
    for (const document of saved) expect(await documents().read(document.id)).to.deep.equal(document)
    expect(given.store.damage).to.deep.equal([])
  })

  it('saves the next version and no other', async () => {
    await documents().write(aDocument('m1', 1))
    await documents().write(aDocument('m1', 2))
    for (const version of [1, 2, 4, 100])
      expect(await failureOf(documents().write(aDocument('m1', version)))).to.equal('Conflict')
    expect(await failureOf(documents().write(aDocument('m2', 2)))).to.equal('Conflict')
    expect(await documents().read('m1')).to.deep.equal(aDocument('m1', 2))
    expect(await documents().read('m2')).to.equal(undefined)
  })

  it('lets one of 20 writers of a version win, and loses no update of 20 that reload and redo', async () => {
    const tries = await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        failureOf(documents().write(aDocument('m1', 1, { body: { count: 0, winner: i } }))),
      ),
    )
    expect(tries.filter((result) => result === 'nothing')).to.have.length(1)
    expect(tries.filter((result) => result === 'Conflict')).to.have.length(19)

    const increment = async (): Promise<void> => {
      for (;;) {
        const read = await documents().read('m1')
        const body = read!.body as { count: number }
        const result = await failureOf(
          documents().write({ ...read!, version: read!.version + 1, body: { count: body.count + 1 } }),
        )
        if (result === 'nothing') return
        expect(result).to.equal('Conflict')
      }
    }
    const worker = async (): Promise<void> => {
      for (let i = 0; i < 5; i++) await increment()
    }
    await Promise.all(Array.from({ length: 20 }, worker))
    expect(await documents().read('m1')).to.deep.include({ version: 101, body: { count: 100 } })
  })

  it('shares no object with its callers', async () => {
    const body = { list: [1, 2] }
    const writing = documents().write(aDocument('m1', 1, { body }))
    body.list.push(3)
    await writing
    const read = (await documents().read('m1'))!.body as typeof body
    expect(read.list).to.deep.equal([1, 2])
    read.list.push(4)
    expect((await documents().read('m1'))!.body).to.deep.equal({ list: [1, 2] })
  })

  it('erases a version for good, and only that version', async () => {
    await documents().write(aDocument('m1', 1, { wakeAt: 5 }))
    for (const version of [0, 2]) expect(await failureOf(documents().erase('m1', version))).to.equal('Conflict')
    await documents().erase('m1', 1)
    expect(await failureOf(documents().erase('m1', 1))).to.equal('Conflict')
    await given.harness.crash()
    given.store = await given.harness.open()
    expect(await documents().read('m1')).to.equal(undefined)
    expect(await documents().due(Infinity, 10)).to.deep.equal([])
    await documents().write(aDocument('m1', 1))
    expect(await documents().read('m1')).to.deep.equal(aDocument('m1', 1))
  })

  it('refuses what could not be kept', async () => {
    for (const wrong of [aDocument('', 1), aDocument('m1', 0), aDocument('m1', 1, { wakeAt: Number.NaN })]) {
      expect(await failureOf(documents().write(wrong))).to.equal('RangeError')
    }
  })

  it('walks through all documents of a kind', async () => {
    for (let i = 0; i < 40; i++) await documents().write(aDocument(`m${i}`, 1, { body: i }))
    await documents().write(aDocument('group', 1, { kind: 'group' }))
    await documents().erase('m7', 1)
    const bodies: unknown[] = []
    for await (const { id, body } of documents().all('member')) bodies.push([id, body])
    expect(new Map(bodies as [string, number][])).to.deep.equal(
      new Map(Array.from({ length: 40 }, (_, i) => [`m${i}`, i] as const).filter(([id]) => id !== 'm7')),
    )
    expect(bodies).to.have.length(39)
  })

  it('says who is due: exactly those, soonest first, at most as many as asked', async () => {
    const changes = fc.array(
      fc.record({
        id: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'),
        wakeAt: fc.option(fc.integer({ min: 0, max: 9 }), { nil: undefined }),
        erase: fc.boolean(),
      }),
      { maxLength: 25 },
    )
    const seed = Date.now() & 0x7fffffff
    const property = fc.asyncProperty(
      changes,
      fc.integer({ min: -1, max: 10 }),
      fc.integer({ min: 1, max: 7 }),
      async (list, until, limit) => {
        const model = new Map<string, Document>()
        const run = `${(runs++).toString(36)}-`
        for (const { id, wakeAt, erase } of list) {
          const known = model.get(id)
          if (erase && known) {
            await documents().erase(run + id, known.version)
            model.delete(id)
          } else {
            const next = aDocument(run + id, (known?.version ?? 0) + 1, wakeAt === undefined ? {} : { wakeAt })
            await documents().write(next)
            model.set(id, next)
          }
        }
        const expected = [...model.values()]
          .flatMap(({ id, version, wakeAt }) =>
            wakeAt === undefined || wakeAt > until ? [] : [{ id, version, wakeAt }],
          )
          .sort((a, b) => a.wakeAt - b.wakeAt || (a.id < b.id ? -1 : 1))
        // Others' leftovers are due as well, so the limit is only asked of a store that is otherwise empty.
        expect((await documents().due(until, 10_000)).filter(({ id }) => id.startsWith(run))).to.deep.equal(expected)
        for (const { id, version } of model.values()) await documents().erase(id, version - 0)
        for (const { id } of expected) await documents().write(aDocument(`${id}!`, 1, { wakeAt: 1 }))
        expect(await documents().due(1, limit)).to.deep.equal(
          expected
            .map(({ id }) => ({ id: `${id}!`, version: 1, wakeAt: 1 }))
            .sort((a, b) => (a.id < b.id ? -1 : 1))
            .slice(0, limit),
        )
        for (const { id } of expected) await documents().erase(`${id}!`, 1)
      },
    )
    let runs = 0
    await fc.assert(property, { seed, numRuns: 40 })
  })

  it('knows who is due after a crash as before', async () => {
    for (const [id, wakeAt] of [
      ['c', 3],
      ['a', 1],
      ['b', 2],
      ['d', 2],
    ] as const)
      await documents().write(aDocument(id, 1, { wakeAt }))
    await documents().write(aDocument('a', 2, { wakeAt: 9 }))
    await documents().write(aDocument('c', 2))
    const before = await documents().due(100, 100)
    await given.harness.crash()
    given.store = await given.harness.open()
    expect(before.map(({ id }) => id)).to.deep.equal(['b', 'd', 'a'])
    expect(await documents().due(100, 100)).to.deep.equal(before)
  })
}
