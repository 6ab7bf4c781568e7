import { expect } from 'chai'
import { throttle } from '../../../src/channels/telegram/throttle.ts'
import type { Urgency } from '../../../src/core/effect.ts'
import type { SendError } from '../../../src/ports/channel.ts'
import { DeskClock } from './desk.ts'

describe('The pace at Telegram', () => {
  let clock: DeskClock
  let left: string[]
  let refused: SendError[]
  let turn: (chat: string, urgency?: Urgency) => void
  beforeEach(() => {
    clock = new DeskClock()
    clock.hold()
    left = []
    refused = []
    const pace = throttle(clock)
    turn = (chat, urgency = 'notice') =>
      void pace.turn(chat, urgency).then(
        () => void left.push(chat),
        (error: unknown) => void refused.push(error as SendError),
      )
  })
  const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
  const second = async (): Promise<void> => {
    clock.pass(1_000)
    await settled()
  }

  it('lets 25 leave in a second, keeps 5 for alerts, and never exceeds 30', async () => {
    for (let i = 0; i < 60; i += 1) turn(`n${i}`)
    for (let i = 0; i < 10; i += 1) turn(`a${i}`, 'alert')
    await settled()
    expect(left.filter((c) => c.startsWith('n'))).to.have.length(25)
    expect(left.filter((c) => c.startsWith('a'))).to.have.length(5)
    await second()
    expect(left.slice(30, 35)).to.deep.equal(['a5', 'a6', 'a7', 'a8', 'a9'])
    expect(left).to.have.length(55)
  })

  it('lets one message a second into a chat, in their order, and an alert beside it', async () => {
    turn('x', 'answer')
    turn('x', 'notice')
    turn('x', 'prompt')
    turn('y')
    turn('x', 'alert')
    turn('x', 'alert')
    await settled()
    expect(left).to.deep.equal(['x', 'y', 'x'])
    await second()
    expect(left).to.have.length(4)
    await second()
    await second()
    expect(left).to.have.length(6)
  })

  it('sends away what would wait longer than 4 s, each to come back later than the one before', async () => {
    for (let i = 0; i < 225; i += 1) turn(`n${i}`)
    await settled()
    expect(refused).to.have.length(100)
    expect(refused[0]).to.include({ kind: 'refused', trouble: 'telegram-throttled', wait: 5_000 })
    expect(refused.at(-1)).to.include({ wait: 8_000 })
    turn('late', 'alert')
    await settled()
    expect(left.at(-1)).to.equal('late')
  })

  it('gives up a turn after 4 s', async () => {
    turn('x')
    turn('x')
    await settled()
    clock.giveUp()
    await settled()
    expect(refused.map((e) => e.trouble)).to.deep.equal(['telegram-throttled'])
    await second()
    expect(left).to.deep.equal(['x'])
  })
})
