import { setImmediate } from 'node:timers/promises'
import { expect } from 'chai'
import { alone } from '../../src/app/fence.ts'
import { createHearFirst } from '../../src/app/hear-first.ts'
import { virtualClock } from '../support/virtual-clock.ts'

describe('an alarm that waits for what people have said', () => {
  it('does not wait for it any more when it has waited half a second', async () => {
    const clock = virtualClock(0)
    const signals: AbortSignal[] = []
    const hearFirst = createHearFirst({
      takeIn: {
        hear: () => Promise.resolve(),
        depth: () => 1,
        applied: (_member, signal) => {
          signals.push(signal)
          return new Promise((resolve) => signal.addEventListener('abort', () => resolve()))
        },
      },
      house: { either: { read: () => Promise.resolve(undefined) } },
      fence: alone,
      clock,
    })
    const heard = hearFirst('mo', clock.now())
    await clock.forward(499, () => setImmediate())
    expect(signals.map(({ aborted }) => aborted)).to.deep.equal([false])
    await clock.forward(1, () => setImmediate())
    await heard
    expect(signals.map(({ aborted }) => aborted)).to.deep.equal([true])
  })
})
