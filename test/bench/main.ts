// npm run bench [-- --runs 1 --sessions 10000 --folder /var/tmp --profile]: what issue 3 promises of speed and size.
import { cpus, loadavg, tmpdir } from 'node:os'
import { parseArgs } from 'node:util'
import { missed, table } from './figures.ts'
import type { Row } from './figures.ts'
import { run } from './run.ts'
import type { Result } from './run.ts'

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '5' },
    sessions: { type: 'string', default: '10000' },
    over: { type: 'string', default: '60' },
    rate: { type: 'string', default: '200' },
    seconds: { type: 'string', default: '30' },
    folder: { type: 'string', default: tmpdir() },
    profile: { type: 'boolean', default: false },
  },
})
const [sessions, over, rate, seconds] = [values.sessions, values.over, values.rate, values.seconds].map(Number) as [
  number,
  number,
  number,
  number,
]
const flags = values.profile ? ['--cpu-prof', `--cpu-prof-dir=${values.folder}`] : []
const load = (): string =>
  loadavg()
    .map((it) => it.toFixed(1))
    .join(' ')

const results: Result[] = []
for (let n = 1; n <= Number(values.runs); n++) {
  process.stderr.write(`run ${String(n)} of ${values.runs}; load of this machine ${load()}\n`)
  const result = await run({ sessions, over, rate, seconds, folder: values.folder, flags })
  process.stderr.write(`${JSON.stringify(result)}\n`)
  results.push(result)
}

const row = (what: string, unit: Row['unit'], below: number | undefined, figure: (result: Result) => number): Row => ({
  what,
  unit,
  ...(below !== undefined && { below }),
  figures: results.map(figure),
})
const people = sessions.toLocaleString('en')
const rows: Row[] = [
  row('alarm lateness, one after the other: p50', 'ms', undefined, (r) => r.alone.p50),
  row('… p99', 'ms', 250, (r) => r.alone.p99),
  row('… max', 'ms', undefined, (r) => r.alone.max),
  row(`a storm, ${people} deadlines in ${String(over)} s: first alarm`, 'ms', 1_000, (r) => r.alarms.first),
  row('… until they are named: p50', 'ms', undefined, (r) => r.storm.p50),
  row('… p99', 'ms', undefined, (r) => r.storm.p99),
  row('… max', 'ms', 5_000, (r) => r.storm.max),
  row('… messages', '', undefined, (r) => r.alarms.rollCalls),
  row('alarms missing', '', 0, (r) => r.alarms.missing),
  row('alarms doubled', '', 0, (r) => r.alarms.doubled),
  row('alarms before their deadline', '', 0, (r) => r.alarms.early),
  row(
    `webhook to durable 200, ${String(rate)}/s for ${String(seconds)} s beside it: p50`,
    'ms',
    undefined,
    (r) => r.webhooks.p50,
  ),
  row('… p99', 'ms', 50, (r) => r.webhooks.p99),
  row('… max', 'ms', undefined, (r) => r.webhooks.max),
  row('webhooks not answered with 200', '', 0, (r) => r.webhooks.refused),
  row(`start with ${people} sessions → watching`, 'ms', 2_000, (r) => r.started),
  row('memory (RSS) idle', 'MB', 150, (r) => r.idle),
  row(`memory with ${people} sessions`, 'MB', 260, (r) => r.full),
  row('… at most while the deadlines pass', 'MB', undefined, (r) => r.peak),
  row('processor time of the main thread, in the first 70 s', 's', undefined, (r) => r.processor),
  row('fdatasync of 300 bytes on this disk: p50', 'ms', undefined, (r) => r.sync.p50),
  row('… p99', 'ms', undefined, (r) => r.sync.p99),
  row('the load generator’s own lag, at most', 'ms', undefined, (r) => r.webhooks.generatorLag),
]
console.log(`\n${table(rows)}\n`)
console.log(
  `Worst of ${values.runs}; Node ${process.versions.node}, ${String(cpus().length)} cores, load afterwards ${load()}.`,
)
if (missed(rows).length > 0) {
  console.log(`Missed: ${missed(rows).join('; ')}.`)
  process.exitCode = 1
}
