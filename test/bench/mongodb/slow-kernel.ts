// The kernel as src/main.ts starts it, on a store of which every call takes some milliseconds longer: as a database that is one network hop away.
// BENCH_LATENCY: how many.
import { setTimeout } from 'node:timers/promises'
import { compose } from '../../../src/compose.ts'
import { loadConfig } from '../../../src/config/load.ts'
import { makeLog } from '../../../src/log/log.ts'
import type { Store } from '../../../src/ports/store.ts'

const latency = Number(process.env['BENCH_LATENCY'])

/** The same object, whose methods answer so much later. */
function slow<T extends object>(it: T): T {
  return new Proxy(it, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name)
      if (typeof value !== 'function') return value
      // A walk through all is one long answer.
      if (name === 'all') return value.bind(target) as unknown
      return async (...args: unknown[]) => {
        await setTimeout(latency)
        return Reflect.apply(value, target, args) as unknown
      }
    },
  })
}

const slowed = (store: Store): Store =>
  Object.assign(Object.create(store) as Store, {
    documents: slow(store.documents),
    inbox: slow(store.inbox),
    addresses: slow(store.addresses),
    sent: slow(store.sent),
  })

const { config } = loadConfig({ env: process.env, argv: [] })
const running = await compose(config, makeLog({ level: config.logLevel }), { decorate: { store: slowed } })
process.once('SIGTERM', () => void running.stop().then(() => process.exit(0)))
