// While the store cannot write no text is taken in. Afterwards it is read back, and the room hears of it (S1, S10).
import { expect } from 'chai'
import { MINUTE, SECOND } from '../../src/core/time.ts'
import { Disk } from '../support/disk.ts'
import { Line } from '../support/outside.ts'
import { MO, tell } from '../support/story.ts'
import type { Story } from '../support/story.ts'

describe('a store that could not write', () => {
  let disk: Disk
  let sms: Line
  let story: Story
  let began: number

  beforeEach(async () => {
    disk = new Disk()
    sms = new Line('sms')
    story = await tell({ store: disk.under, channels: (inbox, clock) => [sms.open(inbox, clock)] })
    await story.phone().texts('IN 3h')
    await story.forward('10m')
    began = story.clock.now()
    sms.asked.length = 0
  })

  const outage = async (length: string, afterwards = '20s'): Promise<void> => {
    disk.trouble = 'ENOSPC'
    await story.forward(length)
    disk.trouble = undefined
    await story.forward(afterwards)
  }
  /** Asked for what came from ten minutes before the outage on. */
  const readFromBefore = (): number[] => sms.asked.filter((since) => since <= began - 10 * MINUTE + 5 * SECOND)

  it('for half an hour: what came is read back, and the room hears from when to when, and who was out', async () => {
    await story.register('Fifi', { channel: 'sms', address: '+447700900007' })
    const from = { channel: 'sms', address: '+447700900007' } as const
    sms.kept.push({ id: 'sms:1', heard: { type: 'message', from, text: 'SOS', sentAt: began + 5 * MINUTE } })
    await outage('30m')
    expect(readFromBefore()).to.have.length(1)
    expect(await story.times('room', /^#1 SOS: Fifi/)).to.equal(1)
    expect(await story.times('room', /^Well again at 11:40: the store/)).to.equal(1)
    await story.roomHears(/^BLIND to texts, which could not be stored, 11:10–11:40\n/)
    await story.roomHears(/^BLIND to texts.*\nWhat came in that time has been read back\n.*Out: Mo Member, due 14:00/s)
    await story.forward('5m')
    expect(readFromBefore(), 'once').to.have.length(1)
    expect(await story.times('room', /^BLIND/)).to.equal(1)
  })

  it('for some seconds: what came is read back, and the room hears no more than that it is well', async () => {
    await outage('20s')
    expect(readFromBefore()).to.have.length(1)
    expect(await story.times('room', /^Well again at/)).to.equal(1)
    expect(await story.times('room', /^BLIND/)).to.equal(0)
  })

  it('and a provider that cannot be read: the room hears that, too', async () => {
    sms.reading = () => Promise.reject(new Error('503'))
    await outage('20s')
    await story.roomHears(/^BLIND to texts[^\n]*\nCould not be read back: SMS. Texts may be missing/)
  })

  it('counts as not watched until it is read back, for the next kernel as well', async () => {
    sms.reading = () => new Promise(() => undefined)
    await outage('30m', '6s')
    expect(readFromBefore()).to.have.length(1)
    sms.asked.length = 0
    sms.reading = () => undefined
    await story.crashesAndRestarts('1m')
    expect(readFromBefore()).to.have.length(1)
    await story.roomHears(/^BLIND to everything, 11:10–11:41/)
  })

  it('again before it was read back: it is read back from the first time on', async () => {
    sms.reading = () => new Promise(() => undefined)
    await outage('30m', '6s')
    disk.trouble = 'ENOSPC'
    await story.forward('5m')
    sms.asked.length = 0
    sms.reading = () => undefined
    disk.trouble = undefined
    await story.forward('20s')
    expect(readFromBefore()).to.have.length(1)
    await story.roomHears(/^BLIND to texts, which could not be stored, 11:10–11:45/)
  })

  it('again while it is read back: the room hears of the longer time, too', async () => {
    let finish: () => void = () => undefined
    sms.reading = () => new Promise((resolve) => (finish = resolve))
    await outage('30m', '6s')
    disk.trouble = 'ENOSPC'
    await story.forward('6s')
    disk.trouble = undefined
    finish()
    await story.forward('1m')
    sms.reading = () => undefined
    finish()
    await story.forward('3m')
    expect(readFromBefore().length).to.be.at.least(2)
    await story.roomHears(/^BLIND to texts, which could not be stored, 11:10–11:40/)
    expect(await story.times('room', /^BLIND to texts/)).to.be.at.least(2)
  })

  it('names as home whoever was brought home by what was read back', async () => {
    const from = { channel: 'simulator', address: MO } as const
    sms.kept.push({ id: 'sms:2', heard: { type: 'message', from, text: 'OUT', sentAt: began + MINUTE } })
    await outage('30m')
    await story.roomHears(/^BLIND to texts.*Was out, and is not any more: Mo Member/s)
  })
})
