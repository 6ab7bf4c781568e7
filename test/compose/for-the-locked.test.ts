import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect } from 'chai'
import type { Glance } from '../../src/app/overview.ts'
import { forTheLocked } from '../../src/compose/for-the-locked.ts'
import type { ForTheLocked } from '../../src/compose/for-the-locked.ts'
import { SECOND } from '../../src/core/time.ts'
import { makeSeal } from '../../src/crypto/seal.ts'
import type { InboxItem } from '../../src/ports/inbox.ts'
import { StoreError } from '../../src/ports/store.ts'
import type { Damage } from '../../src/ports/store.ts'
import { ensurePair, findBox, openLockedInbox } from '../../src/stores/locked-inbox.ts'
import { nodeDisk } from '../../src/stores/lowdb/node-disk.ts'
import { testKey } from '../support/lowdb-harness.ts'
import { virtualClock } from '../support/virtual-clock.ts'
import type { VirtualClock } from '../support/virtual-clock.ts'

const NOW = 1_700_000_000_000
const item: InboxItem = {
  id: 'sms:SM1',
  sender: 'sms:+447700900002',
  receivedAt: NOW,
  heard: { type: 'message', from: { channel: 'sms', address: '+447700900002' }, text: 'SOS' },
}
const glance = (more: Partial<Glance>): Glance => ({
  id: 'm1',
  name: 'Fifi',
  status: 'confirmed',
  addresses: [],
  waiting: {},
  dead: [],
  ...more,
})

describe('what a kernel does for one that will be locked', () => {
  let folder: string
  let logged: string[]
  let damage: Damage[]
  let clock: VirtualClock
  beforeEach(() => {
    clock = virtualClock(NOW)
    folder = mkdtempSync(path.join(tmpdir(), 'imok-beside-'))
    logged = []
    damage = []
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  const beside = (where = folder): ForTheLocked => {
    const note = (message: string): void => void logged.push(message)
    const log = { info: note, warn: note, error: note }
    return forTheLocked({ folder: where, key: testKey, store: { damage }, clock, log })
  }
  const shortly = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5))
  /** Lets the clock go on until it is so; how long a disk takes is nobody's promise. */
  const until = async (isSo: () => boolean): Promise<void> => {
    while (!isSo()) await clock.forward(SECOND / 4, shortly)
  }
  const due = (): number[] | undefined => {
    try {
      return (JSON.parse(readFileSync(path.join(folder, 'out.json'), 'utf8')) as { due: number[] }).due
    } catch {
      return undefined
    }
  }

  it('writes down when whose time is over, and at the end: an open alarm counts as over', async () => {
    const it = beside()
    let out = [glance({ dueAt: NOW + 60_000 })]
    it.keepList({ out: () => out })
    await until(() => due()?.join() === String(NOW + 60_000))
    const incident = { number: 1, kind: 'sos', raisedAt: NOW - 5 } as const
    out = [glance({ dueAt: NOW + 60_000, incident }), glance({ incident: { ...incident, raisedAt: NOW - 7 } })]
    await until(() => due()?.join() === [NOW - 7, NOW - 5].join())
    out = []
    await it.stop()
    expect(due()).to.deep.equal([])
  })

  it('takes over what was kept, and tries again when the inbox could not take it', async () => {
    const disk = nodeDisk(folder)
    await ensurePair(disk, makeSeal(testKey), NOW)
    await (await openLockedInbox(disk, await findBox(disk))).put(item)
    const taken: InboxItem[] = []
    let isFull = true
    let tries = 0
    const it = beside()
    await it.takeOver({
      put: async (one) => {
        tries++
        if (isFull) throw new StoreError('ENOSPC', 'full')
        taken.push(one)
        return 'stored'
      },
    })
    expect(logged).to.deep.equal([
      'what came in while locked could not be taken in; it is tried again every five seconds',
    ])
    await clock.forward(5 * SECOND - 1, shortly)
    expect(tries, 'not before five seconds are over').to.equal(1)
    await clock.forward(1, shortly)
    while (tries < 2) await shortly()
    isFull = false
    await until(() => taken.length > 0)
    expect(taken).to.deep.equal([item])
    await it.stop()
    await disk.close()
  })

  it('holds up no start where its folder cannot be used', async () => {
    const place = path.join(folder, 'a-file')
    writeFileSync(place, '')
    const it = beside(place)
    await it.takeOver({ put: () => Promise.resolve('stored') })
    it.keepList({ out: () => [glance({ dueAt: NOW })] })
    await until(() => logged.length > 1 && clock.now() > NOW + 4 * SECOND)
    expect(logged, 'each said once').to.deep.equal([
      'what came in while locked could not be taken in; it is tried again every five seconds',
      'who is out could not be written down for a locked kernel; it is tried again',
    ])
    await it.stop()
  })

  it('tells of what it cannot read', async () => {
    writeFileSync(path.join(folder, 'locked-inbox'), 'rubbish')
    await beside().takeOver({ put: () => Promise.resolve('stored') })
    expect(damage.map(({ id, what }) => [id, what])).to.deep.equal([['locked-inbox', 'undecryptable']])
  })
})
