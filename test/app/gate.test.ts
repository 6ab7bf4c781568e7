import { expect } from 'chai'
import { createGate } from '../../src/app/gate.ts'
import type { Guest } from '../../src/app/gate.ts'

describe('a gate', () => {
  it('lets so many in at once, the others in turn, also when some fail', async () => {
    const gate = createGate(3)
    const began: number[] = []
    const ends: (() => void)[] = []
    let most = 0
    let inside = 0
    const work = (n: number) => async (): Promise<number> => {
      began.push(n)
      most = Math.max(most, ++inside)
      await new Promise<void>((resolve) => ends.push(resolve))
      inside--
      if (n % 4 === 0) throw new Error(`failed ${String(n)}`)
      return n
    }
    const all = Array.from({ length: 20 }, (_, n) => gate(work(n)))
    const settled = Promise.allSettled(all)
    while (began.length < 20 || ends.length > 0) {
      ends.shift()?.()
      await new Promise((resolve) => setImmediate(resolve))
    }
    const outcomes = (await settled).map((it) => it.status)
    expect(outcomes.filter((it) => it === 'rejected')).to.have.length(5)
    expect(began).to.deep.equal(Array.from({ length: 20 }, (_, n) => n))
    expect(most).to.equal(3)
    expect(inside).to.equal(0)
    const again = [1, 2, 3, 5].map((n) => gate(work(n)))
    expect(inside).to.equal(3)
    while (ends.length > 0) {
      ends.shift()?.()
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect(await Promise.all(again)).to.deep.equal([1, 2, 3, 5])
  })

  it('lets in at once whom somebody waits for, and gives nobody else that place', async () => {
    const gate = createGate(1)
    const inside: string[] = []
    const ends: (() => void)[] = []
    const work = (name: string) => async (): Promise<void> => {
      inside.push(name)
      await new Promise<void>((resolve) => ends.push(resolve))
    }
    const third: Guest = {}
    const all = [gate(work('first')), gate(work('second'), {}), gate(work('third'), third)]
    third.letIn?.()
    await new Promise((resolve) => setImmediate(resolve))
    expect(inside).to.deep.equal(['first', 'third'])
    // The third had no place of its own: its end lets nobody in.
    ends[1]?.()
    await new Promise((resolve) => setImmediate(resolve))
    expect(inside).to.deep.equal(['first', 'third'])
    ends[0]?.()
    await new Promise((resolve) => setImmediate(resolve))
    expect(inside).to.deep.equal(['first', 'third', 'second'])
    ends[2]?.()
    await Promise.all(all)
    const occupied = gate(work('fourth'))
    void gate(work('fifth'), { isWanted: true })
    expect(inside.slice(3)).to.deep.equal(['fourth', 'fifth'])
    for (const end of ends.slice(3)) end()
    await occupied
  })
})
