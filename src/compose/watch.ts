import { countOut } from '../app/load.ts'
import { seedMember } from '../app/seed.ts'
import type { Engine } from '../app/engine.ts'
import type { Fence } from '../app/fence.ts'
import { alone, fenced } from '../app/fence.ts'
import type { SystemClock } from '../clock/system-clock.ts'
import type { Config } from '../config/config.ts'
import type { MetricsOfKernel } from '../metrics/metrics.ts'
import type { Log } from '../ports/log.ts'
import type { LockedInbox } from '../stores/locked-inbox.ts'
import { assemble, MO, newId } from './assemble.ts'
import type { Assembled, Decorate, Materials } from './assemble.ts'
import { forTheLocked } from './for-the-locked.ts'
import type { Front } from './front.ts'
import type { Opened } from './open-store.ts'
import { serveTerms } from './terms.ts'
import type { Role } from './terms.ts'
import { createTermMemory } from '../app/term-memory.ts'
import type { Store } from '../ports/store.ts'
import { remembering } from '../stores/remembering.ts'

/** A kernel that watches, or stands by. */
export interface Watching {
  engine: Engine
  role: () => Role
  /** Everybody is told to go home; resolves when the store is closed. */
  stop: () => Promise<void>
}

/** Goes through the restart order on a store that is open, or stands by for another kernel that watches. Throws, with everything closed, if it can do neither. */
export async function watch(options: {
  config: Config
  opened: Opened
  front: Front
  /** Of the kernel that was locked in this process until now. */
  lockedInbox?: LockedInbox
  decorate?: Decorate | undefined
  approve?: ((out: number) => void) | undefined
  clock: SystemClock
  log: Log
  metrics: MetricsOfKernel
}): Promise<Watching> {
  const { config, opened, front, lockedInbox, decorate = {}, approve, clock, log, metrics } = options
  const { key, office, jobs } = opened
  const store = decorate.store?.(opened.store) ?? opened.store
  const materials: Materials = {
    config,
    key,
    clock,
    store,
    log,
    metrics,
    decorate,
    port: front.webhookPort,
    jobs,
  }
  const beside = forTheLocked({ folder: config.dataDir, key, store, clock, log })
  const leave = async (): Promise<void> => {
    await beside.stop()
    await store.close()
  }

  /** The store for one time in office. */
  const within = (fence: Fence): Store => {
    const used = fenced(store, fence)
    used.documents = remembering(used.documents)
    return used
  }

  const prepare = async ({ engine }: Assembled, used: Materials['store']): Promise<void> => {
    if (config.simulator.on) {
      const address = { channel: 'simulator' as const, address: MO.number }
      await seedMember(used, engine.house, { id: newId(), name: MO.name, language: config.group.language, address })
    }
    await engine.kernel.load()
  }

  front.says.watching = () => ({ ok: false, reasons: ['starting'] })
  try {
    if (!office) {
      const used = within(alone)
      const made = await assemble({ ...materials, store: used, approve })
      const { engine } = made
      front.says.watching = () => engine.pulse.watching()
      await beside.takeOver(engine.inbox, lockedInbox)
      await prepare(made, used)
      front.open(made)
      beside.keepList(engine.house.overview)
      await engine.kernel.start()
      return {
        engine,
        role: () => 'active',
        stop: async () => {
          await front.close()
          await engine.kernel.stop()
          await leave()
        },
      }
    }
    await beside.takeOver(store.inbox, lockedInbox)
    // Before it counts as one that would take over; at a takeover a part that is missing is better than no watch.
    if (approve) approve(await countOut(store))
    // What a term of this process knew goes with the next one, should nobody else have been in office between them.
    const memory = createTermMemory()
    const terms = serveTerms({
      office,
      log,
      followClock: () => clock.follow(),
      candidate: async (fence) => {
        const used = within(fence)
        const made = await assemble({ ...materials, store: used, fence, others: office, memory })
        front.open(made)
        return {
          engine: made.engine,
          start: async () => {
            await prepare(made, used)
            await made.engine.kernel.start()
          },
        }
      },
    })
    front.says.watching = terms.watching
    front.says.role = terms.role
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
      stop: async () => {
        await front.close()
        await terms.stop()
        await leave()
      },
    }
  } catch (error) {
    await front.close()
    await leave()
    throw error
  }
}
