// The room has heard an alarm, its record does not know that, and an OUT comes (docs/adr/0003-alerts-that-cannot-be-saved.md).
import { expect } from 'chai'
import { nearlyOverdue } from '../support/nearly-overdue.ts'
import { refuses, works } from '../support/outside.ts'
import type { Story } from '../support/story.ts'
import { MO } from '../support/story.ts'

/** It came so long ago that it waits for nothing any more. */
const outThatWaited = async (story: Story): Promise<void> => {
  const address = { channel: 'simulator', address: MO } as const
  const receivedAt = story.clock.now() - 20_000
  const heard = { type: 'message', from: address, text: 'OUT' } as const
  await story.engine.inbox.put({ id: 'late:1', sender: `simulator:${MO}`, receivedAt, heard })
}

/** The provider says that the answer to IN reached the phone: a save of the same record that has nothing to do with the alarm. */
const receiptOfAnswer = async ({ engine, clock }: Story): Promise<void> => {
  const [member] = engine.house.overview.out()
  const { id = '' } = member ?? {}
  const effectId = (await engine.house.members.read(id))?.effects.find(
    ({ purpose }) => purpose === 'session-answer',
  )?.id
  await engine.house.members.apply(id, {
    ...{ type: 'receipt', at: clock.now(), status: 'delivered' },
    ...(effectId !== undefined && { effectId }),
  })
}

describe('an alarm that the room has heard, and the record does not know that', () => {
  it('is stood down when an OUT that waited for long goes before its claim', async () => {
    const { disk, story, isIt } = await nearlyOverdue()
    disk.refuses = isIt
    await story.forward('3s')
    await story.roomHears(/^#1 OVERDUE/)
    // The save of the alarm is made after all, and nobody is told; what it decided is not claimed yet.
    disk.refuses = () => false
    disk.losesAnswer = isIt
    disk.once = true
    await story.forward('1s')
    await outThatWaited(story)
    await story.forward('20s')
    expect(await story.times('room', /^#1 STOOD DOWN/)).to.equal(1)
  })

  it('is stood down, too, when it was saved and could not be claimed for a while', async () => {
    const { disk, story, isIt } = await nearlyOverdue()
    disk.refuses = isIt
    await story.forward('3s')
    await story.roomHears(/^#1 OVERDUE/)
    let left = 1
    disk.refuses = (id) => isIt(id) && left-- <= 0
    await story.forward('8s')
    expect(left, 'saved once, and not claimed').to.be.below(0)
    disk.refuses = () => false
    await outThatWaited(story)
    await story.forward('20s')
    expect(await story.times('room', /^#1 STOOD DOWN/)).to.equal(1)
  })

  it('is stood down by an OUT that comes just after its claim was saved without an answer', async () => {
    const { disk, story, isIt } = await nearlyOverdue()
    let saves = 0
    disk.losesAnswer = (id) => isIt(id) && ++saves === 2
    await story.forward('1s')
    await story.roomHears(/^#1 OVERDUE/)
    await receiptOfAnswer(story)
    await story.phone().texts('OUT')
    await story.forward('10s')
    await story.phone().hears(/are being told/)
    expect(await story.times('room', /^#1 STOOD DOWN/)).to.equal(1)
    expect(await story.times('room', /^#1 OVERDUE/)).to.equal(1)
  })

  it('is stood down by an OUT that comes just then, where the room refused it and took it while that could not be saved', async () => {
    const { disk, door, story, isIt } = await nearlyOverdue()
    door.verdict = () => {
      disk.refuses = isIt
      door.verdict = works
      return refuses('', 'room')
    }
    await story.forward('5s')
    await story.roomHears(/^#1 OVERDUE/)
    disk.refuses = () => false
    await receiptOfAnswer(story)
    await story.phone().texts('OUT')
    await story.forward('10s')
    expect(await story.times('room', /^#1 STOOD DOWN/)).to.equal(1)
    expect(await story.times('room', /^#1 OVERDUE/)).to.equal(1)
  })

  it('is stood down, too, when the room refused it first, and that was saved', async () => {
    const { disk, door, story, isIt } = await nearlyOverdue()
    door.verdict = refuses
    await story.forward('1s')
    disk.refuses = isIt
    door.verdict = works
    await story.forward('8s')
    await story.roomHears(/^#1 OVERDUE/)
    disk.refuses = () => false
    await outThatWaited(story)
    await story.forward('20s')
    expect(await story.times('room', /^#1 STOOD DOWN/)).to.equal(1)
    expect(await story.times('room', /^#1 OVERDUE/)).to.equal(1)
  })

  it('is not, where the room has not heard it either', async () => {
    const { disk, door, story, isIt } = await nearlyOverdue()
    door.verdict = refuses
    await story.forward('1s')
    disk.refuses = isIt
    await story.forward('8s')
    disk.refuses = () => false
    door.verdict = works
    await outThatWaited(story)
    await story.forward('20s')
    expect(await story.times('room', /^#1/)).to.equal(0)
    await story.phone().hears(/OUT noted/)
  })
})
