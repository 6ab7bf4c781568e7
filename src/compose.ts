import { systemClock } from './clock/system-clock.ts'
import type { Decorate } from './compose/assemble.ts'
import { isOpenBesideSealed, missingKey } from './compose/data-key.ts'
import type { Missing } from './compose/data-key.ts'
import { openFront } from './compose/front.ts'
import { startLocked } from './compose/locked.ts'
import { openStore } from './compose/open-store.ts'
import type { Role } from './compose/terms.ts'
import { typedCommand } from './compose/typed-command.ts'
import { watch } from './compose/watch.ts'
import type { Watching } from './compose/watch.ts'
import type { Config } from './config/config.ts'
import { makeMetrics } from './metrics/metrics.ts'
import type { Log } from './ports/log.ts'
import type { OfficeTimes } from './stores/mongodb/office.ts'

export type { Decorate } from './compose/assemble.ts'
export { version } from './compose/version.ts'

export interface Running extends Omit<Watching, 'role'> {
  /** Locked: the data key is missing, and nobody is watched over. `engine` throws then. */
  role: () => Role | 'locked'
  port: number
  /** What a locked kernel waits for. */
  missing?: Missing
  /** Resolves when somebody watches: at once, unless it is locked. Rejects if it was unlocked and could not start. */
  watching: Promise<void>
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
 * Builds everything that the configuration asks for, listens, and goes through the restart order, or stands by for another kernel that watches,
 * or, without the data key, waits to be unlocked. Throws if it can do none.
 */
export async function compose(config: Config, log: Log, extras: Extras = {}): Promise<Running> {
  const { decorate, approve, officeTimes } = extras
  const clock = systemClock({ speed: config.simulator.speed })
  const metrics = makeMetrics()
  const common = { config, decorate, approve, clock, log, metrics }

  const missing = await missingKey(config)
  if (!missing) {
    if (await isOpenBesideSealed(config))
      log.warn(
        'the key lies in clear beside key.sealed, so the passphrase protects nothing: ' +
          typedCommand('key -- status', config.dataDir),
      )
    const opened = await openStore(config, log, clock.now, officeTimes)
    const front = await openFront(config, log, metrics).catch(async (error: unknown) => {
      await opened.store.close()
      throw error
    })
    const watching = await watch({ ...common, opened, front })
    return runningOf(() => watching, { port: front.port, watching: Promise.resolve(), stop: watching.stop })
  }

  const locked = await startLocked({ config, missing, clock, log, metrics, officeTimes })
  const { front, inbox } = locked
  let unlocked: Watching | undefined
  const watching = locked.opened.then(
    async (opened) => void (unlocked = await watch({ ...common, opened, front, lockedInbox: inbox })),
    async (error: unknown) => {
      await front.close()
      throw error
    },
  )
  watching.catch(() => undefined)
  const stop = async (): Promise<void> => {
    if (!locked.isOpen()) await front.close()
    await locked.stop()
    if (locked.isOpen()) await watching.catch(() => undefined)
    await (unlocked ? unlocked.stop() : front.close())
  }
  return runningOf(() => unlocked, { port: front.port, missing, watching, stop })
}

const runningOf = (
  now: () => Watching | undefined,
  rest: Pick<Running, 'port' | 'missing' | 'watching' | 'stop'>,
): Running => ({
  ...rest,
  get engine() {
    const watching = now()
    if (!watching) throw new Error('there is no kernel yet')
    return watching.engine
  },
  role: () => now()?.role() ?? 'locked',
})
