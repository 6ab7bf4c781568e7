import { expect } from 'chai'
import { whoWasOut } from '../../src/app/announce.ts'
import { boardLines } from '../../src/app/board.ts'
import type { Glance, Overview } from '../../src/app/overview.ts'

const HOUR = 3_600_000

describe('the board with thousands out', () => {
  /** Times in no order, every hundredth with an alarm, one of them an SOS. */
  const glance = (n: number): Glance => ({
    id: `m${String(n)}`,
    name: `Walker ${String(n)}`,
    status: 'confirmed',
    addresses: [],
    dueAt: ((n * 7919) % 5000) * HOUR,
    ...(n % 100 === 3 && { incident: { number: n, kind: n === 2503 ? 'sos' : 'overdue', raisedAt: 0 } }),
    waiting: {},
    dead: [],
  })
  const all = Array.from({ length: 5000 }, (_, n) => glance(n))
  const overview = { out: () => [...all] } as unknown as Overview
  const names = (lines: { params?: { name?: unknown } }[]): unknown[] =>
    lines.flatMap(({ params }) => (params && 'name' in params ? [params.name] : []))
  const byTime = (a: Glance, b: Glance): number => (a.dueAt ?? 0) - (b.dueAt ?? 0)

  it('names an SOS first, then the other alarms, then whose time comes soonest; thirty in all, and counts the rest', () => {
    const late = all.filter((g) => g.incident && g.incident.kind !== 'sos').sort(byTime)
    const expected = ['Walker 2503', ...late.slice(0, 29).map((g) => g.name)]
    const lines = boardLines(overview, 0)
    expect(names(lines)).to.deep.equal(expected)
    expect(lines.at(-1)).to.deep.include({ key: 'board.more', params: { count: 4970 } })
  })

  it('BLIND names the forty whose time comes soonest, and is made in no time', () => {
    const began = performance.now()
    const lines = whoWasOut(overview, 0, [...all, { ...glance(9999), name: 'Home again' }])
    expect(performance.now() - began).to.be.lessThan(500)
    expect(names(lines)).to.deep.equal(
      all
        .toSorted(byTime)
        .slice(0, 40)
        .map((g) => g.name),
    )
    expect(lines.at(-1)).to.deep.include({ key: 'room.blind.more', params: { count: 4961 } })
  })

  it('BLIND names those who came home meanwhile', () => {
    const few = { out: () => all.slice(0, 2) } as unknown as Overview
    expect(names(whoWasOut(few, 0, all.slice(0, 4)))).to.have.members(['Walker 0', 'Walker 1', 'Walker 2', 'Walker 3'])
  })
})
