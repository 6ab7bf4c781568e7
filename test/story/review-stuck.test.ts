import { expect } from 'chai'
import type { Store } from '../../src/ports/store.ts'
import { Elsewhere } from '../support/disk.ts'
import { Line, refuses, works } from '../support/outside.ts'
import { tell } from '../support/story.ts'

/** A disk on which some saves do not end until it is well again. */
class HangingDisk {
  hangs: (id: string) => boolean = () => false
  private waiting: (() => void)[] = []

  readonly under = (store: Store): Store => ({
    ...store,
    documents: {
      ...store.documents,
      write: async (document) => {
        if (this.hangs(document.id)) await new Promise<void>((resolve) => this.waiting.push(resolve))
        return store.documents.write(document)
      },
    },
  })

  isWell(): void {
    this.hangs = () => false
    for (const go of this.waiting.splice(0)) go()
  }
}

describe('a disk that does not answer', () => {
  it('is a store that fails: not watching, within 15 s, and said when it is over', async () => {
    const disk = new HangingDisk()
    const story = await tell({ store: disk.under })
    disk.hangs = () => true
    await story.forward('20s')
    expect(story.engine.pulse.watching()).to.deep.equal({ ok: false, reasons: ['store'] })
    disk.isWell()
    await story.forward('6s')
    expect(story.engine.pulse.watching().ok).to.equal(true)
    await story.roomHears(/^Well again at 11:00: the store. The trouble began at 11:00/)
  })

  it('a deadline alarms all the same, once, and the alarm goes on when the disk is well', async () => {
    const [disk, room] = [new HangingDisk(), new Elsewhere()]
    const story = await tell({ store: disk.under, room: room.instead })
    room.now = story.clock.now
    await story.phone().texts('IN 10')
    await story.forward('9m')
    disk.hangs = (id) => id.startsWith('member')
    await story.forward('1m35s')
    expect(room.times(/^#1 OVERDUE, unconfirmed: Mo Member/)).to.equal(1)
    expect(story.engine.pulse.ailments()).to.include('stuck-deadline')
    disk.isWell()
    await story.forward('1m')
    expect(room.times(/^#1 OVERDUE/), 'the save gave it the same id').to.equal(1)
    expect(story.engine.pulse.ailments()).to.deep.equal([])
    await story.phone().texts('OUT')
    expect(room.times(/^#1 STOOD DOWN/)).to.equal(1)
  })
})

describe('what is stuck is seen', () => {
  it('a deadline that passed without an alarm, whatever keeps it from being raised', async () => {
    let isBroken = false
    const story = await tell({
      store: (store) => ({
        ...store,
        documents: {
          ...store.documents,
          write: (document) => {
            if (isBroken && document.kind === 'member') throw new TypeError('a bug')
            return store.documents.write(document)
          },
        },
      }),
    })
    await story.phone().texts('IN 10')
    await story.forward('9m')
    isBroken = true
    await story.forward('1m20s')
    expect(story.engine.pulse.ailments()).to.deep.equal(['stuck-deadline'])
    await story.roomHears(/^STUCK[^]*time is over and that has raised no alarm/)
    isBroken = false
    await story.forward('6s')
    await story.roomHears(/^#1 OVERDUE/)
    expect(story.engine.pulse.ailments()).to.deep.equal([])
  })

  it('a clock that is set forward makes nobody stuck', async () => {
    const story = await tell()
    await story.phone().texts('IN 10')
    story.clock.jumpBy(3_600_000)
    await story.forward('30s')
    await story.roomHears(/^#1 OVERDUE/)
    expect(await story.times('room', /STUCK/)).to.equal(0)
  })

  it('a call to somebody on duty that nobody takes: in the health and in the room', async () => {
    const sms = new Line('sms')
    const duty = [{ id: '@ben:example.org', addresses: [{ channel: 'sms' as const, address: '+447700900200' }] }]
    const story = await tell({ duty, channels: (inbox, clock) => [sms.open(inbox, clock)] })
    sms.verdict = refuses
    await story.phone().texts('SOS')
    await story.forward('70s')
    expect(story.engine.pulse.ailments()).to.deep.equal(['stuck-alert'])
    sms.verdict = works
    await story.forward('6s')
    expect(story.engine.pulse.ailments()).to.deep.equal([])
  })
})
