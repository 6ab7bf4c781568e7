import { isSupportedCountry } from 'libphonenumber-js/min'
import { reader } from './readers.ts'
import type { Reader } from './readers.ts'

/** An IANA name. Plain offsets are refused: they know nothing of summer time, and an alarm would be an hour late. */
export const timezone: Reader<string> = reader('a time zone: continent and town', 'Europe/London', (given) => {
  if (!/^[A-Za-z]/.test(given)) return undefined
  try {
    new Intl.DateTimeFormat('en', { timeZone: given })
    return given
  } catch {
    return undefined
  }
})

/** ISO 3166, two letters: how numbers without a country are read. */
export const region: Reader<string> = reader('a country, two letters', 'GB', (given) => {
  const country = given.toUpperCase()
  return isSupportedCountry(country) ? country : undefined
})

/** The machine's own zone; UTC if it has none that can be used. */
export function systemZone(): string {
  const zone = new Intl.DateTimeFormat('en').resolvedOptions().timeZone
  return timezone.schema.safeParse(zone).data ?? 'UTC'
}

/**
 * Whom to ring. 112 connects to the emergency service from any mobile phone in Europe and from GSM handsets in most other
 * countries; where people are taught another number, theirs.
 */
export const emergencyNumber = (country: string): string => taught[country] ?? '112'

const taught: Record<string, string> = { GB: '999', US: '911', CA: '911', MX: '911', AU: '000', NZ: '111' }
