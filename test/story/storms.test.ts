import { expect } from 'chai'
import type { Policy } from '../../src/core/policy.ts'
import { Line } from '../support/outside.ts'
import { ELEVEN, ms, tell } from '../support/story.ts'
import type { Story } from '../support/story.ts'
import type { Walker } from '../support/walkers.ts'
import { alarmsOf, beforeNoon, inRoom, isRollCall, numberOf, walkers } from '../support/walkers.ts'

const NOON = ELEVEN + ms('60m')

const begin = async (count: number, story?: Story): Promise<{ story: Story; all: Walker[] }> => {
  const it = story ?? (await tell())
  return { story: it, all: await beforeNoon(it, count) }
}

const rollCalls = async (story: Story): Promise<{ at: number; text: string }[]> =>
  (await inRoom(story)).filter(isRollCall)

const onDuty = (): { ben: Line; duty: { id: string; addresses: { channel: 'sms'; address: string }[] }[] } => {
  const duty = ['+447700900200', '+447700900201'].map((address, n) => ({
    id: `@duty${String(n)}:example.org`,
    addresses: [{ channel: 'sms' as const, address }],
  }))
  return { ben: new Line('sms'), duty }
}

describe('a storm: three or more are overdue', () => {
  it('the first two are said singly and at once, the third within a second, in a roll-call of all', async () => {
    const { story, all } = await begin(3)
    await story.forward('6s')
    for (const walker of all.slice(0, 2)) expect((await alarmsOf(story, walker))[0]?.at).to.equal(NOON)
    const [rollCall, ...more] = await rollCalls(story)
    expect(more).to.deep.equal([])
    expect(rollCall?.at).to.be.within(NOON, NOON + 1_000)
    expect(rollCall?.text).to.match(/^#3 ROLL-CALL, unconfirmed: no OUT came from 3 members\. Nobody has them yet\.$/m)
    expect(all.map((walker) => numberOf(walker, rollCall?.text ?? ''))).to.deep.equal([1, 2, 3])
    expect(rollCall?.text).to.match(/: take 1-3$/m)
    for (const { address } of all) expect(await story.times(address, /an alert was sent/)).to.equal(1)
  })

  it('two, and one two minutes later: the third is the roll-call, which lists those who were said singly', async () => {
    const story = await tell()
    const all = await walkers(story, 3)
    for (const { address } of all.slice(0, 2)) await story.phone(address).texts('in 60')
    await story.phone(all[2]?.address).texts('in 62')
    await story.forward('61m')
    expect(await rollCalls(story)).to.deep.equal([])
    await story.forward('62s')
    const [rollCall] = await rollCalls(story)
    expect(rollCall?.at).to.be.within(NOON + ms('2m'), NOON + ms('2m') + 1_000)
    expect(all.map((walker) => numberOf(walker, rollCall?.text ?? ''))).to.deep.equal([1, 2, 3])
  })

  it('two are none, and neither are three who are far apart', async () => {
    const story = await tell()
    const all = await walkers(story, 3)
    for (const [n, { address }] of all.entries()) await story.phone(address).texts(`in ${String(30 + 4 * n)}`)
    await story.forward('60m')
    expect(await rollCalls(story)).to.deep.equal([])
    for (const walker of all) expect((await alarmsOf(story, walker)).length).to.be.above(3)
  })

  it('later joiners are named in new messages, not more often than every 5 s or so, and each within 5 s', async () => {
    const story = await tell()
    const all = await walkers(story, 12)
    for (const [n, { address }] of all.entries()) await story.phone(address).texts(`in ${String(3_600 + n)}s`)
    await story.forward('61m')
    for (const [n, walker] of all.entries()) {
      const [first] = await alarmsOf(story, walker)
      expect(first?.at, walker.name).to.be.within(NOON + n * 1_000, NOON + n * 1_000 + (n < 3 ? 1_000 : 5_000))
    }
    const times = (await rollCalls(story)).map(({ at }) => at)
    expect(times.length).to.be.within(2, 3)
    for (const [n, at] of times.entries()) if (n > 0) expect(at - (times[n - 1] ?? 0)).to.be.at.least(4_500)
    const named = (await rollCalls(story)).flatMap(({ text }) => all.filter((walker) => numberOf(walker, text)))
    expect(named.length, 'nobody is named twice as new').to.equal(12)
  })

  it('an SOS in the middle of it goes out singly and at once', async () => {
    const { story, all } = await begin(30)
    await story.forward('5s')
    await story.phone(all[20]?.address).texts('SOS by the bridge')
    const room = await inRoom(story)
    const sos = room.findIndex(({ text }) => /^#\d+ SOS: Walker U/.test(text))
    expect(room[sos]?.at).to.equal(NOON)
    expect(sos, 'before the roll-call').to.be.below(room.findIndex(isRollCall) >>> 0)
    await story.forward('5s')
    const [rollCall] = await rollCalls(story)
    expect(rollCall?.text).to.not.match(/Walker U\b/)
    expect(all.filter((walker) => numberOf(walker, rollCall?.text ?? ''))).to.have.length(29)
  })

  it('more than five alerts in a second are one, too, wherever they are', async () => {
    const { story, all } = await begin(8, await tell({ policy: apart }))
    await story.forward('6s')
    const [rollCall] = await rollCalls(story)
    expect((await inRoom(story)).filter(({ text }) => text.includes('OVERDUE'))).to.have.length(5)
    expect(
      all.filter((walker) => numberOf(walker, rollCall?.text ?? '')),
      'with the five',
    ).to.have.length(8)
    expect(rollCall?.at).to.be.within(NOON, NOON + 1_000)
  })
})

/** As if each were at another place. */
const apart = (usual: Policy): Policy => ({
  ...usual,
  storm: { ...usual.storm, members: 20 },
})

describe('a roll-call goes on until nobody is left in it', () => {
  it('its repeats are one message each, and one nudge a person', async () => {
    const { ben, duty } = onDuty()
    const { story, all } = await begin(6, await tell({ duty, channels: (inbox, clock) => [ben.open(inbox, clock)] }))
    const counts = (): number[] => duty.map(({ addresses }) => ben.times(addresses[0]?.address ?? '', /needs you/))
    await story.forward('65s')
    const heard = (await inRoom(story)).length
    await story.forward('1m')
    expect(counts(), 'after 2 min').to.deep.equal([1, 0])
    await story.forward('3m')
    expect(counts(), 'after 5 min').to.deep.equal([1, 1])
    await story.forward('5m')
    expect(counts(), 'after 10 min').to.deep.equal([2, 2])
    await story.forward('5m1s')
    const repeats = (await inRoom(story)).slice(heard)
    expect(repeats.map(({ at }) => Math.floor((at - NOON) / 60_000))).to.deep.equal([5, 10, 15])
    for (const { text } of repeats) {
      expect(text).to.match(/^#6 ROLL-CALL, still open: 6 members, and nobody has them$/m)
      for (const [n, walker] of all.entries()) expect(numberOf(walker, text)).to.equal(n + 1)
    }
  })

  it('whoever is taken, or over, is not in the next one; the last one ends it', async () => {
    const { story, all } = await begin(5)
    await story.forward('10s')
    await story.admin('take 2')
    await story.roomHears(/^#2 TAKEN by Admin until 12:30$/m)
    await story.phone(all[3]?.address).texts('OUT')
    await story.roomHears(/^#4 STOOD DOWN: OUT came from the phone of Walker D/)
    await story.admin('resolve 1 home safe')
    await story.roomHears(/^#1 CLOSED by Admin: home safe/)
    await story.forward('5m')
    const [, repeat] = await rollCalls(story)
    expect(all.map((walker) => numberOf(walker, repeat?.text ?? ''))).to.deep.equal([
      undefined,
      undefined,
      3,
      undefined,
      5,
    ])
    expect(repeat?.text).to.match(/^#5 ROLL-CALL, still open: 2 members[^]*take 3, 5$/m)
    await story.admin('take 3-5')
    await story.forward('20m')
    expect(await rollCalls(story)).to.have.length(2)
  })

  it('a take that runs out is said singly; three of them are a storm again', async () => {
    const { story, all } = await begin(3)
    await story.forward('10s')
    await story.admin('take 1 10m')
    await story.admin('take 2-3 2h')
    await story.forward('11m')
    await story.roomHears(/^#1 OPEN AGAIN: Walker A/)
    expect(await rollCalls(story)).to.have.length(1)
    await story.admin('take 1-3 10m')
    await story.forward('11m')
    const again = (await inRoom(story)).filter(({ text }) => text.includes('OPEN AGAIN')).slice(1)
    expect(again.map(({ text }) => /^#\d+ (?:OPEN AGAIN|ROLL-CALL)/.exec(text)?.[0])).to.deep.equal([
      '#1 OPEN AGAIN',
      '#2 OPEN AGAIN',
      '#3 ROLL-CALL',
    ])
    expect(again[2]?.text).to.match(/^#3 OPEN AGAIN: Walker C, due 12:00: take 3$/m)
    expect(all.map((walker) => numberOf(walker, again[2]?.text ?? ''))).to.deep.equal([1, 2, 3])
  })

  it('somebody who becomes overdue half an hour later beside two who are left joins it', async () => {
    const story = await tell()
    const all = await walkers(story, 4)
    for (const { address } of all.slice(0, 3)) await story.phone(address).texts('in 60')
    await story.phone(all[3]?.address).texts('in 92')
    await story.forward('65m')
    await story.admin('take 1')
    await story.forward('28m')
    const last = (await rollCalls(story)).at(-1)
    expect(last?.text).to.match(/^#4 ROLL-CALL, unconfirmed: no OUT came from 1 member\./)
    expect(last?.text).to.match(/^Beside these, 2 more whom nobody has$/m)
    expect(last?.at).to.be.within(NOON + ms('32m'), NOON + ms('32m') + 1_000)
  })
})
