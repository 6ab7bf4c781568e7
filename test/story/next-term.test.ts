// A term ends in the moment in which an alarm was said that could not be saved, and the next one is of the same process (docs/adr/0007-several-kernels.md).
import { expect } from 'chai'
import { createTermMemory } from '../../src/app/term-memory.ts'
import { LosingDisk } from '../support/losing-disk.ts'
import { ELEVEN, MO, ms, tell } from '../support/story.ts'
import type { Story } from '../support/story.ts'

const ADA = '+447700900120'

describe('the next term of a process', () => {
  let story: Story
  let disk: LosingDisk

  beforeEach(async () => {
    disk = new LosingDisk()
    story = await tell({ store: disk.wrap, memory: createTermMemory() })
    await story.register('Ada', { channel: 'simulator', address: ADA })
    await story.phone().texts('IN 10')
    await story.phone(ADA).texts('IN 10')
    await story.goesOnTo(ELEVEN + ms('9m59s'))
    disk.refuses = () => true
    await story.forward('3s')
    for (const name of ['Mo Member', 'Ada'])
      expect(await story.times('room', new RegExp(`^#\\d OVERDUE, unconfirmed: ${name}`))).to.equal(1)
  })

  const nextTerm = async (): Promise<void> => {
    await story.stops()
    disk.refuses = () => false
    await story.starts()
    await story.forward('5s')
  }

  it('goes on with the alarms that were said: each is heard once, and can be taken', async () => {
    await nextTerm()
    expect(await story.times('room', /OVERDUE/)).to.equal(2)
    for (const number of [1, 2]) await story.admin(`take ${String(number)}`)
    expect(await story.times('room', /^#[12] TAKEN/)).to.equal(2)
    for (const to of [MO, ADA]) expect(await story.times(to, /an alert was sent/)).to.equal(1)
  })

  it('says that they are over, where an OUT had come', async () => {
    await story.phone().texts('OUT')
    await nextTerm()
    await story.forward('10s')
    const [, number] = /^#(\d) OVERDUE, unconfirmed: Mo/.exec(await story.roomHears(/OVERDUE, unconfirmed: Mo/)) ?? []
    expect(await story.times('room', new RegExp(`^#${String(number)} STOOD DOWN`))).to.equal(1)
    expect(await story.times('room', /OVERDUE/)).to.equal(2)
  })
})

describe('what one term leaves to the next', () => {
  for (const [epoch, isKept] of [
    [8, true],
    [9, false],
  ] as const)
    it(`is ${isKept ? 'kept' : 'forgotten where another kernel was in office in between'}`, () => {
      const memory = createTermMemory()
      memory.begins(7)
      memory.given.set('m1', { sessionId: 's', incidentId: 'i', incidentNumber: 1 })
      memory.told.set('m1:1:1', [])
      memory.begins(epoch)
      expect([memory.given.size, memory.told.size]).to.deep.equal(isKept ? [1, 1] : [0, 0])
    })
})
