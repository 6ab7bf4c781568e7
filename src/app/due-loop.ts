import type { Duration, Instant } from '../core/time.ts'
import type { Clock } from '../ports/clock.ts'
import type { Log, Metrics } from '../ports/log.ts'
import type { Documents } from '../ports/store.ts'

/** The loop looks once a real second for what is due in the next two, so that every deadline is seen twice before it passes. */
const TICK: Duration = 1_000
const AHEAD: Duration = 2_000

/** So many are asked for first. When there are more, all are: what has waited long must not hide what is due now. */
const PORTION = 5_000

/**
 * How many documents are woken side by side. Few, because the store serves its callers in turn: what is decided must get out before more
 * is decided (200 deadlines at once on a disk with 100 saves a second: the first alarm after 0.18 s, with 64 after 0.66 s).
 */
const SIDE_BY_SIDE = 16

export interface DueLoop {
  /** Begins to look; from here on every stored deadline is acted upon. */
  start: () => void
  stop: () => void
  /** A document was saved with this wake-up time. */
  saved: (id: string, wakeAt: Instant | undefined) => void
  /** Wakes everything that is due, now; resolves when all of it was woken. */
  catchUp: () => Promise<void>
  /** Real milliseconds since the last complete look; the heartbeat stops when this grows. */
  idleFor: () => Duration
}

/**
 * The floor under every deadline (S2): the stored `wakeAt` is the truth, timers are only for punctuality.
 * `wake` must be harmless when it comes late, twice or for nothing.
 */
export function createDueLoop(options: {
  documents: Documents
  clock: Clock
  log: Log
  metrics: Metrics
  /** `since`: when it was found to be due. */
  wake: (id: string, since: Instant) => Promise<void>
}): DueLoop {
  const { documents, clock, log, metrics, wake } = options
  const armed = new Map<string, { at: Instant; off: () => void }>()
  /** Since when they wait to be woken. */
  const queue = new Map<string, Instant>()
  /** Woken before, and nothing came of it (a provider hangs): they are looked at again when nobody else waits. */
  const again = new Map<string, Instant>()
  let woken = new Map<string, number>()
  let awake = 0
  let lastLook = performance.now()
  let stop: (() => void) | undefined
  let looking = false

  const horizon = (): Instant => clock.now() + AHEAD * clock.speed

  const next = (): [id: string, since: Instant] | undefined => {
    const [first] = queue.size > 0 ? queue : again
    if (!first) return undefined
    queue.delete(first[0])
    again.delete(first[0])
    return first
  }

  const pump = (): void => {
    while (awake < SIDE_BY_SIDE) {
      const found = next()
      if (!found) return
      const [id] = found
      awake++
      void wake(...found)
        .catch((error: unknown) =>
          log.error('a document could not be woken; it is tried again in a second', {
            document: id,
            code: codeOf(error),
          }),
        )
        .finally(() => {
          awake--
          pump()
        })
    }
  }

  const rouse = (id: string, line = queue): void => {
    if (!line.has(id)) line.set(id, clock.now())
    pump()
  }

  const disarm = (id: string): void => {
    armed.get(id)?.off()
    armed.delete(id)
  }

  const arm = (id: string, at: Instant): void => {
    if (armed.get(id)?.at === at) return
    disarm(id)
    const off = clock.at(at, () => {
      armed.delete(id)
      rouse(id)
    })
    armed.set(id, { at, off })
  }

  const look = async (): Promise<void> => {
    if (looking) return
    looking = true
    try {
      const before = woken
      woken = new Map()
      for (const { id, version, wakeAt } of await allDue(documents, horizon())) {
        if (wakeAt > clock.now()) {
          arm(id, wakeAt)
          continue
        }
        rouse(id, before.get(id) === version ? again : queue)
        woken.set(id, version)
      }
      metrics.set('imok_due_loop_seconds', (performance.now() - lastLook) / 1000)
      lastLook = performance.now()
    } catch (error) {
      log.error('the due loop could not read the store; it looks again in a second', { code: codeOf(error) })
    } finally {
      looking = false
    }
  }

  return {
    start: () => {
      lastLook = performance.now()
      stop ??= clock.every(TICK, () => void look())
      void look()
    },
    stop: () => {
      stop?.()
      stop = undefined
      for (const id of [...armed.keys()]) disarm(id)
    },
    saved: (id, wakeAt) => {
      if (!stop) return
      if (wakeAt !== undefined && wakeAt <= horizon()) arm(id, wakeAt)
      else disarm(id)
    },
    catchUp: async () => {
      for (const done = new Set<string>(); ;) {
        const due = (await allDue(documents, clock.now())).filter((d) => !done.has(`${d.id}:${String(d.version)}`))
        if (due.length === 0) return
        for (const d of due) done.add(`${d.id}:${String(d.version)}`)
        for (const d of due) woken.set(d.id, d.version)
        const now = clock.now()
        await Promise.all(
          due.map((d) =>
            wake(d.id, now).catch((error: unknown) =>
              log.error('a document could not be woken at start', { document: d.id, code: codeOf(error) }),
            ),
          ),
        )
      }
    },
    idleFor: () => performance.now() - lastLook,
  }
}

async function allDue(documents: Documents, until: Instant): ReturnType<Documents['due']> {
  for (let limit = PORTION; ; limit *= 2) {
    const due = await documents.due(until, limit)
    if (due.length < limit) return due
  }
}

/** A short code for a log line; messages may hold private data. */
export function codeOf(error: unknown): string {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code
  return error instanceof Error ? error.name : 'unknown'
}
