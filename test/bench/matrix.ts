// npm run bench -- matrix [--runs 1 --out 1000 --folder /var/tmp]: what is promised of the encrypted room, with a real homeserver beside it.
import { cpus, loadavg, tmpdir } from 'node:os'
import { parseArgs } from 'node:util'
import { missed, syncLatency, table } from './figures.ts'
import type { Row } from './figures.ts'
import { alone, storm } from './room/alarms.ts'
import { journal } from './room/journal.ts'
import { restart } from './room/restart.ts'

const { values } = parseArgs({
  args: process.argv.slice(3),
  options: {
    runs: { type: 'string', default: '5' },
    out: { type: 'string', default: '1000' },
    messages: { type: 'string', default: '10000' },
    folder: { type: 'string', default: tmpdir() },
  },
})
const [out, messages] = [Number(values.out), Number(values.messages)]
const ADMINS = 20
/** A megabyte, and four times what a snapshot takes; beside it for a moment the new one (crypto-store/journal.ts). */
const JOURNAL_MB = 8
const load = (): string =>
  loadavg()
    .map((it) => it.toFixed(1))
    .join(' ')

interface Result {
  sync: Awaited<ReturnType<typeof syncLatency>>
  alone: Awaited<ReturnType<typeof alone>>
  raised: Awaited<ReturnType<typeof storm>>
  usual: Awaited<ReturnType<typeof storm>>
  restart: Awaited<ReturnType<typeof restart>>
  journal: Awaited<ReturnType<typeof journal>>
}

const results: Result[] = []
for (let n = 1; n <= Number(values.runs); n++) {
  const note = (what: object): void => void process.stderr.write(`  ${JSON.stringify(what)}\n`)
  const say = (what: string): void => {
    process.stderr.write(`run ${String(n)} of ${values.runs}: ${what}; load of this machine ${load()}\n`)
  }
  const { folder } = values
  say('alarms one after the other, a minute and a half')
  const one = await alone(folder, out)
  note(one)
  say('a storm at raised limits, a minute')
  const raised = await storm(folder, 'raised', out)
  note(raised)
  say('a storm at Synapse’s default limits, two minutes')
  const usual = await storm(folder, 'default', out)
  note(usual)
  say('a restart with many keys, a minute')
  const again = await restart(folder, ADMINS, out)
  note(again)
  say('the journal over many messages, a minute')
  const kept = await journal(folder, messages, ADMINS)
  note(kept)
  const result: Result = { sync: syncLatency(folder), alone: one, raised, usual, restart: again, journal: kept }
  results.push(result)
}

const row = (what: string, unit: Row['unit'], below: number | undefined, figure: (result: Result) => number): Row => ({
  what,
  unit,
  ...(below !== undefined && { below }),
  figures: results.map(figure),
})
const people = out.toLocaleString('en')
const MB = 1_000_000
const rows: Row[] = [
  row(`deadline to decrypted by an admin’s app, ${people} out: p50`, 'ms', undefined, (r) => r.alone.p50),
  row('… p99', 'ms', 500, (r) => r.alone.p99),
  row('… max', 'ms', undefined, (r) => r.alone.max),
  row('… missing', '', 0, (r) => r.alone.missing),
  row(`${people} due in one second, raised limits: the first accepted`, 'ms', 1_000, (r) => r.raised.first),
  row('… all named', 'ms', 5_000, (r) => r.raised.last),
  row('… missing', '', 0, (r) => r.raised.missing),
  row('… messages', '', undefined, (r) => r.raised.messages),
  row('… an SOS in the middle, decrypted', 'ms', undefined, (r) => r.raised.sos),
  row('the same at Synapse’s default limits: the first accepted', 'ms', 1_000, (r) => r.usual.first),
  row('… an SOS in the middle, decrypted', 'ms', 6_000, (r) => r.usual.sos),
  row('… all named', 'ms', 60_000, (r) => r.usual.last),
  row('… missing', '', 0, (r) => r.usual.missing),
  row('… messages', '', undefined, (r) => r.usual.messages),
  row(
    `restart with ${String(ADMINS)} admins’ devices and ${people} sessions’ keys → syncing`,
    'ms',
    2_000,
    (r) => r.restart.syncing,
  ),
  row('… → watching', 'ms', undefined, (r) => r.restart.ready),
  row(
    `journal over ${messages.toLocaleString('en')} messages: at most`,
    'MB',
    JOURNAL_MB,
    (r) => r.journal.largest / MB,
  ),
  row('… files', '', undefined, (r) => r.journal.files),
  row('… a message, keys and journal', 'ms', undefined, (r) => r.journal.each),
  row('… opened again', 'ms', undefined, (r) => r.journal.opening),
  row('fdatasync of 300 bytes on this disk: p50', 'ms', undefined, (r) => r.sync.p50),
]
console.log(`\n${table(rows)}\n`)
for (const { journal: kept } of results)
  console.log(`journal, MB at each thousand: ${kept.sizes.map((size) => (size / MB).toFixed(1)).join(' ')}`)
console.log(
  `Worst of ${values.runs}; Node ${process.versions.node}, ${String(cpus().length)} cores shared with the homeserver and the apps, load afterwards ${load()}.`,
)
if (missed(rows).length > 0) {
  console.log(`Missed: ${missed(rows).join('; ')}.`)
  process.exitCode = 1
}
