// The real kernel, as src/main.ts starts it, but mortal: it kills itself at the point that CHAOS_DEATH names, or stands still where it is
// told to on its standard input; with CHAOS_PLANT it has a fault. What it tells meanwhile stands in telling.ts. The names do not begin with
// IMOK_, because the kernel refuses settings that it does not know.
import { compose } from '../../src/compose.ts'
import { loadConfig } from '../../src/config/load.ts'
import { describeProblems } from '../../src/config/problem.ts'
import { makeLog } from '../../src/log/log.ts'
import { quickTimes } from './pair/terms.ts'
import { planted, readPlant } from './plants.ts'
import { around, dieAt, readDeath } from './points.ts'
import { standingStillWhenTold, telling } from './telling.ts'

const { config, problems } = loadConfig({ env: process.env, argv: [] })
if (problems.length > 0) {
  process.stderr.write(describeProblems(problems))
  process.exit(78)
}
const death = readDeath(process.env['CHAOS_DEATH'])
const plant = readPlant(process.env['CHAOS_PLANT'])
const mortal = death ? dieAt(death, () => process.kill(process.pid, 'SIGKILL')) : standingStillWhenTold(process.stdin)
// The fault is nearer to the world than the point of death: the kernel dies believing what the fault told it.
const faulty = plant ? planted[plant] : {}
const running = await compose(config, makeLog({ level: config.logLevel }), {
  decorate: around(telling, around(mortal, faulty)),
  ...(process.env['CHAOS_TERMS'] !== 'usual' && { officeTimes: quickTimes }),
})
process.once('SIGTERM', () => void running.stop().then(() => process.exit(0)))
