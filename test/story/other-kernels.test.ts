// Another kernel, which stands by, takes texts and puts them into the same inbox.
import { expect } from 'chai'
import type { Fence } from '../../src/app/fence.ts'
import { MO, tell } from '../support/story.ts'
import type { Story } from '../support/story.ts'

const inOffice = (): Fence => ({
  left: () => 10_000,
  isOurs: () => true,
  isCutOff: () => false,
  prove: () => Promise.resolve(true),
})

let count = 0
/** It was told that it is stored; nobody tells us. */
const otherTakes = (story: Story, words: string): Promise<unknown> =>
  story.store.inbox.put({
    id: `other:${String(++count)}`,
    sender: `simulator:${MO}`,
    receivedAt: story.clock.now(),
    heard: { type: 'message', from: { channel: 'simulator', address: MO }, text: words },
  })

describe('what another kernel has taken in', () => {
  it('is applied within a second', async () => {
    const story = await tell({ fence: inOffice() })
    await otherTakes(story, 'SOS')
    await story.forward('1s')
    await story.roomHears(/^#1 SOS: Mo Member/)
  })

  it('is heard before a deadline, however shortly before it came: no alarm', async () => {
    const story = await tell({ fence: inOffice() })
    await story.phone().texts('IN 30')
    await story.forward('29m59s')
    await story.clock.forward(970, () => story.settled())
    await otherTakes(story, 'OUT')
    await story.forward('5s')
    expect(await story.times('room', /OVERDUE/)).to.equal(0)
    expect(await story.times(MO, /^OUT noted/)).to.equal(1)
  })

  it('goes before what comes to us afterwards', async () => {
    const story = await tell({ fence: inOffice() })
    await otherTakes(story, 'IN 30')
    await story.phone().texts('OUT')
    await story.forward('1s')
    const heard = await story.phone().heard()
    expect(heard.map((text) => text.split(' ')[0])).to.deep.equal(['Noted', 'OUT'])
    await story.forward('40m')
    expect(await story.times('room', /OVERDUE/)).to.equal(0)
  })
})
