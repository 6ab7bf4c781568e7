import express from 'express'
import type { Config } from './config/config.ts'
import { seedMember } from './app/seed.ts'
import type { Engine } from './app/engine.ts'
import { fenced } from './app/fence.ts'
import { systemClock } from './clock/system-clock.ts'
import { assemble, MO, newId } from './compose/assemble.ts'
import type { Assembled, Decorate, Materials } from './compose/assemble.ts'
import { openStore } from './compose/open-store.ts'
import { serveTerms } from './compose/terms.ts'
import type { Role } from './compose/terms.ts'
import { healthRoutes } from './http/health.ts'
import { lateRoutes } from './http/late-routes.ts'
import { startHttp } from './http/server.ts'
import { makeMetrics } from './metrics/metrics.ts'
import type { Log } from './ports/log.ts'
import type { OfficeTimes } from './stores/mongodb/office.ts'

export type { Decorate } from './compose/assemble.ts'
export { version } from './compose/version.ts'

const WEBHOOKS = ['/sms', '/telegram', '/voice']

export interface Running {
  /** The one that acts, or stands by. */
  engine: Engine
  role: () => Role
  port: number
  /** Everybody is told to go home; resolves when the store is closed. */
  stop: () => Promise<void>
}

/** What a caller may add to the configuration. */
export interface Extras {
  decorate?: Decorate
  /** Throws if it is better not to start with this many people out. */
  approve?: (out: number) => void
  /** For tests that cannot wait ten seconds for every change of office. */
  officeTimes?: OfficeTimes
}

/**
 * Builds everything that the configuration asks for, listens, and goes through the restart order, or stands by for another kernel that watches.
 * Throws if it can do neither.
 */
export async function compose(
  config: Config,
  log: Log,
  { decorate = {}, approve, officeTimes }: Extras = {},
): Promise<Running> {
  const clock = systemClock({ speed: config.simulator.speed })
  const { store: opened, key, office, remembering, jobs } = await openStore(config, log, clock.now, officeTimes)
  const store = decorate.store?.(opened) ?? opened
  const metrics = makeMetrics()
  const webhooks = lateRoutes(WEBHOOKS)
  const main = lateRoutes(['/simulator', '/jobs'])
  const state = {
    watching: (): { ok: boolean; reasons: string[] } => ({ ok: false, reasons: ['starting'] }),
    role: (): Role => 'active',
  }
  const mainRoutes = express.Router()
  mainRoutes.use(
    healthRoutes({
      ready: () => state.watching(),
      ...(office && { role: () => state.role() }),
      metrics: { contentType: metrics.contentType, text: metrics.metricsText },
    }),
    main.routes,
  )
  const http = await startHttp({ ...config.http, mainRoutes, webhookRoutes: webhooks.routes, log, metrics })
  const port = http.webhookPort ?? http.port
  const materials: Materials = { config, key, clock, store, log, metrics, decorate, approve, port, jobs }

  const prepare = async ({ engine }: Assembled, used: Materials['store']): Promise<void> => {
    if (config.simulator.on) {
      const address = { channel: 'simulator' as const, address: MO.number }
      await seedMember(used, engine.house, { id: newId(), name: MO.name, language: config.group.language, address })
    }
    await engine.kernel.load()
  }
  const listen = ({ webhookRoutes, pages }: Assembled): void => {
    webhooks.open(webhookRoutes)
    main.open(pages)
  }

  try {
    if (!office) {
      const made = await assemble(materials)
      const { engine } = made
      state.watching = () => engine.pulse.watching()
      await prepare(made, store)
      listen(made)
      await engine.kernel.start()
      return {
        engine,
        role: state.role,
        port: http.port,
        stop: async () => {
          await http.close()
          await engine.kernel.stop()
          await store.close()
        },
      }
    }
    const terms = serveTerms({
      office,
      log,
      candidate: async (fence) => {
        const used = fenced(store, fence)
        if (remembering) used.documents = remembering(used.documents)
        const made = await assemble({ ...materials, store: used, fence, others: office })
        listen(made)
        return {
          engine: made.engine,
          start: async () => {
            await prepare(made, used)
            await made.engine.kernel.start()
          },
        }
      },
    })
    state.watching = terms.watching
    state.role = terms.role
    await terms.settled.catch(async (error: unknown) => {
      await terms.stop()
      throw error
    })
    return {
      get engine() {
        const engine = terms.engine()
        if (!engine) throw new Error('there is no kernel yet')
        return engine
      },
      role: terms.role,
      port: http.port,
      stop: async () => {
        await http.close()
        await terms.stop()
        await store.close()
      },
    }
  } catch (error) {
    await http.close()
    await store.close()
    throw error
  }
}
