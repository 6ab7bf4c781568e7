// Another kernel, which stands by, takes texts and puts them into the same inbox.
import { expect } from 'chai'
import type { Fence } from '../../src/app/fence.ts'
import type { Member } from '../../src/core/member/member.ts'
import { MINUTE } from '../../src/core/time.ts'
import { RoomDoor, refuses, works } from '../support/outside.ts'
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
    // So that the regular look, every half second, does not fall on the deadline.
    await story.clock.forward(130, () => story.settled())
    await story.phone().texts('IN 1801s')
    const due = story.engine.house.overview.out()[0]?.dueAt ?? 0
    await story.clock.forward(due - 30 - story.clock.now(), () => story.settled())
    await otherTakes(story, 'OUT')
    await story.forward('5s')
    expect(await story.times('room', /OVERDUE/)).to.equal(0)
    expect(await story.times(MO, /^OUT noted/)).to.equal(1)
  })

  it('is heard while it takes over, too: an OUT that comes then is no alarm', async () => {
    let isTaking = false
    const story = await tell({
      fence: inOffice(),
      store: (store) => ({
        ...store,
        documents: {
          ...store.documents,
          // What is due is asked for when the inbox was read already: it comes in between.
          due: async (...asked) => {
            if (isTaking) await otherTakes(story, 'OUT')
            isTaking = false
            return store.documents.due(...asked)
          },
        },
      }),
    })
    await story.phone().texts('IN 10')
    isTaking = true
    await story.crashesAndRestarts('11m')
    await story.forward('5s')
    expect(await story.times('room', /OVERDUE/)).to.equal(0)
    expect(await story.times(MO, /^OUT noted/)).to.equal(1)
  })

  it('a claim of theirs that is saved when we have read the records already is dead: the alarm does not wait for its end', async () => {
    const door = new RoomDoor()
    const story = await tell({ fence: inOffice(), room: door.wrap })
    door.verdict = refuses
    await story.phone().texts('SOS')
    const [glance] = story.engine.house.overview.incidents()
    const document = await story.store.documents.read(glance?.id ?? '')
    const body = document?.body as Member
    // What the kernel before us had begun, and saves now.
    const claim = { epoch: story.store.epoch - 1, until: story.clock.now() + 10 * MINUTE }
    const effects = body.effects.map((e) =>
      e.purpose === 'alert' && e.recipient.to === 'room' ? { ...e, state: 'claimed' as const, claim } : e,
    )
    const version = body.version + 1
    await story.store.documents.write({ ...document!, version, body: { ...body, version, effects } })
    door.verdict = works
    await story.phone().texts('behind the mill')
    await story.forward('10s')
    await story.roomHears(/^#1 SOS: Mo Member/)
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
