import { HOUR, MINUTE } from '../time.ts'
import type { Instant, Zone } from '../time.ts'
import type { Length } from './command.ts'

/** A time of day this much in the past was a slip or a late message, not a wish for tomorrow (protocol.md section 1). */
const JUST_PASSED = 12 * HOUR

/** The last moment that a JavaScript date can show: a length beyond it must not make the clock throw. */
const END_OF_TIME: Instant = 8.64e15

/**
 * The moment that a length ends when it is counted from `now`: minutes are rounded up to the whole minute, never earlier
 * than asked; seconds are exact. `passed` is when the wanted time of day was, less than 12 h ago.
 */
export const resolveLength = (length: Length, now: Instant, zone: Zone): { at: Instant } | { passed: Instant } => {
  if (length.kind === 'for') {
    const end = Math.min(now + length.ms, END_OF_TIME)
    return { at: length.unit === 'minutes' ? Math.ceil(end / MINUTE) * MINUTE : end }
  }
  const next = zone.next(length.hour, length.minute, now)
  const last = zone.last(length.hour, length.minute, now)
  // When the clocks go back the time comes twice within hours: then the one ahead is meant, and it is soon.
  const comesTwice = next - last < JUST_PASSED
  return now - last < JUST_PASSED && !comesTwice ? { passed: last } : { at: next }
}
