import type { Duration, Instant } from '../core/time.ts'
import { MINUTE, SECOND } from '../core/time.ts'
import type { Channel } from '../ports/channel.ts'
import type { Clock } from '../ports/clock.ts'
import type { Log } from '../ports/log.ts'
import type { Overview } from './overview.ts'
import { readAllBack } from './read-back.ts'

/** So long before a deadline the provider is asked: enough for a slow answer, and for applying what it brings. Real milliseconds. */
const BEFORE: Duration = 10 * SECOND

/** One call does for every deadline that comes this soon after it, so that a storm of deadlines is a call in five seconds. */
const COVERS: Duration = 15 * SECOND

/** After a call that failed. Real milliseconds. */
const PAUSE: Duration = 5 * SECOND

/** The regular look reaches back as far: providers list a text some time after they got it. */
const REACH: Duration = 10 * MINUTE

/**
 * A webhook that died in silence must not make an alarm of a check-out that was sent: shortly before a deadline what the provider
 * keeps is read once more, in one call for all who are due. The alarm does not wait for it.
 */
export function createReadBeforeDeadline(options: {
  channels: Iterable<Channel>
  overview: Pick<Overview, 'out'>
  clock: Clock
  log: Log
}): { look: () => Promise<void> } {
  const { overview, clock, log } = options
  const byWebhook = [...options.channels].filter((channel) => channel.byWebhook)
  let covered: Instant = -Infinity
  let notBefore: Instant = -Infinity
  let isReading = false

  const isDueSoon = (now: Instant): boolean => {
    const from = Math.max(now, covered)
    const until = now + BEFORE * clock.speed
    return until > from && overview.out().some(({ dueAt }) => dueAt !== undefined && dueAt > from && dueAt <= until)
  }

  return {
    look: async () => {
      const now = clock.now()
      if (byWebhook.length === 0 || isReading || now < notBefore || !isDueSoon(now)) return
      isReading = true
      const unread = await readAllBack(byWebhook, now - REACH, clock, log)
      isReading = false
      if (unread.length === 0) covered = now + COVERS * clock.speed
      else notBefore = clock.now() + PAUSE * clock.speed
    },
  }
}
