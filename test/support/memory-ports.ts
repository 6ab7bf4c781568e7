// The smallest doubles of the ports that the HTTP side needs.
import type { Duration, Instant } from '../../src/core/time.ts'
import type { Clock } from '../../src/ports/clock.ts'
import type { Inbox, InboxItem } from '../../src/ports/inbox.ts'
import type { Log, Metrics } from '../../src/ports/log.ts'
import type { SentLog, SimulatedMessage } from '../../src/ports/store.ts'

type Now = Pick<Clock, 'now' | 'speed'>

/** A clock that is as fast as the wall's and can be moved on. */
export function movingClock(start: Instant): Now & { forward(ms: Duration): void } {
  const began = performance.now()
  let ahead = 0
  return {
    speed: 1,
    now: () => Math.floor(start + performance.now() - began + ahead),
    forward: (ms) => void (ahead += ms),
  }
}

/** A clock that stands still. */
export const standingClock = (now: Instant): Now => ({ speed: 1, now: () => now })

export function memorySent(): SentLog<SimulatedMessage> & { entries: SimulatedMessage[] } {
  const entries: SimulatedMessage[] = []
  const ids: string[] = []
  return {
    entries,
    append: (id, entry) => {
      if (!ids.includes(id)) {
        ids.push(id)
        entries.push(entry)
      }
      return Promise.resolve(ids.indexOf(id) + 1)
    },
    list: (after) => Promise.resolve(entries.map((entry, i) => ({ ...entry, n: i + 1 })).filter(({ n }) => n > after)),
  }
}

export function memoryInbox(then: (item: InboxItem) => void = () => undefined): Inbox & { items: InboxItem[] } {
  const items: InboxItem[] = []
  return {
    items,
    put: (item) => {
      items.push(item)
      then(item)
      return Promise.resolve('stored')
    },
    pending: () => Promise.resolve(items),
    done: () => Promise.resolve(),
    failed: () => Promise.resolve(1),
  }
}

export const silent: { log: Log; metrics: Metrics } = {
  log: { info: () => undefined, warn: () => undefined, error: () => undefined },
  metrics: { count: () => undefined, set: () => undefined, observe: () => undefined },
}
