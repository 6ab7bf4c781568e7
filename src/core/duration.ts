import { DAY, HOUR, MINUTE, SECOND } from './time.ts'
import type { Duration } from './time.ts'

const SHAPE = /^(?:(\d{1,9})d)?(?:(\d{1,9})h)?(?:(\d{1,9})m)?(?:(\d{1,9})s)?$/

/**
 * A length of time as settings write it: `90s`, `5m`, `1h30m`, `30d`. Milliseconds, or undefined for anything else: a
 * number without a unit could be minutes to one reader and seconds to another, so it is refused rather than guessed.
 */
export const parseDuration = (given: string): Duration | undefined => {
  const found = SHAPE.exec(given)
  if (!found || given === '') return undefined
  const [days, hours, minutes, seconds] = found.slice(1).map((part: string | undefined) => Number(part ?? 0))
  const ms = (days ?? 0) * DAY + (hours ?? 0) * HOUR + (minutes ?? 0) * MINUTE + (seconds ?? 0) * SECOND
  return Number.isSafeInteger(ms) ? ms : undefined
}

/**
 * The same, written back: `1h30m`, `45m`, `1m30s`. Rounded to whole seconds; whole days from two on are `2d`, because
 * people say 24 hours and 30 days.
 */
export const formatDuration = (ms: Duration): string => {
  let rest = Math.max(0, Math.round(ms / SECOND)) * SECOND
  if (rest >= 2 * DAY && rest % DAY === 0) return `${rest / DAY}d`
  const parts: string[] = []
  for (const [size, letter] of [
    [HOUR, 'h'],
    [MINUTE, 'm'],
    [SECOND, 's'],
  ] as const) {
    if (rest >= size) parts.push(`${Math.floor(rest / size)}${letter}`)
    rest %= size
  }
  return parts.join('') || '0s'
}
