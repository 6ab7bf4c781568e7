import { expect } from 'chai'
import type { Store } from '../../../src/ports/store.ts'
import { openStoreOn } from '../../../src/stores/lowdb/open-store.ts'
import { anItem } from '../../contract/store.ts'
import { DyingDisk } from '../../support/dying-disk.ts'
import { ForgetfulDisk } from '../../support/forgetful-disk.ts'
import { testKey } from '../../support/lowdb-harness.ts'
import { seededRandom } from '../../support/seeded-random.ts'

const HOUR = 3_600_000
const start = 1_700_000_000_000
const big = (id: string) =>
  anItem(id, {
    heard: { type: 'message', from: { channel: 'sms', address: '+447700900001' }, text: 'x'.repeat(150_000) },
  })
const size = (disk: ForgetfulDisk): number =>
  [...disk.files()].filter(([path]) => path.startsWith('inbox/')).reduce((sum, [, bytes]) => sum + bytes.length, 0)

/** Fills the journal with what is done, until just before it is worth writing anew. */
async function fill(store: Store): Promise<void> {
  await store.inbox.put(anItem('sms:old', { receivedAt: start - 71 * HOUR }))
  await store.inbox.done('sms:old')
  await store.inbox.put(anItem('sms:waiting'))
  await store.inbox.failed('sms:waiting')
  for (let i = 0; i < 6; i++) {
    await store.inbox.put(big(`sms:${i}`))
    await store.inbox.done(`sms:${i}`)
  }
}

describe('compaction of a journal', function () {
  this.timeout(60_000)

  it('drops what is done, keeps what waits and the ids of 72 hours, and lets puts through meanwhile', async () => {
    const disk = new ForgetfulDisk()
    let now = start
    let reached: (() => void) | undefined
    const snapshot = new Promise<void>((resolve) => (reached = resolve))
    let goOn: (() => void) | undefined
    const wait = new Promise<void>((resolve) => (goOn = resolve))
    const hook = async (point: string): Promise<void> => {
      if (point !== 'inbox:snapshot') return
      reached?.()
      await wait
    }
    const store = await openStoreOn(disk, { key: testKey, now: () => now, hook })
    await fill(store)
    now += 2 * HOUR
    await store.inbox.put(big('sms:over the line'))
    await store.inbox.put(anItem('sms:next'))
    await snapshot
    // The snapshot is stuck, and puts are not.
    expect(await store.inbox.put(anItem('sms:meanwhile', { receivedAt: now }))).to.equal('stored')
    await store.inbox.done('sms:over the line')
    goOn?.()
    await store.close()

    expect(size(disk)).to.be.lessThan(160_000)
    const again = await openStoreOn(disk.after('unsynced'), { key: testKey, now: () => now })
    expect(again.damage).to.deep.equal([])
    expect(await again.inbox.pending()).to.deep.equal([
      anItem('sms:waiting', { failures: 1 }),
      anItem('sms:next'),
      anItem('sms:meanwhile', { receivedAt: now }),
    ])
    expect(await again.inbox.put(anItem('sms:3'))).to.equal('duplicate')
    expect(await again.inbox.put(anItem('sms:old', { receivedAt: now }))).to.equal('stored')
  })

  const seed = Number(process.env['IMOK_TEST_SEED'] ?? Date.now() % 1_000_000)
  for (const loss of ['nothing', 'unsynced', 'some'] as const) {
    it(`loses nothing wherever it dies (${loss} lost, IMOK_TEST_SEED=${seed})`, async () => {
      const random = seededRandom(seed)
      let isDone = false
      // What a power cut spares is chance: four of them at each step.
      for (let turn = 1; !isDone; turn++) {
        const step = loss === 'some' ? Math.ceil(turn / 4) : turn
        const disk = new ForgetfulDisk()
        const dying = new DyingDisk(disk)
        const store = await openStoreOn(dying, { key: testKey, now: () => start })
        await fill(store)
        // A compaction behind it, so that there are older segments to remove.
        await store.inbox.put(big('sms:first'))
        for (let i = 10; i < 15; i++) {
          await store.inbox.put(big(`sms:${i}`))
          await store.inbox.done(`sms:${i}`)
        }
        await store.inbox.done('sms:first')
        dying.left = step
        const acknowledged: string[] = []
        const put = async (id: string): Promise<void> => {
          if ((await store.inbox.put(id === 'sms:line' ? big(id) : anItem(id)).catch(() => '')) === 'stored')
            acknowledged.push(id)
        }
        await put('sms:line')
        await put('sms:after')
        await Promise.all(['sms:a', 'sms:b', 'sms:c'].map(put))
        await store.close().catch(() => undefined)
        isDone = !dying.dead
        await dying.letGo()

        const found = disk.after(loss, random)
        const again = await openStoreOn(found, { key: testKey, now: () => start })
        const ids = (await again.inbox.pending()).map(({ id }) => id)
        expect(ids, `step ${step}`).to.include.members(['sms:waiting', ...acknowledged])
        expect(new Set(ids).size).to.equal(ids.length)
        expect(['sms:waiting', 'sms:line', 'sms:after', 'sms:a', 'sms:b', 'sms:c'], `step ${step}`).to.include.members(
          ids,
        )
        for (let i = 0; i < 6; i++) expect(await again.inbox.put(big(`sms:${i}`)), `step ${step}`).to.equal('duplicate')
        expect(await again.inbox.put(anItem('sms:old'))).to.equal('duplicate')
        // And what this one takes lasts, whatever the dead one left unsynced.
        expect(await again.inbox.put(anItem('sms:later'))).to.equal('stored')
        const last = await openStoreOn(found.after('unsynced'), { key: testKey, now: () => start })
        expect(
          (await last.inbox.pending()).map(({ id }) => id),
          `step ${step}`,
        ).to.deep.equal([...ids, 'sms:later'])
        if (isDone) expect(step).to.be.greaterThan(12)
      }
    })
  }

  it('that fails for want of room leaves the longer journal, and is tried again later', async () => {
    const disk = new ForgetfulDisk()
    const store = await openStoreOn(disk, { key: testKey, now: () => start })
    await fill(store)
    disk.trouble = (operation, path) => (operation === 'create' && path.startsWith('inbox/') ? 'ENOSPC' : undefined)
    await store.inbox.put(big('sms:line'))
    for (let i = 0; i < 5; i++) expect(await store.inbox.put(anItem(`sms:after ${i}`))).to.equal('stored')
    disk.trouble = () => undefined
    expect(size(disk)).to.be.greaterThan(1_048_576)
    for (let i = 10; i < 16; i++) {
      await store.inbox.put(big(`sms:${i}`))
      await store.inbox.done(`sms:${i}`)
    }
    await store.close()
    expect(size(disk)).to.be.lessThan(1_048_576)
    const again = await openStoreOn(disk, { key: testKey, now: () => start })
    expect((await again.inbox.pending()).map(({ id }) => id)).to.include.members([
      'sms:waiting',
      'sms:line',
      'sms:after 4',
    ])
  })
})
