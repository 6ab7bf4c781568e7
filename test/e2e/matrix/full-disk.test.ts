// The machine's disk fills up, and the kernel dies: the next one finds everybody who is out, and the room can read their alarms.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect } from 'chai'
import type { MatrixHouse } from './house.ts'
import { matrixHouse } from './house.ts'
import type { JsClient } from './js-client.ts'
import { oneStory } from '../one-story.ts'

const MB = 1024 * 1024

const isUnableToSave = async (answer: Response): Promise<boolean> => (await answer.text()).includes('"store"')

describe('A kernel that starts on a full disk', function () {
  this.timeout(150_000)
  oneStory()
  const folder = mkdtempSync(path.join(tmpdir(), 'imok-full-'))
  const ballast = path.join(folder, 'ballast')
  let isMounted = false
  let house: MatrixHouse | undefined
  let asha: JsClient

  before(async function () {
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=8m,mode=700', 'imok-test', folder], { stdio: 'pipe' })
      isMounted = true
    } catch (error) {
      console.log(`      skipped: cannot mount a small disk (${(error as Error).message.split('\n')[0] ?? ''})`)
      this.skip()
    }
    house = await matrixHouse(['asha'], { dataFolder: path.join(folder, 'data') })
    ;({ asha } = house.apps as { asha: JsClient })
  })
  after(async () => {
    if (isMounted) rmSync(ballast, { force: true })
    await house?.remove()
    if (isMounted) execFileSync('umount', ['-l', folder], { stdio: 'pipe' })
    rmSync(folder, { recursive: true, force: true })
  })

  const fill = (): void => {
    for (let size = 8 * MB; size > 0; size = Math.floor(size / 2))
      for (let isFull = false; !isFull;) {
        try {
          writeFileSync(ballast, Buffer.alloc(size), { flag: 'a' })
        } catch {
          isFull = true
        }
      }
  }

  it('watches over whoever is out, and the alarm can be read', async () => {
    await house?.phone('IN 20s')
    await asha.sees(({ type }) => type === 'm.room.pinned_events')
    await house?.kill()
    fill()
    await house?.restart({}, isUnableToSave)
    const { shield } = await asha.reads(/^#1 OVERDUE, unconfirmed: Mo Member/)
    expect(shield?.color).to.equal(0)
  })

  it('and so does the next one; the room hears it once', async () => {
    await house?.kill()
    await house?.restart({}, isUnableToSave)
    expect(asha.messages(/^#1 OVERDUE/)).to.have.length(1)
  })

  it('is as before when there is room', async () => {
    rmSync(ballast)
    await asha.reads(/^BLIND to everything/)
    await asha.writes(house?.room() ?? '', 'take 1')
    await asha.reads(/^#1 TAKEN by asha/)
    expect(asha.messages(/^#1 OVERDUE/)).to.have.length(1)
  })
})
