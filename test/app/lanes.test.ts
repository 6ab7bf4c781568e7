import { expect } from 'chai'
import type { Place } from '../../src/app/lanes.ts'
import { createLanes } from '../../src/app/lanes.ts'

interface Job extends Place {
  name: string
}

/** Lanes in which nothing ends before it is told to. */
const hanging = (): { lanes: ReturnType<typeof createLanes<Job>>; begun: string[]; end: (name: string) => void } => {
  const begun: string[] = []
  const ends = new Map<string, () => void>()
  const lanes = createLanes<Job>((job) => {
    begun.push(job.name)
    return new Promise((resolve) => ends.set(job.name, resolve))
  })
  lanes.start()
  return { lanes, begun, end: (name) => ends.get(name)?.() }
}

const job = (name: string, more: Partial<Job> = {}): Job => ({
  name,
  lane: 'room',
  turn: name,
  urgency: 'alert',
  ...more,
})

describe('what is sent first', () => {
  it('a cry for help waits for no other alert, however many hang', () => {
    const { lanes, begun } = hanging()
    for (let n = 0; n < 100; n++) lanes.add(job(`alert ${String(n)}`))
    const before = begun.length
    expect(before).to.be.below(100)
    lanes.add(job('cry', { isCry: true }))
    expect(begun.slice(before)).to.deep.equal(['cry'])
  })

  it('of what waits, cries go before alerts, and those before the rest', async () => {
    const { lanes, begun, end } = hanging()
    for (let n = 0; n < 40; n++) lanes.add(job(`hangs ${String(n)}`, { isCry: true }))
    const before = begun.length
    lanes.add(job('answer', { urgency: 'answer' }))
    lanes.add(job('alert'))
    lanes.add(job('cry', { isCry: true }))
    for (let n = 0; n < 40; n++) end(`hangs ${String(n)}`)
    await new Promise((resolve) => setImmediate(resolve))
    for (let n = 0; n < 40; n++) end(`hangs ${String(n)}`)
    await new Promise((resolve) => setImmediate(resolve))
    expect(begun.slice(before).filter((name) => !name.startsWith('hangs'))).to.deep.equal(['cry', 'alert', 'answer'])
  })

  it('of one turn one after the other', async () => {
    const { lanes, begun, end } = hanging()
    lanes.add(job('first', { turn: 'Mo' }))
    lanes.add(job('second', { turn: 'Mo' }))
    expect(begun).to.deep.equal(['first'])
    end('first')
    await new Promise((resolve) => setImmediate(resolve))
    expect(begun).to.deep.equal(['first', 'second'])
  })
})
