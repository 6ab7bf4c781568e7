import fc from 'fast-check'
import { promises } from './promises.ts'
import type { Step } from './world.ts'
import { commands, orders, outcomes, World } from './world.ts'

/** 100,000 take about half a minute; `IMOK_TEST_HISTORIES` asks for more or fewer. */
const HISTORIES = Number(process.env['IMOK_TEST_HISTORIES'] ?? 100_000)
const SEED = Number(process.env['IMOK_TEST_SEED'] ?? Date.now() % 1_000_000_000)

const upTo = (n: number): fc.Arbitrary<number> => fc.nat({ max: n - 1 })
/** Minutes from when it was said until it came to us. */
const late = fc.constantFrom(0, 0, 0, 3, 90)
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('say' as const),
      what: upTo(commands.length),
      late,
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('order' as const),
      what: upTo(orders.length),
      late,
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('pass' as const), minutes: fc.constantFrom(0, 1, 2, 4, 11, 31, 61, 125) }),
  },
  {
    weight: 8,
    arbitrary: fc.record({ do: fc.constant('send' as const), which: upTo(6), outcome: upTo(outcomes.length) }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('receipt' as const), which: upTo(6), status: upTo(4) }) },
  { weight: 1, arbitrary: fc.constantFrom<Step>({ do: 'crash' }, { do: 'wake' }, { do: 'replay' }) },
)

describe('random histories of a member', () => {
  it(`keep every promise (${String(HISTORIES)} histories, seed ${String(SEED)})`, function () {
    this.timeout(15 * 60_000)
    const seen = new Map<string, number>()
    const lengths: number[] = []
    const property = fc.property(fc.array(step, { maxLength: 20, size: 'max' }), (steps) => {
      const world = new World()
      const ids = new Set<string>()
      lengths.push(steps.length)
      for (const one of steps) {
        for (const change of world.play(one)) {
          promises(change, ids)
          const state = stateOf(change.after)
          seen.set(state, (seen.get(state) ?? 0) + 1)
        }
      }
    })
    fc.assert(property, { numRuns: HISTORIES, seed: SEED })
    print(seen, lengths)
  })
})

function stateOf({ session, incident, addresses }: World['member']): string {
  const watch = session ? (session.missed ? 'missed' : 'out') : 'in'
  const alarm = incident ? `${incident.kind}${incident.taken ? ' taken' : ''}` : 'quiet'
  return `${watch}, ${alarm}${addresses.every((a) => a.dead) ? ', unreachable' : ''}`
}

function print(seen: Map<string, number>, lengths: number[]): void {
  const total = [...seen.values()].reduce((a, b) => a + b, 0)
  const rows = [...seen]
    .sort((a, b) => b[1] - a[1])
    .map(([state, n]) => `      ${((100 * n) / total).toFixed(2).padStart(6)} %  ${state}`)
  const mean = lengths.reduce((a, b) => a + b, 0) / lengths.length
  console.log(
    `      ${String(total)} events, ${mean.toFixed(1)} steps a history; states after them:\n${rows.join('\n')}`,
  )
}
