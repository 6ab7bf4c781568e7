import fc from 'fast-check'
import { wasAccepted } from '../../../src/core/effect.ts'
import type { Outcome } from '../../../src/core/effect.ts'
import { MINUTE, SECOND } from '../../../src/core/time.ts'
import { StormWorld, stages } from './storm-world.ts'

/** Five hundred take some ten seconds. */
const HISTORIES = Math.ceil(Number(process.env['IMOK_TEST_HISTORIES'] ?? 100_000) / 200)
const SEED = Number(process.env['IMOK_TEST_SEED'] ?? Date.now() % 1_000_000_000)
const MEMBERS = 7

const weathers: readonly Outcome[] = [
  { type: 'accepted', readers: 2 },
  { type: 'accepted', readers: 2 },
  { type: 'refused', trouble: 'http-503' },
  { type: 'unknown', trouble: 'timeout' },
]

const upTo = (n: number): fc.Arbitrary<number> => fc.nat({ max: n - 1 })
const who = upTo(MEMBERS)
type Step =
  | { do: 'in'; who: number; after: number }
  | { do: 'out' | 'sos'; who: number }
  | { do: 'take'; from: number; to: number; lasts: number }
  | { do: 'pass'; seconds: number }
  | { do: 'weather'; which: number }
  | { do: 'die'; stage: number }

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({ do: fc.constant('in' as const), who, after: fc.constantFrom(1, 1, 2, 5, 8, 100) }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('out' as const), who }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('sos' as const), who }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('take' as const), from: who, to: who, lasts: fc.constantFrom(1, 30) }),
  },
  {
    weight: 7,
    arbitrary: fc.record({ do: fc.constant('pass' as const), seconds: fc.constantFrom(1, 1, 3, 6, 130, 310) }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('weather' as const), which: upTo(weathers.length) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('die' as const), stage: upTo(stages.length + 1) }) },
)

describe('random storms', () => {
  it(`name everybody in time, nobody twice for one alert, and end (${String(HISTORIES)}, seed ${String(SEED)})`, function () {
    this.timeout(15 * 60_000)
    let messages = 0
    const property = fc.property(fc.array(step, { minLength: 4, maxLength: 30, size: 'max' }), (steps) => {
      const world = new StormWorld(MEMBERS)
      for (const one of steps) {
        play(world, one)
        named(world)
      }
      ends(world)
      once(world)
      messages += world.heard.filter(({ id }) => id.startsWith('group')).length
    })
    fc.assert(property, { numRuns: HISTORIES, seed: SEED })
    console.log(`      ${String(messages)} messages of roll-calls`)
  })
})

function play(world: StormWorld, step: Step): void {
  const id = (n: number): string => `m${String(n)}`
  switch (step.do) {
    case 'in':
      return world.says(id(step.who), 'in', step.after * SECOND)
    case 'out':
    case 'sos':
      return world.says(id(step.who), step.do)
    case 'take':
      for (let n = Math.min(step.from, step.to); n <= Math.max(step.from, step.to); n++)
        if (world.members.get(id(n))?.incident) world.take(id(n), step.lasts * MINUTE)
      return
    case 'pass':
      return world.pass(step.seconds)
    case 'weather':
      world.weather = weathers[step.which] ?? world.weather
      world.fairSince = world.at
      return
    case 'die':
      world.dies = stages[step.stage]
      return world.dies ? undefined : world.dieNow()
    default:
      return step satisfies never
  }
}

function must(holds: boolean, otherwise: () => string): void {
  if (!holds) throw new Error(otherwise())
}

/** S2: nobody whose alarm is open waits for more than 5 s to be named, while the room takes what it is sent. */
function named(world: StormWorld): void {
  if (world.weather.type !== 'accepted') return
  for (const { id, incident } of world.members.values()) {
    if (!incident || incident.taken) continue
    // What was refused before, or what nobody could vouch for, is tried again within 5 s.
    const since = Math.max(incident.raisedAt, world.fairSince + SECOND)
    const isHeard = world.heard.some((it) => it.at >= incident.raisedAt && it.alerts.some((a) => a.member === id))
    must(isHeard || world.at - since <= 5 * SECOND, () => `${id} is not named after ${String(world.at - since)} ms`)
  }
}

/** S6, S7: an alert is heard once, by itself or in one message, and none of an alarm that is over can still go out. */
function once(world: StormWorld): void {
  const all = world.heard.flatMap(({ alerts }) => alerts.map(({ effect }) => effect))
  const twice = all.find((it, n) => all.indexOf(it) !== n)
  must(twice === undefined, () => `${String(twice)} is heard twice`)
}

/** S3: taken, all of them, it is over; and what the members' records say of their alerts is what the room heard. */
function ends(world: StormWorld): void {
  world.dies = undefined
  world.weather = { type: 'accepted', readers: 2 }
  world.pass(120)
  for (const { id, incident } of [...world.members.values()]) if (incident) world.take(id, 12 * 60 * MINUTE)
  world.pass(1)
  const before = world.heard.filter(({ id }) => id.startsWith('group')).length
  world.pass(11 * 60)
  must(world.heard.filter(({ id }) => id.startsWith('group')).length === before, () => 'the roll-call does not end')
  must(!world.group.effects.some((e) => e.rollCall), () => 'a message waits for ever')
  for (const { effects } of world.members.values())
    for (const e of effects)
      if (e.purpose === 'alert' && wasAccepted(e))
        must(
          world.heard.some(({ alerts }) => alerts.some((it) => it.effect === e.id)),
          () => `${e.id} counts as accepted and was not heard`,
        )
}
