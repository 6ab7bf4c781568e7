// The machine's disk fills up, and the kernel dies: the next one finds everybody who is out, and the room can read their alarms.
import path from 'node:path'
import { expect } from 'chai'
import type { MatrixHouse } from './house.ts'
import { matrixHouse } from './house.ts'
import type { JsClient } from './js-client.ts'
import { isUnwell } from '../kernel.ts'
import { oneStory } from '../one-story.ts'
import type { SmallDisk } from '../../support/small-disk.ts'
import { mountSmallDisk } from '../../support/small-disk.ts'

describe('A kernel that starts on a full disk', function () {
  this.timeout(150_000)
  oneStory()
  let disk: SmallDisk | undefined
  let house: MatrixHouse | undefined
  let asha: JsClient

  before(async function () {
    disk = mountSmallDisk('8m')
    if (!disk) return this.skip()
    house = await matrixHouse(['asha'], { dataFolder: path.join(disk.folder, 'data') })
    ;({ asha } = house.apps as { asha: JsClient })
  })
  after(async () => {
    disk?.makeRoom()
    await house?.remove()
    disk?.remove()
  })

  it('watches over whoever is out, and the alarm can be read', async () => {
    await house?.phone('IN 20s')
    await asha.sees(({ type }) => type === 'm.room.pinned_events')
    await house?.kill()
    disk?.fill()
    await house?.restart({}, isUnwell('store'))
    const { shield } = await asha.reads(/^#1 OVERDUE, unconfirmed: Mo Member/)
    expect(shield?.color).to.equal(0)
  })

  it('and so does the next one; the room hears it once', async () => {
    await house?.kill()
    await house?.restart({}, isUnwell('store'))
    expect(asha.messages(/^#1 OVERDUE/)).to.have.length(1)
  })

  it('is as before when there is room', async () => {
    disk?.makeRoom()
    await asha.reads(/^BLIND to everything/)
    await asha.writes(house?.room() ?? '', 'take 1')
    await asha.reads(/^#1 TAKEN by asha/)
    expect(asha.messages(/^#1 OVERDUE/)).to.have.length(1)
  })
})
