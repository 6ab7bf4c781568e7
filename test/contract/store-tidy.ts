import { expect } from 'chai'
import type { Store } from '../../src/ports/store.ts'
import { dieAtEachStep } from './store-crash.ts'
import { anItem } from './store.ts'
import type { Given, Harness } from './store.ts'

const NOW = 1_700_000_000_000
/** Everything that was handled by now, and nothing that was set aside. */
const all = { done: NOW + 1, setAside: 0 }

/** What is done is erased for good, and nothing else is. */
export function tidyContract(given: Given, makeHarness: () => Promise<Harness>): void {
  const handle = async (store: Store): Promise<void> => {
    for (const id of ['sms:secret', 'sms:waiting', 'sms:other']) await store.inbox.put(anItem(id))
    await store.inbox.failed('sms:waiting')
    await store.inbox.done('sms:secret')
    await store.inbox.done('sms:other')
  }
  const idsIn = async (store: Store): Promise<string[]> => (await store.inbox.pending()).map(({ id }) => id)

  it('leaves no byte of a text that is done, keeps those that wait, and still knows the ids', async () => {
    const { harness } = given
    await given.store.inbox.put(anItem('sms:secret'))
    expect(await harness.readable(), 'what waits').to.include('text of sms:secret')
    await handle(given.store)
    await given.store.tidy(all)
    expect(await harness.readable()).not.to.match(/text of sms:(secret|other)/)
    await harness.crash()
    expect(await harness.readable(), 'after a crash').not.to.match(/text of sms:(secret|other)/)
    given.store = await harness.open()
    expect(await given.store.inbox.pending()).to.deep.equal([anItem('sms:waiting', { failures: 1 })])
    for (const id of ['sms:secret', 'sms:other', 'sms:waiting'])
      expect(await given.store.inbox.put(anItem(id))).to.equal('duplicate')
    expect(given.store.damage).to.deep.equal([])
  })

  it('erases what was done in an earlier life, and what is done after an earlier tidying', async () => {
    await handle(given.store)
    await given.store.close()
    given.store = await given.harness.open()
    await given.store.tidy(all)
    expect(await given.harness.readable()).not.to.include('text of sms:secret')
    await given.store.inbox.done('sms:waiting')
    await given.store.tidy(all)
    expect(await given.harness.readable()).not.to.include('text of sms:waiting')
  })

  it('takes puts meanwhile, and two that tidy at once are no trouble', async () => {
    await handle(given.store)
    const { inbox } = given.store
    const ids = Array.from({ length: 20 }, (_, i) => `sms:meanwhile ${i}`)
    const [, ...answers] = await Promise.all([
      Promise.all([given.store.tidy(all), given.store.tidy(all)]),
      ...ids.map((id) => inbox.put(anItem(id))),
    ])
    expect(new Set(answers)).to.deep.equal(new Set(['stored']))
    expect(await given.harness.readable()).not.to.include('text of sms:secret')
    await given.harness.crash()
    given.store = await given.harness.open()
    expect(await idsIn(given.store)).to.have.members(['sms:waiting', ...ids])
  })

  it('loses nothing wherever it dies while it tidies, and what it said was erased is', async () => {
    const steps = await dieAtEachStep(makeHarness, async (harness, step) => {
      const store = await harness.open()
      await handle(store)
      harness.dieAt(step)
      const [tidied, put] = await Promise.allSettled([store.tidy(all), store.inbox.put(anItem('sms:meanwhile'))])
      const later = await store.inbox.put(anItem('sms:later')).catch(() => 'failed')
      const died = harness.isDead()
      await harness.crash()

      if (tidied.status === 'fulfilled') expect(await harness.readable()).not.to.match(/text of sms:(secret|other)/)
      const again = await harness.open()
      const ids = await idsIn(again)
      expect(ids).to.include('sms:waiting').and.not.to.include('sms:secret')
      if (put.status === 'fulfilled') expect(ids).to.include('sms:meanwhile')
      if (later === 'stored') expect(ids).to.include('sms:later')
      for (const id of ['sms:secret', 'sms:other']) expect(await again.inbox.put(anItem(id))).to.equal('duplicate')
      await again.tidy(all)
      expect(await harness.readable()).not.to.match(/text of sms:(secret|other)/)
      await harness.crash()
      expect(await idsIn(await harness.open())).to.deep.equal(ids)
      expect(await harness.readable()).not.to.match(/text of sms:(secret|other)/)
      return died
    })
    expect(steps).to.be.greaterThan(4)
  })
}
