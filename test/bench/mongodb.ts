// npm run bench -- mongodb [--runs 1 --sessions 2000 --many 10000 --folder /var/tmp]: what is promised of several kernels on a database.
// There is no real MongoDB to be had where this was written: the database is a stand-in (mongo-java-server) on the same machine.
import { randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { cpus, loadavg, tmpdir } from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { parseDataKey } from '../../src/crypto/data-key.ts'
import type { MongoStore } from '../../src/stores/mongodb/index.ts'
import { newName, openAndTake } from '../e2e/mongodb/harness.ts'
import type { StandIn } from '../e2e/mongodb/stand-in.ts'
import { startStandIn } from '../e2e/mongodb/stand-in.ts'
import { missed, table } from './figures.ts'
import type { Row } from './figures.ts'
import { takeover } from './mongodb/takeover.ts'
import type { Takeover } from './mongodb/takeover.ts'
import { embedded } from './prepare.ts'
import { measure, quietHour } from './run.ts'
import type { Measured, Place } from './run.ts'

const { values } = parseArgs({
  args: process.argv.slice(3),
  options: {
    runs: { type: 'string', default: '5' },
    sessions: { type: 'string', default: '2000' },
    many: { type: 'string', default: '10000' },
    folder: { type: 'string', default: tmpdir() },
  },
})
const [sessions, many] = [Number(values.sessions), Number(values.many)]
/** Milliseconds that each call of the double takes longer than the embedded store. */
const LATENCY = 3
const load = { over: 60, rate: 100, seconds: 30, flags: [], folder: values.folder }
const busy = (): string =>
  loadavg()
    .map((it) => it.toFixed(1))
    .join(' ')

/**
 * A real server finds the row of an id, whatever else is asked of that row. The stand-in goes through all of them, unless an index has just what is
 * asked for.
 */
async function findById(store: MongoStore): Promise<MongoStore> {
  await store.db.collection('documents').createIndex({ _id: 1, version: 1 }, { unique: true }, {})
  await store.db.collection('inbox').createIndex({ _id: 1, done: 1 }, { unique: true }, {})
  return store
}

/** A database that nobody has used, and a folder for the kernel. */
async function onStandIn(server: StandIn, folder: string): Promise<Place> {
  const key = randomBytes(32).toString('base64')
  const url = server.url(newName())
  const dataFolder = await mkdtemp(path.join(folder, 'data-'))
  return {
    dataFolder,
    open: async () =>
      findById(await openAndTake(url, { key: () => Promise.resolve(parseDataKey(key, 'the key of this test')) })),
    settings: { IMOK_MONGODB_URL: url, IMOK_SECRET_KEY: key },
  }
}

async function onDouble(folder: string): Promise<Place> {
  const dataFolder = path.join(folder, 'double')
  await mkdir(dataFolder)
  return {
    dataFolder,
    open: () => embedded(dataFolder),
    settings: { BENCH_LATENCY: String(LATENCY) },
    main: path.join(import.meta.dirname, 'mongodb/slow-kernel.ts'),
  }
}

interface Result {
  quiet: Measured['webhooks']
  standIn: Measured
  double: Measured
  killed: Takeover[]
  frozen: Takeover[]
}

const results: Result[] = []
for (let n = 1; n <= Number(values.runs); n++) {
  const say = (what: string): void => {
    process.stderr.write(`run ${String(n)} of ${values.runs}: ${what}; load of this machine ${busy()}\n`)
  }
  const folder = await mkdtemp(path.join(values.folder, 'imok-bench-'))
  const server = await startStandIn()
  try {
    say('webhooks in a quiet hour on the stand-in, a minute')
    const quiet = await quietHour({ ...load, sessions }, await onStandIn(server, folder))
    process.stderr.write(`  ${JSON.stringify(quiet)}\n`)
    say('deadlines and webhooks on the stand-in, two and a half minutes')
    const standIn = await measure({ ...load, sessions }, await onStandIn(server, folder))
    process.stderr.write(`  ${JSON.stringify(standIn)}\n`)
    say(`deadlines and webhooks on the double with ${String(LATENCY)} ms, two and a half minutes`)
    const double = await measure({ ...load, sessions: many }, await onDouble(folder))
    process.stderr.write(`  ${JSON.stringify(double)}\n`)
    say('takeovers, three minutes')
    const [killed, frozen]: [Takeover[], Takeover[]] = [[], []]
    for (const ahead of [9_000, 4_000, 500])
      killed.push(await takeover(await onStandIn(server, folder), 'killed', ahead))
    for (const ahead of [4_000, 500]) frozen.push(await takeover(await onStandIn(server, folder), 'frozen', ahead))
    process.stderr.write(`  ${JSON.stringify({ killed, frozen })}\n`)
    results.push({ quiet, standIn, double, killed, frozen })
  } finally {
    await server.stop()
    await rm(folder, { recursive: true, force: true })
  }
}

const row = (what: string, unit: Row['unit'], below: number | undefined, figure: (result: Result) => number): Row => ({
  what,
  unit,
  ...(below !== undefined && { below }),
  figures: results.map(figure),
})
const largest = (of: readonly number[]): number => of.reduce((a, b) => Math.max(a, b), 0)
const wrong = (of: Measured): number => of.alarms.missing + of.alarms.doubled + of.alarms.early
const rowsOf = (people: number, where: string, p99: number, of: (result: Result) => Measured): Row[] => [
  row(
    `${where}, ${people.toLocaleString('en')} out; lateness, one after the other: p50`,
    'ms',
    undefined,
    (r) => of(r).alone.p50,
  ),
  row('… p99', 'ms', p99, (r) => of(r).alone.p99),
  row('… max', 'ms', undefined, (r) => of(r).alone.max),
  row(`a storm, all of them in ${String(load.over)} s: first alarm`, 'ms', undefined, (r) => of(r).alarms.first),
  row('… until they are named: p99', 'ms', undefined, (r) => of(r).storm.p99),
  row('alarms missing, doubled, early', '', 0, (r) => wrong(of(r))),
  row(
    `webhook to durable 200, ${String(load.rate)}/s for ${String(load.seconds)} s beside it: p50`,
    'ms',
    undefined,
    (r) => of(r).webhooks.p50,
  ),
  row('… p99', 'ms', 100, (r) => of(r).webhooks.p99),
  row('… not answered with 200', '', 0, (r) => of(r).webhooks.refused),
  row('start → watching', 'ms', undefined, (r) => of(r).started),
  row('memory (RSS)', 'MB', undefined, (r) => of(r).full),
]
const rows: Row[] = [
  row(
    `on the stand-in, ${sessions.toLocaleString('en')} out and nobody late; webhook to durable 200, ${String(load.rate)}/s for ${String(load.seconds)} s: p50`,
    'ms',
    undefined,
    (r) => r.quiet.p50,
  ),
  row('… p99', 'ms', 100, (r) => r.quiet.p99),
  row('… not answered with 200', '', 0, (r) => r.quiet.refused),
  ...rowsOf(sessions, 'on the stand-in', 1_000, (r) => r.standIn),
  ...rowsOf(many, `on a double: the embedded store, each call ${String(LATENCY)} ms later`, 500, (r) => r.double),
  row('active kernel killed before a deadline: the alarm comes after it', 'ms', 20_000, (r) =>
    largest(r.killed.map((it) => it.late)),
  ),
  row('… frozen, and let go on: the alarm comes after it', 'ms', 20_000, (r) => largest(r.frozen.map((it) => it.late))),
  row('… doubled', '', 0, (r) => largest([...r.killed, ...r.frozen].map((it) => it.doubled))),
]
console.log(`\n${table(rows)}\n`)
console.log(
  `Worst of ${values.runs}; Node ${process.versions.node}, ${String(cpus().length)} cores shared with the database, load afterwards ${busy()}.`,
)
if (missed(rows).length > 0) {
  console.log(`Missed: ${missed(rows).join('; ')}.`)
  process.exitCode = 1
}
