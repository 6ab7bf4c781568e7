// The embedded store on a disk that dies in the ways that disks have (docs/adr/0003-alerts-that-cannot-be-saved.md).
import { expect } from 'chai'
import type { Store } from '../../src/ports/store.ts'
import { openStoreOn } from '../../src/stores/lowdb/open-store.ts'
import { ForgetfulDisk } from '../support/forgetful-disk.ts'
import { testKey } from '../support/lowdb-harness.ts'
import { ELEVEN, ms, tell } from '../support/story.ts'
import type { Story } from '../support/story.ts'

type Trouble = ForgetfulDisk['trouble']

interface World {
  disk: ForgetfulDisk
  story: Story
  /** A new kernel, on what the disk holds. */
  restarts: () => Promise<void>
}

/** The records lie on that disk; what the room hears is kept elsewhere. */
const world = async (): Promise<World> => {
  const disk = new ForgetfulDisk()
  let now = (): number => ELEVEN
  const open = (): Promise<Store> => openStoreOn(disk, { key: testKey, now: () => now() })
  let low = await open()
  const documents: Store['documents'] = {
    read: (id) => low.documents.read(id),
    write: (document) => low.documents.write(document),
    erase: (id, version) => low.documents.erase(id, version),
    due: (until, limit) => low.documents.due(until, limit),
    all: (kind) => low.documents.all(kind),
  }
  const story = await tell({ store: (given) => ({ ...given, close: () => given.close(), documents }) })
  now = story.clock.now
  const restarts = async (): Promise<void> => {
    await story.stops()
    await low.close()
    low = await open()
    await story.starts()
  }
  return { disk, story, restarts }
}

/** As ext4 does it: the first sync fails, and from then on it can only be read. */
const remountsReadOnly = (): Trouble => {
  let hasFailed = false
  return (operation) => {
    if (operation === 'read') return undefined
    if (hasFailed) return 'EROFS'
    if (operation !== 'syncFolder') return undefined
    hasFailed = true
    return 'EIO'
  }
}

describe('a disk that dies while somebody is out', () => {
  const ways: [string, () => Trouble][] = [
    ['its folders are not synced', () => (operation) => (operation === 'syncFolder' ? 'EIO' : undefined)],
    ['it is mounted anew, to be read only', remountsReadOnly],
    ['it can neither be written nor read', () => () => 'EIO'],
  ]
  for (const [name, way] of ways)
    for (const isNew of [false, true])
      it(`${name}: the alarm comes all the same${isNew ? ', also from a kernel that began meanwhile' : ''}`, async () => {
        const { disk, story, restarts } = await world()
        await story.phone().texts('IN 20')
        if (isNew) await restarts()
        await story.goesOnTo(ELEVEN + ms('9m59s'))
        disk.trouble = way()
        await story.goesOnTo(ELEVEN + ms('20m5s'))
        expect(await story.times('room', /^#1 OVERDUE/)).to.equal(1)
        disk.trouble = () => undefined
      })
})
