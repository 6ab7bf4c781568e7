import { expect } from 'chai'
import sinon from 'sinon'
import { systemClock } from '../../src/clock/system-clock.ts'
import type { SystemClock } from '../../src/clock/system-clock.ts'
import { HOUR, MINUTE, SECOND } from '../../src/core/time.ts'

const START = Date.parse('2026-11-17T11:00:00Z')

/** A machine whose wall clock can be set; timers run by the steady one. */
class Machine {
  readonly timers = sinon.useFakeTimers({
    now: 0,
    toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date'],
  })
  wallAhead = START
  readonly source = { wall: () => this.timers.now + this.wallAhead, steady: () => this.timers.now }
  passes(ms: number): Promise<number> {
    return this.timers.tickAsync(ms)
  }
}

describe('the system clock', () => {
  let machine: Machine
  let clock: SystemClock
  const rung: string[] = []
  const ring = (name: string) => (): void => void rung.push(name)

  beforeEach(() => {
    machine = new Machine()
    rung.length = 0
    clock = systemClock({ source: machine.source })
  })
  afterEach(() => machine.timers.restore())

  it('reads the wall clock', async () => {
    expect(clock.now()).to.equal(START)
    await machine.passes(1_500)
    expect(clock.now()).to.equal(START + 1_500)
    expect(clock.jump()).to.equal(0)
  })

  it('never goes back: when the wall clock is set back an hour, deadlines stay where they were', async () => {
    clock.at(START + 10 * MINUTE, ring('deadline'))
    await machine.passes(5 * MINUTE)
    machine.wallAhead -= HOUR
    expect(clock.jump()).to.equal(-HOUR)
    expect(clock.now()).to.equal(START + 5 * MINUTE)
    await machine.passes(5 * MINUTE - 1)
    expect(rung).to.deep.equal([])
    await machine.passes(1)
    expect(rung).to.deep.equal(['deadline'])
    expect(clock.jump(), 'said once').to.equal(0)
  })

  it('follows a jump ahead, and rings what became due at once', async () => {
    clock.at(START + 10 * MINUTE, ring('deadline'))
    clock.at(START + 2 * HOUR, ring('later'))
    machine.wallAhead += HOUR
    expect(clock.jump()).to.equal(HOUR)
    expect(clock.now()).to.equal(START + HOUR)
    await machine.passes(1)
    expect(rung).to.deep.equal(['deadline'])
    await machine.passes(HOUR - 2)
    expect(rung).to.deep.equal(['deadline'])
    await machine.passes(1)
    expect(rung).to.deep.equal(['deadline', 'later'])
  })

  it('after a jump back it waits until the wall clock has caught up, then follows it again', async () => {
    machine.wallAhead -= MINUTE
    clock.jump()
    await machine.passes(2 * MINUTE)
    clock.jump()
    expect(clock.now(), 'time that passed here has passed').to.equal(START + 2 * MINUTE)
  })

  it('slow drift is put right at every look, and is no jump', async () => {
    for (let i = 0; i < 100; i++) {
      await machine.passes(5 * SECOND)
      machine.wallAhead += 10
      expect(Math.abs(clock.jump())).to.be.below(1_000)
    }
    expect(clock.now()).to.equal(machine.source.wall())
  })

  it('rings once, at or after its time, and not when called off', async () => {
    clock.at(START + 1_000, ring('one'))
    const off = clock.at(START + 1_000, ring('two'))
    clock.at(START - 1_000, ring('past'))
    off()
    await machine.passes(0)
    expect(rung).to.deep.equal(['past'])
    await machine.passes(999)
    expect(rung).to.deep.equal(['past'])
    await machine.passes(10_000)
    expect(rung).to.deep.equal(['past', 'one'])
  })

  it('waits longer than a timer can', async () => {
    clock.at(START + 30 * 24 * HOUR, ring('month'))
    await machine.passes(30 * 24 * HOUR - 1)
    expect(rung).to.deep.equal([])
    await machine.passes(1)
    expect(rung).to.deep.equal(['month'])
  })

  it('runs faster: a minute in a second; loops and pauses stay in real time', async () => {
    clock = systemClock({ source: machine.source, speed: 60 })
    clock.at(START + HOUR, ring('deadline'))
    clock.every(SECOND, ring('tick'))
    void clock.pause(SECOND).then(ring('pause'))
    await machine.passes(SECOND)
    expect(rung).to.include.members(['tick', 'pause'])
    expect(clock.now()).to.equal(START + MINUTE)
    await machine.passes(59 * SECOND - 1)
    expect(rung).not.to.include('deadline')
    await machine.passes(2)
    expect(rung).to.include('deadline')
    machine.wallAhead += HOUR
    clock.jump()
    expect(clock.now(), 'it has no wall clock to follow').to.be.within(START + HOUR, START + HOUR + MINUTE)
  })

  it('skip sets it ahead and rings what is due', async () => {
    clock.at(START + MINUTE, ring('deadline'))
    clock.skip(MINUTE)
    await machine.passes(1)
    expect(rung).to.deep.equal(['deadline'])
    expect(clock.now()).to.be.at.least(START + MINUTE)
  })

  it('what is stored has happened: it begins no earlier, and goes on no earlier', async () => {
    const later = systemClock({ source: machine.source, notBefore: START + HOUR })
    expect(later.now()).to.equal(START + HOUR)
    clock.atLeast(START - HOUR)
    expect(clock.now()).to.equal(START)
    clock.atLeast(START + MINUTE)
    expect(clock.now()).to.equal(START + MINUTE)
    await machine.passes(SECOND)
    expect(clock.now()).to.equal(START + MINUTE + SECOND)
  })

  it('of whoever stands by follows the machine back, too: the hour was wrong when it started', async () => {
    machine.wallAhead -= HOUR
    clock.follow()
    expect(clock.now()).to.equal(START - HOUR)
    expect(clock.jump(), 'and that is no jump afterwards').to.equal(0)
    clock.at(START - HOUR + MINUTE, ring('deadline'))
    await machine.passes(MINUTE)
    expect(rung).to.deep.equal(['deadline'])
    const fast = systemClock({ source: machine.source, speed: 60 })
    await machine.passes(MINUTE)
    const ahead = fast.now()
    fast.follow()
    expect(fast.now(), 'one that runs faster has none to follow').to.equal(ahead)
  })
})
