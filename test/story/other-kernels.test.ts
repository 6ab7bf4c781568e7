// Another kernel, which stands by, takes texts and puts them into the same inbox.
import { expect } from 'chai'
import type { Member } from '../../src/core/member/member.ts'
import { HOUR, MINUTE } from '../../src/core/time.ts'
import type { Heard } from '../../src/ports/inbox.ts'
import { inOffice } from '../support/in-office.ts'
import { Line, RoomDoor, refuses, works } from '../support/outside.ts'
import { MO, tell } from '../support/story.ts'
import type { Story } from '../support/story.ts'

let count = 0
/** It was told that it is stored; nobody tells us. */
const otherTakes = (story: Story, words: string, receivedAt = story.clock.now()): Promise<unknown> =>
  story.store.inbox.put({
    id: `other:${String(++count)}`,
    sender: `simulator:${MO}`,
    receivedAt,
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
    await story.goesOn(130)
    await story.phone().texts('IN 1801s')
    const due = story.engine.house.overview.out()[0]?.dueAt ?? 0
    await story.goesOnTo(due - 30)
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

  it('is newer than what the provider lists, if it came after the list: an OUT of before does not end the visit', async () => {
    const sms = new Line('sms')
    const fifi = { channel: 'sms', address: '+447700900002' } as const
    const said = (text: string, sentAt?: number): Heard => ({
      type: 'message',
      from: fifi,
      text,
      ...(sentAt !== undefined && { sentAt }),
    })
    const story = await tell({ fence: inOffice(), channels: (inbox, clock) => [sms.open(inbox, clock)] })
    await story.register('Fifi', fifi)
    await story.phone(fifi.address, 'sms').texts('IN 60')
    // Nobody took it.
    sms.kept.push({ id: 'sms:2', heard: said('OUT', story.clock.now()) })
    sms.reading = async () => {
      const item = { id: 'sms:3', sender: `sms:${fifi.address}`, receivedAt: story.clock.now(), heard: said('IN 10') }
      await story.store.inbox.put(item)
    }
    await story.crashesAndRestarts()
    await story.forward('12m')
    await story.roomHears(/^#1 OVERDUE, unconfirmed: Fifi/)
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

  it('is applied once, though a look finds what we have put before we are told that it is stored', async () => {
    let answers: Promise<unknown> = Promise.resolve()
    const story = await tell({
      fence: inOffice(),
      store: (store) => ({
        ...store,
        inbox: {
          ...store.inbox,
          put: async (item) => {
            const answer = await store.inbox.put(item)
            await answers
            return answer
          },
        },
      }),
    })
    const { promise, resolve } = Promise.withResolvers<undefined>()
    answers = promise
    const from = { channel: 'simulator', address: MO } as const
    const item = { id: 'ours:1', sender: `simulator:${MO}`, receivedAt: story.clock.now() }
    const put = story.engine.inbox.put({ ...item, heard: { type: 'message', from, text: 'IN 30' } })
    await story.forward('1s')
    expect(await story.times(MO, /^Noted/)).to.equal(1)
    resolve(undefined)
    expect(await put).to.equal('stored')
    await story.forward('1s')
    expect(await story.times(MO, /^Noted/)).to.equal(1)
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

  it('is no later than our now, though the clock of whoever took it in was an hour ahead', async () => {
    const story = await tell({ fence: inOffice() })
    await otherTakes(story, 'IN 30', story.clock.now() + HOUR)
    await story.forward('1s')
    await story.phone().hears(/OUT by 11:3[01]/)
    await story.forward('32m')
    await story.roomHears(/^#1 OVERDUE/)
  })
})
