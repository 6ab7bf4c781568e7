// The real kernel, as src/main.ts starts it, but mortal: it kills itself at the point that CHAOS_DEATH names, and with
// CHAOS_PLANT it has a fault. Of each message that is stored it writes to file descriptor 3 what its clock shows. The names do not begin with IMOK_, because the kernel refuses settings that it does not know.
import { writeSync } from 'node:fs'
import type { Decorate } from '../../src/compose.ts'
import { compose } from '../../src/compose.ts'
import { loadConfig } from '../../src/config/load.ts'
import { describeProblems } from '../../src/config/problem.ts'
import { makeLog } from '../../src/log/log.ts'
import { instead } from './instead.ts'
import { planted, readPlant } from './plants.ts'
import { around, dieAt, readDeath } from './points.ts'

const { config, problems } = loadConfig({ env: process.env, argv: [] })
if (problems.length > 0) {
  process.stderr.write(describeProblems(problems))
  process.exit(78)
}
const death = readDeath(process.env['CHAOS_DEATH'])
const plant = readPlant(process.env['CHAOS_PLANT'])
const mortal = death ? dieAt(death, () => process.kill(process.pid, 'SIGKILL')) : {}
const faulty = plant ? planted[plant] : {}
const telling: Decorate = {
  store: (store) =>
    instead(store, {
      inbox: instead(store.inbox, {
        put: (item) => {
          writeSync(3, `${String(Date.now())} ${String(item.receivedAt)}\n`)
          return store.inbox.put(item)
        },
      }),
    }),
}
/** So that a round sees several changes of office. */
const officeTimes = { lease: 3_000, beat: 500, margin: 200, look: 250, comeBack: 3_000 }
// The fault is nearer to the world than the point of death: the kernel dies believing what the fault told it.
const running = await compose(config, makeLog({ level: config.logLevel }), {
  decorate: around(telling, around(mortal, faulty)),
  officeTimes,
})
process.once('SIGTERM', () => void running.stop().then(() => process.exit(0)))
