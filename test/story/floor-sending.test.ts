import { expect } from 'chai'
import type { Address } from '../../src/core/address.ts'
import { MINUTE } from '../../src/core/time.ts'
import type { Channel } from '../../src/ports/channel.ts'
import { Line, RoomDoor, hangs, refuses, works } from '../support/outside.ts'
import type { Story, StoryOptions } from '../support/story.ts'
import { tell } from '../support/story.ts'

const BEN = '+447700900200'
const duty = [{ id: '@ben:example.org', addresses: [{ channel: 'sms' as const, address: BEN }] }]
const phoneOf = (n: number): Address => ({ channel: 'sms', address: `+44770091${String(1000 + n)}` })

const world = async (options: StoryOptions = {}): Promise<{ story: Story; sms: Line; door: RoomDoor }> => {
  const [sms, door] = [new Line('sms'), new RoomDoor()]
  const channels: StoryOptions['channels'] = (inbox, clock) => [sms.open(inbox, clock)]
  return { story: await tell({ duty, room: door.wrap, channels, ...options }), sms, door }
}

const people = async (story: Story, count: number): Promise<void> => {
  for (let n = 0; n < count; n++) await story.register(`Member ${String(n)}.`, phoneOf(n))
}

describe('many are sent to at once', () => {
  for (const [how, verdict] of [
    ['are refused', refuses],
    ['hang', hangs],
  ] as const) {
    it(`four that ${how} keep nothing from the others`, async () => {
      // Forty messages: a roll-call would be one.
      const storm = { members: 100, within: MINUTE, alerts: 100 }
      const { story, sms, door } = await world({ policy: (usual) => ({ ...usual, storm }) })
      await people(story, 40)
      for (let n = 0; n < 40; n++) await story.phone(phoneOf(n).address, 'sms').texts('IN 10')
      await story.forward('9m')
      const isBad = (n: number): boolean => n % 10 === 8
      door.verdict = (text) => (/Member \d?8\./.test(text) ? verdict(text, 'room') : undefined)
      sms.verdict = (text, to) => (to.endsWith('8') ? verdict(text, to) : undefined)
      await story.forward('64s')
      for (let n = 0; n < 40; n++) {
        const heard = await story.times('room', new RegExp(`OVERDUE, unconfirmed: Member ${String(n)}\\.`))
        expect(heard, `Member ${String(n)} is named within 5 s`).to.equal(isBad(n) ? 0 : 1)
        if (isBad(n)) continue
        const told = sms.times(phoneOf(n).address, /an alert was sent/)
        expect(told, `Member ${String(n)} is told within 5 s`).to.equal(1)
      }
    })
  }

  it('an alert goes before everything that waits on the same line', async () => {
    const { story, sms } = await world()
    await people(story, 40)
    sms.verdict = hangs
    for (let n = 0; n < 40; n++) await story.phone(phoneOf(n).address, 'sms').texts('STATUS')
    const waiting = 40 - sms.attempts.length
    expect(waiting, 'more answers than the line can send at once').to.be.above(5)
    sms.verdict = works
    await story.phone().texts('SOS')
    expect(sms.times(BEN, /an alert needs you/), 'at once').to.equal(1)
    expect(sms.attempts.at(-1)?.to, 'before the answers that wait').to.equal(BEN)
  })
})

describe('a kernel that dies in the middle of a send', () => {
  /** A provider that takes no key but can be asked what it got. */
  const asked =
    (sms: Line, found: string[]): NonNullable<StoryOptions['channels']> =>
    (inbox, clock) => {
      const channel: Channel = { ...sms.open(inbox, clock), doubt: 'find' }
      channel.find = (message) => {
        found.push(message.id)
        const earlier = sms.sent.find(({ id }) => id === message.id)
        return Promise.resolve(earlier && { providerId: earlier.id })
      }
      return [channel]
    }

  it('leaves a claim behind: the next one asks the provider, and what arrived is not sent twice', async () => {
    const sms = new Line('sms', 'find')
    const found: string[] = []
    const { story } = await world({ channels: asked(sms, found) })
    await people(story, 1)
    const sent = sms.sent
    sms.verdict = () => {
      // The provider has it; its answer never reaches us.
      const last = sms.attempts.at(-1)
      if (last) sent.push(last)
      return hangs('', '')
    }
    await story.phone(phoneOf(0).address, 'sms').texts('SOS')
    expect(sms.times(phoneOf(0).address, /Alert sent/)).to.equal(1)
    sms.verdict = works
    await story.crashesAndRestarts('3s')
    await story.forward('2m')
    expect(found.length, 'the provider was asked').to.be.above(0)
    expect(sms.times(phoneOf(0).address, /Alert sent/), 'once').to.equal(1)
  })

  it('leaves a claim behind: the next one looks for it in the room, once, and what was heard is not said twice', async () => {
    const door = new RoomDoor()
    const looked: string[] = []
    door.find = ({ id }) => {
      looked.push(id)
      return Promise.resolve(
        door.attempts.some((it) => it.id === id) ? { providerId: '$there', readers: 1 } : undefined,
      )
    }
    const story = await tell({ room: door.wrap })
    door.verdict = (text) => (text.includes('SOS') ? hangs(text, '') : undefined)
    await story.phone().texts('SOS')
    door.verdict = works
    await story.crashesAndRestarts('3s')
    await story.forward('20s')
    expect(door.attempts.filter(({ text }) => text.startsWith('#1 SOS'))).to.have.length(1)
    expect(looked).to.deep.equal([door.attempts[0]?.id])
    await story.phone().hears(/^SOS received. Alert sent/)
  })
})
