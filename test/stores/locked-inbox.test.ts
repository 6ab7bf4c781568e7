import { createSecretKey, randomBytes } from 'node:crypto'
import { expect } from 'chai'
import { makeSeal } from '../../src/crypto/seal.ts'
import { makePair } from '../../src/crypto/sealed-box.ts'
import type { InboxItem } from '../../src/ports/inbox.ts'
import type { StoreError } from '../../src/ports/store.ts'
import { ensurePair, findBox, MOST, moveLockedInbox, openLockedInbox } from '../../src/stores/locked-inbox.ts'
import type { LockedInbox } from '../../src/stores/locked-inbox.ts'
import type { Disk } from '../../src/stores/lowdb/disk.ts'
import { DyingDisk } from '../support/dying-disk.ts'
import { ForgetfulDisk } from '../support/forgetful-disk.ts'
import { testKey } from '../support/lowdb-harness.ts'
import { seededRandom } from '../support/seeded-random.ts'

const NOW = 1_700_000_000_000
const seal = makeSeal(testKey)

const sms = (n: number, text = 'SOS behind the mill'): InboxItem => ({
  id: `sms:SM${String(n)}`,
  sender: 'sms:+447700900002',
  receivedAt: NOW - 10_000 + n,
  heard: { type: 'message', from: { channel: 'sms', address: '+447700900002' }, text },
})

/** What the inbox of the store has taken, each id once. */
const taker = () => {
  const items = new Map<string, InboxItem>()
  return {
    items,
    ids: () => [...items.keys()],
    put: async (item: InboxItem) => {
      if (items.has(item.id)) return 'duplicate' as const
      items.set(item.id, item)
      return 'stored' as const
    },
  }
}

const locked = async (disk: Disk): Promise<LockedInbox> => openLockedInbox(disk, await findBox(disk))
const codeOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'nothing was thrown',
    (error: unknown) => (error as StoreError).code,
  )

describe('what comes in while locked', () => {
  let disk: ForgetfulDisk
  beforeEach(async () => {
    disk = new ForgetfulDisk()
    await ensurePair(disk, seal, NOW)
  })

  it('is put into the inbox under its ids, in order, and then it is gone', async () => {
    const inbox = await locked(disk)
    for (const n of [1, 2, 3]) expect(await inbox.put(sms(n))).to.equal('stored')
    expect(inbox.taken()).to.equal(3)
    const store = taker()
    expect(await moveLockedInbox(disk, seal, store, NOW)).to.deep.equal([])
    expect([...store.items.values()]).to.deep.equal([sms(1), sms(2), sms(3)])
    expect([...disk.after('unsynced').files().keys()]).to.deep.equal(['locked-inbox.key'])
  })

  it('is there after a power cut when it was answered for', async () => {
    const inbox = await locked(disk)
    await inbox.put(sms(1))
    const store = taker()
    await moveLockedInbox(disk.after('unsynced'), seal, store, NOW)
    expect(store.ids()).to.deep.equal(['sms:SM1'])
  })

  it('shows no name, number, id or text to whoever has the disk', async () => {
    const inbox = await locked(disk)
    await inbox.put(sms(1))
    for (const [name, bytes] of disk.files())
      for (const word of ['mill', '7700900', 'SM1', 'message', 'receivedAt'])
        expect(bytes.includes(word), `${word} in ${name}`).to.equal(false)
  })

  it('is one item, however often the provider brings it', async () => {
    const inbox = await locked(disk)
    await inbox.put(sms(1))
    expect(await inbox.put(sms(1))).to.equal('duplicate')
    // A locked kernel that was restarted cannot read what it has; the inbox knows the id.
    await (await locked(disk)).put(sms(1))
    const store = taker()
    await moveLockedInbox(disk, seal, store, NOW)
    expect(store.ids()).to.deep.equal(['sms:SM1'])
  })

  it('is refused when there is too much of it, and what was taken before is safe', async () => {
    const inbox = await locked(disk)
    const large = 'x'.repeat(100_000)
    let taken = 0
    let code = 'stored'
    while (code === 'stored' && taken < 1_000) {
      code = await inbox.put(sms(taken, large)).catch((error: unknown) => (error as StoreError).code)
      if (code === 'stored') taken++
    }
    expect(code).to.equal('locked-full')
    expect(taken).to.equal(Math.floor(MOST / 100_500))
    expect(await inbox.put(sms(5_000)), 'a small one still fits').to.equal('stored')
    expect(disk.files().get('locked-inbox')?.length).to.be.at.most(MOST)
    const store = taker()
    await moveLockedInbox(disk, seal, store, NOW)
    expect(store.items.size).to.equal(taken + 1)
  })

  it('is refused where there is no key to seal it with: nothing is kept in clear', async () => {
    const fresh = new ForgetfulDisk()
    expect(await codeOf((await locked(fresh)).put(sms(1)))).to.equal('locked')
    expect(fresh.files().size).to.equal(0)
  })

  for (const operation of ['write', 'sync'])
    it(`is refused when the disk fails (${operation}), and goes on when it can`, async () => {
      const inbox = await locked(disk)
      await inbox.put(sms(1))
      disk.trouble = (what) => (what === operation ? 'ENOSPC' : undefined)
      expect(await codeOf(inbox.put(sms(2)))).to.equal('ENOSPC')
      disk.trouble = () => undefined
      await inbox.put(sms(3))
      expect(await inbox.put(sms(2)), 'the provider tries again').to.equal('stored')
      const store = taker()
      expect(await moveLockedInbox(disk, seal, store, NOW)).to.deep.equal([])
      expect(store.ids()).to.deep.equal(['sms:SM1', 'sms:SM3', 'sms:SM2'])
    })

  const seed = Number(process.env['IMOK_TEST_SEED'] ?? Date.now() % 1_000_000)
  it(`is whole after power cuts that kept any part of what was not synced (IMOK_TEST_SEED=${String(seed)})`, async () => {
    const random = seededRandom(seed)
    for (let life = 0; life < 100; life++) {
      let now = new ForgetfulDisk()
      await ensurePair(now, seal, NOW)
      const promised: string[] = []
      for (let cut = 0, n = 0; cut < 3; cut++) {
        const process = new DyingDisk(now)
        process.left = 1 + Math.floor(random() * 30)
        const inbox = await locked(process).catch(() => undefined)
        for (; inbox && !process.dead; n++) {
          const item = sms(n)
          if ((await codeOf(inbox.put(item))) === 'nothing was thrown') promised.push(item.id)
        }
        now = now.after(random() < 0.5 ? 'some' : 'nothing', random)
      }
      const store = taker()
      const damage = await moveLockedInbox(now, seal, store, NOW)
      expect(store.ids(), `life ${String(life)}`).to.include.members(promised)
      expect(damage, `life ${String(life)}`).to.deep.equal([])
    }
  })

  it('is neither lost nor applied twice, whatever step its move dies at', async () => {
    for (let step = 1; ; step++) {
      const now = new ForgetfulDisk()
      await ensurePair(now, seal, NOW)
      const inbox = await locked(now)
      for (const n of [1, 2, 3]) await inbox.put(sms(n))
      const store = taker()
      const process = new DyingDisk(now)
      process.left = step
      const taking = {
        put: (item: InboxItem) => (--process.left <= 0 ? Promise.reject(new Error('dead')) : store.put(item)),
      }
      await moveLockedInbox(process, seal, taking, NOW).catch(() => undefined)
      const again = now.after('unsynced')
      await moveLockedInbox(again, seal, store, NOW)
      expect(store.ids(), `step ${String(step)}`).to.deep.equal(['sms:SM1', 'sms:SM2', 'sms:SM3'])
      expect(again.files().has('locked-inbox')).to.equal(false)
      if (!process.dead) break
    }
  })

  it('stays where it is while the inbox cannot take it', async () => {
    await (await locked(disk)).put(sms(1))
    const full = { put: () => Promise.reject(Object.assign(new Error('full'), { code: 'ENOSPC' })) }
    expect(await codeOf(moveLockedInbox(disk, seal, full, NOW))).to.equal('ENOSPC')
    const store = taker()
    await moveLockedInbox(disk, seal, store, NOW)
    expect(store.ids()).to.deep.equal(['sms:SM1'])
  })

  it('that is damaged costs itself only, and is set aside and told', async () => {
    const inbox = await locked(disk)
    for (const n of [1, 2, 3]) await inbox.put(sms(n))
    const bytes = Buffer.from(disk.files().get('locked-inbox') ?? '')
    bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 0xff
    disk.overwrite('locked-inbox', bytes)
    const store = taker()
    const [damage] = await moveLockedInbox(disk, seal, store, NOW)
    expect(store.ids()).to.deep.equal(['sms:SM1', 'sms:SM3'])
    expect(damage?.what).to.equal('undecryptable')
    expect(
      disk
        .files()
        .get(damage?.setAside ?? '')
        ?.equals(bytes),
    ).to.equal(true)
    expect(disk.files().has('locked-inbox')).to.equal(false)
  })

  it('that was sealed to a key which somebody put there is not believed', async () => {
    const pair = JSON.parse(String(disk.files().get('locked-inbox.key'))) as object
    const theirs = { ...pair, publicKey: makePair().publicKey }
    disk.overwrite('locked-inbox.key', Buffer.from(JSON.stringify(theirs)))
    await (await locked(disk)).put(sms(1))
    const store = taker()
    const [damage] = await moveLockedInbox(disk, seal, store, NOW)
    expect(store.ids()).to.deep.equal([])
    expect(damage?.what).to.equal('undecryptable')
    await ensurePair(disk, seal, NOW)
    await (await locked(disk)).put(sms(2))
    await moveLockedInbox(disk, seal, store, NOW)
    expect(store.ids(), 'a new pair of our own').to.deep.equal(['sms:SM2'])
  })

  it('that somebody else added is taken for a text at most: never for an order, and never from a time to come', async () => {
    const later = { ...sms(1), receivedAt: NOW + 1e12 }
    const by = { id: '@admin:simulator', name: 'Admin', role: 'owner' } as const
    const order: InboxItem = { ...sms(2), heard: { type: 'order', by, text: 'resolve 1 safe' } }
    const odd = [{ ...sms(3), heard: null }, { ...sms(4), id: 4 }, { ...sms(5), receivedAt: 'now' }, null, 'SOS']
    const inbox = await locked(disk)
    for (const item of [later, order, ...odd]) await inbox.put((item ?? {}) as InboxItem).catch(() => undefined)
    const store = taker()
    const [damage] = await moveLockedInbox(disk, seal, store, NOW)
    expect([...store.items.values()]).to.deep.equal([{ ...later, receivedAt: NOW }])
    expect(damage?.what, 'and the room hears of it').to.equal('undecryptable')
  })

  it('under another data key is set aside, and its pair too', async () => {
    await (await locked(disk)).put(sms(1))
    const other = makeSeal(createSecretKey(randomBytes(32)))
    const [damage] = await moveLockedInbox(disk, other, taker(), NOW)
    await ensurePair(disk, other, NOW)
    const names = [...disk.files().keys()].sort()
    expect(names).to.have.length(3)
    expect(names[0]).to.equal(damage?.setAside)
    expect(names[2]).to.match(/^locked-inbox\.key\.damaged-/)
  })

  it('keeps its pair from one start to the next', async () => {
    const before = disk.files().get('locked-inbox.key')
    await ensurePair(disk, seal, NOW)
    expect(
      disk
        .files()
        .get('locked-inbox.key')
        ?.equals(before ?? Buffer.alloc(0)),
    ).to.equal(true)
  })

  it('goes on to the inbox once it is handed over, behind what was kept', async () => {
    const inbox = await locked(disk)
    await inbox.put(sms(1))
    const underWay = inbox.put(sms(2))
    const store = taker()
    const handed = inbox.handOver(store, async () => {
      await moveLockedInbox(disk, seal, store, NOW)
    })
    const later = inbox.put(sms(3))
    expect(await Promise.all([underWay, later])).to.deep.equal(['stored', 'stored'])
    await handed
    expect(store.ids()).to.deep.equal(['sms:SM1', 'sms:SM2', 'sms:SM3'])
  })

  it('goes on to the inbox also when what was kept could not be moved yet', async () => {
    const inbox = await locked(disk)
    const store = taker()
    expect(
      await codeOf(inbox.handOver(store, () => Promise.reject(Object.assign(new Error(''), { code: 'EIO' })))),
    ).to.equal('EIO')
    await inbox.put(sms(1))
    expect(store.ids()).to.deep.equal(['sms:SM1'])
  })
})
