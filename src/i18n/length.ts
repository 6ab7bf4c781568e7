import type { Duration } from '../core/time.ts'
import { HOUR, MINUTE, SECOND } from '../core/time.ts'

const units = [
  ['hour', HOUR],
  ['minute', MINUTE],
  ['second', SECOND],
] as const

/** A length as people say it ("1 hr 30 min"), western digits, plain spaces; parts of a second are left out. */
export function spokenLength(length: Duration, language: string): string {
  const parts: string[] = []
  let rest = Math.max(0, Math.round(length / SECOND)) * SECOND
  for (const [unit, size] of units) {
    const count = Math.floor(rest / size)
    rest -= count * size
    if (count > 0 || (unit === 'second' && parts.length === 0)) parts.push(spoken(count, unit, language))
  }
  return parts.join(' ')
}

function spoken(count: number, unit: string, language: string): string {
  const format = new Intl.NumberFormat(language, {
    style: 'unit',
    unit,
    unitDisplay: 'short',
    numberingSystem: 'latn',
    useGrouping: false,
  })
  return format.format(count).replace(/\s/g, ' ')
}
