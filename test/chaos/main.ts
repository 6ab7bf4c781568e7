// npm run chaos -- [--rounds N] [--seed S] [--replay S] [--self-test] [--side-by-side N] [--storms] [--matrix | --mongodb --kernels 2]
// npm run chaos -- --judge FOLDER: judges a round that was kept once more.
// Kills the real kernel again and again, at its worst moments and at any, and checks what everybody got against a model.
import { parseArgs } from 'node:util'
import { judgeKept } from './judging.ts'
import { lineOf, story, table } from './report.ts'
import type { Round } from './round.ts'
import { playRound } from './round.ts'
import { playPairRound } from './pair/pair-round.ts'
import { openHomeServer } from './room/room.ts'
import { selfTest, selfTestOfPairs } from './self-test.ts'
import { inLanes } from '../support/in-lanes.ts'

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '10' },
    seed: { type: 'string' },
    replay: { type: 'string' },
    'self-test': { type: 'boolean', default: process.env['CI'] === 'true' },
    'side-by-side': { type: 'string' },
    storms: { type: 'boolean', default: false },
    matrix: { type: 'boolean', default: false },
    mongodb: { type: 'boolean', default: false },
    kernels: { type: 'string', default: '2' },
    judge: { type: 'string' },
  },
})

if (values.mongodb && values.kernels !== '2') {
  console.log('--mongodb is played with --kernels 2')
  process.exit(2)
}
if (values.judge !== undefined) {
  const { findings } = await judgeKept(values.judge)
  for (const { who, kind, what } of findings) console.log(`${kind.toUpperCase()} (${who}): ${what}`)
  console.log(`${String(findings.length)} found`)
  process.exit(findings.length === 0 ? 0 : 1)
}
const first = Number(values.replay ?? values.seed ?? Date.now() % 1_000_000)
const count = values.replay === undefined ? Number(values.rounds) : 1
// Two kernels and a database need two processors nearly alone: starved machines do not take over in time.
const lanes = Number(values['side-by-side'] ?? (values.mongodb ? 2 : 3))
console.log(`${count} rounds from seed ${first}, ${lanes} side by side; one takes about half a minute`)

/** With an encrypted room on a real homeserver. */
const home = values.matrix ? await openHomeServer() : undefined
const rounds: Round[] = []
let broken = 0
const seeds = Array.from({ length: count }, (_, n) => first + n)
await inLanes(seeds, lanes, async (seed) => {
  const played = values.mongodb
    ? playPairRound(seed, { isStormy: values.storms })
    : playRound(seed, { isStormy: values.storms, home })
  const round = await played.catch((error: unknown) => {
    console.log(`round ${String(seed)} broke:`, error)
    return undefined
  })
  if (!round) {
    broken++
    return
  }
  rounds.push(round)
  console.log(`${String(rounds.length).padStart(4)}/${count} ${lineOf(round)}`)
  if (round.judgement.findings.length > 0 || values.replay !== undefined) console.log(story(round))
})
const selfTesting = (): ReturnType<typeof selfTest> => (values.mongodb ? selfTestOfPairs(first) : selfTest(first, home))
const tested = values['self-test'] ? await selfTesting() : { passed: 0, missed: [] }
await home?.stop()

console.log(`\n${table(rounds)}\n`)
const failed = rounds.filter(({ judgement }) => judgement.findings.length > 0).length
for (const { seed, judgement } of rounds) {
  if (judgement.findings.length > 0) console.log(`round ${seed} failed: its story stands above`)
}
for (const plant of tested.missed) console.log(`the planted fault "${plant}" was not caught in any round`)
const allFailed = failed + broken + tested.missed.length
console.log(`${rounds.length - failed + tested.passed} passed, ${allFailed} failed`)
process.exit(allFailed === 0 ? 0 : 1)
