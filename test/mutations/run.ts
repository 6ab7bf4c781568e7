// `npm run mutate [NAME…]`: puts each fault of this folder into a copy of the sources and wants the named test to go red.
// It proves that the tests of the safety floor (DESIGN.md section 1) notice what they are there to notice.
import { availableParallelism } from 'node:os'
import path from 'node:path'
import type { Mutation } from './mutation.ts'
import { readMutations } from './mutation.ts'
import type { Report } from './verdict.ts'
import { notGreen, notRed } from './verdict.ts'
import type { WorkingCopy } from './working-copy.ts'
import { makeCopy } from './working-copy.ts'

const root = path.resolve(import.meta.dirname, '../..')

/** Each must have a mutation. S8 has none before there are flows that could weaken anything. */
const invariants = ['S1', 'S2', 'S3', 'S4', 'S5', 'S6', 'S7', 'S9', 'S10', 'S11', 'S12']

/** The longest for one mutation, and for all named tests without any, in ms: mocha itself cuts a test off after 10 s. */
const LONGEST = 60_000
const LONGEST_GREEN = 180_000

/** More copies at a time only get in each other's way: stories have real time limits too. */
const SIDE_BY_SIDE = 2

const began = performance.now()
const stop = new AbortController()
const copies: WorkingCopy[] = []
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => stop.abort())
process.once('exit', () => copies.forEach((copy) => copy.remove()))

const all = readMutations(import.meta.dirname)
const asked = process.argv.slice(2).map((arg) => path.basename(arg, '.patch'))
const mutations = all.filter(
  ({ name, invariant }) =>
    asked.length === 0 || asked.some((it) => it === invariant || (it.includes('-') && name.startsWith(it))),
)
const missing = invariants.filter((invariant) => !all.some((mutation) => mutation.invariant === invariant))

if (mutations.length > 0) process.exitCode = (await tryAll()) ? 0 : 1
else {
  console.log(`there is no mutation ${asked.join(' ')}\n0 passed, 1 failed`)
  process.exitCode = 1
}

/** True if every one was noticed. */
async function tryAll(): Promise<boolean> {
  console.log(`${String(mutations.length)} mutations. First their tests without them …`)
  const first = copyOf()
  const files = [...new Set(mutations.map(({ test }) => test))]
  const titles = mutations.map(({ title }) => title)
  const green = await first.run(files, titles, LONGEST_GREEN)
  const { passes = [], failures = [] } = green ?? {}
  console.log(`… ${String(passes.length)} green, ${String(failures.length)} red, ${since(began)}`)
  if (!green) console.log(first.said())

  const queue = [...mutations]
  const failed: string[] = missing.map((invariant) => `${invariant} has no mutation`)
  let noticed = 0
  const work = async (copy: WorkingCopy): Promise<void> => {
    for (let mutation = queue.shift(); mutation; mutation = queue.shift()) {
      const start = performance.now()
      const why = notGreen(mutation, green) ?? (await attempt(copy, mutation))
      if (stop.signal.aborted) return void failed.push(`${mutation.name}: stopped`)
      row(mutation, why, start)
      if (why === undefined) noticed++
      else failed.push(explained(mutation, why))
    }
  }
  const others = Math.min(SIDE_BY_SIDE, availableParallelism(), mutations.length) - 1
  await Promise.all([first, ...Array.from({ length: others }, copyOf)].map(work))

  for (const line of failed) console.log(`\n✗ ${line}`)
  console.log(`\n${since(began)} in all`)
  console.log(`${String(noticed)} passed, ${String(failed.length + queue.length)} failed`)
  return noticed === mutations.length && failed.length === 0
}

function copyOf(): WorkingCopy {
  const copy = makeCopy(root, stop.signal)
  copies.push(copy)
  return copy
}

/** Why the mutation was not noticed; undefined if it was. */
async function attempt(copy: WorkingCopy, mutation: Mutation): Promise<string | undefined> {
  try {
    copy.apply(mutation.file)
  } catch (error) {
    return `stale: ${mutation.changes.join(', ')} changed, and it does not fit any more (${saidBy(error)})
  to mend it: make the same fault in src by hand, put what \`git diff -U1 src\` shows below the heading of
  test/mutations/${mutation.name}.patch, take the fault out again, and see this red: npm run mutate ${mutation.name}`
  }
  let report: Report | undefined
  try {
    report = await copy.run([mutation.test], [mutation.title], LONGEST)
  } finally {
    copy.takeBack(mutation.file)
  }
  const why = notRed(mutation, report)
  return why !== undefined && !report ? `${why}\n${copy.said()}` : why
}

function row({ name, test }: Mutation, why: string | undefined, start: number): void {
  const width = Math.max(...mutations.map((mutation) => mutation.name.length))
  const verdict = why === undefined ? `red in ${since(start)}` : 'NOT NOTICED'
  console.log(`${why === undefined ? '✓' : '✗'} ${name.padEnd(width)}  ${verdict.padEnd(14)}  ${test}`)
}

function explained({ name, broken, test, title }: Mutation, why: string): string {
  return `${name}: ${why}\n  the fault: ${broken}\n  the test: ${test}, “${title}”`
}

function saidBy(error: unknown): string {
  const { stderr } = error as { stderr?: Buffer }
  return (stderr?.toString() ?? String(error)).trim().split('\n')[0] ?? ''
}

function since(start: number): string {
  return `${((performance.now() - start) / 1000).toFixed(1)} s`
}
