import { expect } from 'chai'
import type { Fence } from '../../src/app/fence.ts'
import { alone, createVoice, fenced, timeToAct } from '../../src/app/fence.ts'
import { createAttempt } from '../../src/app/attempt.ts'
import type { Outcome } from '../../src/core/effect.ts'
import type { Member } from '../../src/core/member/member.ts'
import type { Room } from '../../src/ports/channel.ts'
import { openMemoryStore } from '../../src/stores/memory/index.ts'
import { aDocument, aMessage, anItem, failureOf } from '../contract/store.ts'
import { silent } from '../support/memory-ports.ts'
import type { VirtualClock } from '../support/virtual-clock.ts'
import { virtualClock } from '../support/virtual-clock.ts'

/** `left` real milliseconds; asking shows that it goes on, or that it is over. */
const fenceOf = (left: number, goesOn: boolean): Fence & { asked: number } => {
  const fence = {
    asked: 0,
    left: () => left,
    isOurs: () => true,
    isCutOff: () => false,
    prove: () => {
      fence.asked++
      if (goesOn) left = 10_000
      return Promise.resolve(goesOn)
    },
  }
  return fence
}

/** One attempt to say an alert in the room, and what came there. `find`: how the room looks for an earlier one. */
const attempting = (options: {
  fence: Fence
  clock: VirtualClock
  longest: number
  find?: NonNullable<Room['find']>
}): { attempt: (doubtSince?: number) => Promise<Outcome>; sent: string[] } => {
  const { find, ...rest } = options
  const sent: string[] = []
  const attempt = createAttempt({
    channels: new Map(),
    room: {
      ...(find && { find }),
      send: ({ id }) => {
        sent.push(id)
        return Promise.resolve({ readers: 1 })
      },
      showBoard: () => Promise.resolve(),
      readers: () => 1,
    },
    texts: { render: () => 'text', languages: ['en'] } as never,
    idInRoom: ({ id }) => id,
    language: 'en',
    log: silent.log,
    office: { epoch: 2 },
    ...rest,
  })
  const recipient = { to: 'room' } as const
  const effect = { id: 'm1:1:0', recipient, body: [], urgency: 'alert', attempts: 1, createdAt: 0, choices: [] }
  const state = { id: 'm1', language: 'en', effects: [] } as unknown as Member
  return {
    attempt: (doubtSince) => attempt(state, { ...effect, doubtSince } as never, 'room'),
    sent,
  }
}

describe('a kernel whose time has run out', () => {
  it('saves nothing once another one is in office, but takes in', async () => {
    const store = await openMemoryStore()
    const fence = fenceOf(0, false)
    const used = fenced(store, fence)
    const refused = ['StoreError', 'not-in-office']
    expect(await failureOf(used.documents.write(aDocument('m1', 1)))).to.deep.equal(refused)
    expect(await failureOf(used.documents.erase('m1', 1))).to.deep.equal(refused)
    expect(await failureOf(used.sent.append('e1', aMessage('hello')))).to.deep.equal(refused)
    expect(await failureOf(used.addresses.assign({ channel: 'sms', address: '+447700900001' }, 'm1'))).to.deep.equal(
      refused,
    )
    expect(await used.inbox.put(anItem('sms:1'))).to.equal('stored')
    expect(await store.documents.read('m1')).to.equal(undefined)
  })

  it('asks, and goes on where nobody has taken over', async () => {
    const store = await openMemoryStore()
    const fence = fenceOf(0, true)
    await fenced(store, fence).documents.write(aDocument('m1', 1))
    expect((await store.documents.read('m1'))?.version).to.equal(1)
    expect(fence.asked).to.equal(1)
  })

  it('gives a send no more time than is left', async () => {
    expect(await timeToAct(alone)).to.equal(Infinity)
    expect(await timeToAct(fenceOf(8_000, false))).to.equal(7_500)
    expect(await timeToAct(fenceOf(3_000, false)), 'too little, and over').to.equal(0)
    expect(await timeToAct(fenceOf(3_000, true))).to.equal(9_500)
  })

  it('sends nothing', async () => {
    const { attempt, sent } = attempting({ fence: fenceOf(0, false), clock: virtualClock(0), longest: 20_000 })
    expect(await attempt()).to.deep.equal({
      type: 'refused',
      trouble: 'not-in-office',
    })
    expect(sent).to.deep.equal([])
  })
})

describe('an attempt that was given up while it looked for an earlier one', () => {
  it('sends nothing any more: another one is under way', async () => {
    const found = Promise.withResolvers<undefined>()
    const clock = virtualClock(0)
    const find = () => found.promise
    const { attempt, sent } = attempting({ fence: fenceOf(20_000, true), clock, longest: 9_000, find })
    const outcome = attempt(1)
    await clock.forward(10_000, () => new Promise((resolve) => setImmediate(resolve)))
    expect(await outcome).to.deep.equal({ type: 'unknown', trouble: 'timeout' })
    found.resolve(undefined)
    await new Promise((resolve) => setImmediate(resolve))
    expect(sent).to.deep.equal([])
  })
})

describe('an alarm that the room may have heard', () => {
  it('is looked for where another kernel said it, and only sent again where we did ourselves: the room knows our ids', async () => {
    let looks = 0
    const find = (): Promise<undefined> => {
      looks++
      return Promise.resolve(undefined)
    }
    const { attempt, sent } = attempting({ fence: fenceOf(20_000, true), clock: virtualClock(0), longest: 9_000, find })
    await attempt(2)
    expect({ looks, sent }).to.deep.equal({ looks: 0, sent: ['m1:1:0'] })
    await attempt(1)
    expect({ looks, sent }).to.deep.equal({ looks: 1, sent: ['m1:1:0', 'm1:1:0'] })
  })
})

describe('a kernel that is cut off from the database, and not from the room', () => {
  it('goes on speaking while it is cut off, until it hears another one; and again when its term goes on', () => {
    let [left, isCutOff] = [5_000, false]
    const voice = createVoice({ left: () => left, isCutOff: () => isCutOff })
    const may: boolean[] = [voice.maySpeak()]
    // What another one said before it died.
    voice.othersSpoke()
    may.push(voice.maySpeak())
    left = 0
    may.push(voice.maySpeak())
    isCutOff = true
    may.push(voice.maySpeak())
    voice.othersSpoke()
    may.push(voice.maySpeak())
    left = 5_000
    may.push(voice.maySpeak())
    left = 0
    may.push(voice.maySpeak())
    expect(may).to.deep.equal([true, true, false, true, false, true, true])
  })
})
