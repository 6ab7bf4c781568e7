// The store is away in the very moment in which the room should hear that nobody watched: it hears it later.
import { expect } from 'chai'
import { HOUR, MINUTE } from '../../src/core/time.ts'
import { StoreError } from '../../src/ports/store.ts'
import type { Store } from '../../src/ports/store.ts'
import { Line } from '../support/outside.ts'
import { tell } from '../support/story.ts'
import type { Story } from '../support/story.ts'

/** A store that refuses to save the group while `isFull`. */
class Disk {
  isFull = false
  readonly wrap = (store: Store): Store => ({
    ...store,
    documents: {
      ...store.documents,
      write: (document) =>
        this.isFull && document.kind === 'group'
          ? Promise.reject(new StoreError('ENOSPC', 'the disk is full'))
          : store.documents.write(document),
    },
  })
}

describe('that nobody watched, where it cannot be saved at once', () => {
  let disk: Disk
  let sms: Line
  let story: Story

  beforeEach(async () => {
    disk = new Disk()
    sms = new Line('sms')
    story = await tell({ store: disk.wrap, channels: (inbox, clock) => [sms.open(inbox, clock)] })
    await story.phone().texts('IN 2h')
  })

  /** For a minute nothing is saved; afterwards the room hears it, once. */
  const heardOnce = async (pattern: RegExp): Promise<void> => {
    disk.isFull = true
    await story.forward('1m')
    expect(await story.times('room', pattern)).to.equal(0)
    disk.isFull = false
    await story.forward('5m')
    expect(await story.times('room', pattern)).to.equal(1)
  }

  it('is said of a channel that was dead', async () => {
    sms.trouble = 'http-503'
    await story.forward('2m')
    sms.trouble = undefined
    await heardOnce(/^BLIND to SMS/)
  })

  it('is said of a clock that jumped', async () => {
    story.clock.jumpBy(HOUR)
    await heardOnce(/^BLIND: the clock of the machine jumped from 11:00 to 12:00/)
  })

  it('is said of a kernel that was frozen', async () => {
    await story.forward('1m')
    story.clock.jumpBy(15 * MINUTE)
    story.clock.jump()
    await heardOnce(/^BLIND to everything, 11:01–/)
  })
})
