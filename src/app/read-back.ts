import type { Duration, Instant } from '../core/time.ts'
import { SECOND } from '../core/time.ts'
import type { Clock } from '../ports/clock.ts'
import type { Log } from '../ports/log.ts'
import type { Way } from './announce.ts'
import { codeOf } from './due-loop.ts'
import { inTime } from './in-time.ts'

/** Reading the providers back takes at most this long, real time; a provider that fails is passed over at once (S2). */
export const READ_BACK: Duration = 10 * SECOND

/** Whatever can be read back: a channel, or the room. */
export interface Readable {
  readonly name: Way
  readBack?: (since: Instant) => Promise<void>
}

/** True if everything that arrived since is in the inbox now; false if the provider could not be read. */
export async function readBack(channel: Readable, since: Instant, log: Log): Promise<boolean> {
  try {
    await channel.readBack?.(since)
    return true
  } catch (error) {
    log.error('a provider could not be read back; texts may be missing', { part: channel.name, code: codeOf(error) })
    return false
  }
}

/** All side by side. Returns the channels that could not be read, or not in time. */
export async function readAllBack(
  channels: Iterable<Readable>,
  since: Instant,
  clock: Clock,
  log: Log,
): Promise<Way[]> {
  const unread = new Set<Way>()
  const all = [...channels].map(async (channel) => {
    unread.add(channel.name)
    if (await readBack(channel, since, log)) unread.delete(channel.name)
  })
  await inTime<unknown>(clock, READ_BACK, Promise.all(all), () => undefined)
  return [...unread]
}
