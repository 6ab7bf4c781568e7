import { Temporal } from 'temporal-polyfill'
import type { Instant, Zone } from '../core/time.ts'

/**
 * The wall clock of an IANA time zone. Throws an Error that names the zone when there is no such zone.
 */
export const temporalZone = (name: string): Zone => {
  const format = clockFormat(name)
  return {
    name,
    clock: (at) => format.format(at),
    next: (hour, minute, after) => first(occurrences(name, hour, minute, after), (at) => at > after),
    last: (hour, minute, before) => first(occurrences(name, hour, minute, before).reverse(), (at) => at <= before),
  }
}

/** Made once for each zone: it is asked for every text, and making one costs a thousand times more than using it. */
const clockFormat = (name: string): Intl.DateTimeFormat => {
  try {
    return new Intl.DateTimeFormat('en-GB', {
      timeZone: name,
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
      numberingSystem: 'latn',
    })
  } catch (cause) {
    throw new Error(`unknown time zone "${name}": write an IANA name, for example Europe/London`, { cause })
  }
}

/** When the wall clock reads `hour:minute`, from two days before to two days after `around`, in order. */
const occurrences = (name: string, hour: number, minute: number, around: Instant): Instant[] => {
  const today = Temporal.Instant.fromEpochMilliseconds(Math.floor(around)).toZonedDateTimeISO(name).toPlainDate()
  // Two days each way, because a zone that crosses the date line skips a whole one.
  return [-2, -1, 0, 1, 2].flatMap((days) => onDay(today.add({ days }).toPlainDateTime({ hour, minute }), name))
}

/** Once on most days, twice when the clocks go back over it, the moment of the change when they skip it. */
const onDay = (wanted: Temporal.PlainDateTime, name: string): Instant[] => {
  const earlier = wanted.toZonedDateTime(name, { disambiguation: 'earlier' })
  const later = wanted.toZonedDateTime(name, { disambiguation: 'later' })
  if (earlier.epochMilliseconds === later.epochMilliseconds) return [earlier.epochMilliseconds]
  if (earlier.toPlainDateTime().equals(wanted)) return [earlier.epochMilliseconds, later.epochMilliseconds]
  return [earlier.getTimeZoneTransition('next')?.epochMilliseconds ?? later.epochMilliseconds]
}

const first = (instants: Instant[], fits: (at: Instant) => boolean): Instant => {
  const found = instants.find(fits)
  if (found === undefined) throw new Error('a wall clock shows every time of day within two days')
  return found
}
