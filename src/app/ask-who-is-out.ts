import type { Duration, Instant } from '../core/time.ts'
import { MINUTE } from '../core/time.ts'
import type { Clock } from '../ports/clock.ts'
import type { Log } from '../ports/log.ts'
import type { Drain } from './drain.ts'
import { codeOf } from './due-loop.ts'
import type { House } from './house.ts'

/** Of the kernel's clock. A shorter gap is a restart; in a longer one, or since the backup that was put back, an OUT may have been lost. */
export const LONG_BLIND: Duration = 15 * MINUTE

/** Asks everybody who is out by our record whether they are. A crash in between asks nobody twice. */
export async function askWhoIsOut(
  parts: { house: House; drain: Drain; clock: Clock; log: Log },
  blind: { from: Instant; to: Instant },
): Promise<void> {
  const { house, drain, clock, log } = parts
  for (const { id } of house.overview.out()) {
    try {
      const state = await house.members.apply(id, { type: 'asked', at: clock.now(), blind })
      if (state) drain.look(state)
    } catch (error) {
      log.error('a member could not be asked whether they are out; the room was told to ask', { code: codeOf(error) })
    }
  }
}
