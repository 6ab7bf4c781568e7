import { setImmediate } from 'node:timers/promises'
import { expect } from 'chai'
import { createInTurn } from '../../src/app/in-turn.ts'
import type { Waiting } from '../../src/app/waiting.ts'
import { allOver } from '../../src/app/waiting.ts'
import { virtualClock } from '../support/virtual-clock.ts'

const MO = { sender: 'sms:+447700900001' }

describe('a line', () => {
  it('lets a cry for help go when ten seconds are over, and nothing that comes after it', async () => {
    const clock = virtualClock(0)
    const inTurn = createInTurn(clock)
    const turns: string[] = []
    const join = (name: string, isCry = false): (() => void) => {
      const { promise, resolve } = Promise.withResolvers<undefined>()
      void inTurn.join(MO, { about: [], isCry, mayBeCry: isCry }, promise).turn.then(() => turns.push(name))
      return () => resolve(undefined)
    }
    const endsText = join('text')
    const endsCry = join('cry', true)
    join('later')
    await clock.forward(9_999, () => setImmediate())
    expect(turns).to.deep.equal(['text'])
    await clock.forward(1, () => setImmediate())
    expect(turns).to.deep.equal(['text', 'cry'])
    endsCry()
    await setImmediate()
    expect(turns).to.deep.equal(['text', 'cry'])
    endsText()
    await setImmediate()
    expect(turns).to.deep.equal(['text', 'cry', 'later'])
  })
})

describe('whoever waits for some to be over', () => {
  const waiting = (): Pick<Waiting, 'onceOver'> => ({ onceOver: new Set() })

  it('waits for each of them', async () => {
    const both = [waiting(), waiting()]
    let isOver = false
    const over = allOver(both, new AbortController().signal).then(() => (isOver = true))
    for (const { onceOver } of both) {
      await setImmediate()
      expect(isOver).to.equal(false)
      for (const tell of onceOver) tell()
    }
    await over
    await allOver([], new AbortController().signal)
  })

  it('leaves nothing behind where they do not end', async () => {
    const stuck = waiting()
    const waits = new AbortController()
    const over = Promise.all([allOver([stuck], waits.signal), allOver([stuck], waits.signal)])
    expect(stuck.onceOver.size).to.equal(2)
    waits.abort()
    await over
    await allOver([stuck], waits.signal)
    expect(stuck.onceOver.size).to.equal(0)
  })
})
