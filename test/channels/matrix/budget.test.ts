import { expect } from 'chai'
import { createBudget } from '../../../src/channels/matrix/budget.ts'

describe('One budget for the room, alarms first', () => {
  const made = () => {
    let now = 1_000
    return { budget: createBudget(() => now), forward: (ms: number) => (now += ms) }
  }

  it('what can wait goes while half of a burst is left, and no longer', () => {
    const { budget } = made()
    for (let n = 0; n < 5; n++) {
      expect(budget.mayGo(), `after ${n}`).to.equal(true)
      budget.spent()
    }
    expect(budget.mayGo()).to.equal(false)
  })

  it('five seconds bring one back', () => {
    const { budget, forward } = made()
    for (let n = 0; n < 5; n++) budget.spent()
    forward(4_999)
    expect(budget.mayGo()).to.equal(false)
    forward(1)
    expect(budget.mayGo()).to.equal(true)
  })

  it('a refusal closes it for as long as the server asks, and it begins from nothing', () => {
    const { budget, forward } = made()
    budget.refused(20_000)
    forward(19_999)
    expect(budget.mayGo()).to.equal(false)
    forward(10_001)
    expect(budget.mayGo(), 'five are not back').to.equal(true)
  })

  it('a server that takes far more than the default is believed, until it refuses', () => {
    const { budget, forward } = made()
    for (let n = 0; n < 12; n++) budget.spent()
    expect(budget.mayGo(), 'not yet').to.equal(false)
    budget.spent()
    expect(budget.mayGo()).to.equal(true)
    for (let n = 0; n < 50; n++) budget.spent()
    expect(budget.mayGo()).to.equal(true)
    budget.refused(undefined)
    forward(5_000)
    expect(budget.mayGo()).to.equal(false)
  })
})
