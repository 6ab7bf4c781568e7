import { expect } from 'chai'
import type { Step } from './histories/world.ts'
import { World } from './histories/world.ts'

describe('a member whose alarm nobody takes', () => {
  it('has a document that stays small, however often the alarm is said again', () => {
    const world = new World()
    const steps: Step[] = [{ do: 'say', what: 7, late: 0 }]
    for (let hour = 0; hour < 48; hour++) steps.push({ do: 'pass', minutes: 60 })
    for (const step of steps) world.play(step)
    expect(world.member.incident?.kind).to.equal('sos')
    expect(world.member.effects.length).to.be.at.most(40)
    // And its end still finds who heard of it.
    world.play({ do: 'order', what: 2, late: 0 })
    expect(world.member.incident).to.equal(undefined)
  })
})
