import type { LabelValues } from './names.ts'

/** Troubles are short codes of ours and of providers (`http-503`, `twilio-30008`, `ETIMEDOUT`). */
const code = /^[A-Za-z][A-Za-z0-9_-]{0,39}$/
/** A long number in a code would be somebody's. */
const longNumber = /\d{6,}/
/** Every combination is kept in memory for as long as the kernel runs. */
const MOST_CODES = 40

/** Makes labels fit: exactly the known names, and of each only known values, or `other`. */
export function boundedLabels(
  known: Readonly<Record<string, LabelValues>>,
): (given: Record<string, string>) => Record<string, string> {
  const seen = new Map<string, Set<string>>()
  const fits = (name: string, values: LabelValues, value: string): boolean => {
    if (values !== 'code') return values.includes(value)
    const codes = seen.get(name) ?? new Set()
    seen.set(name, codes)
    if (!codes.has(value) && (codes.size >= MOST_CODES || !code.test(value) || longNumber.test(value))) return false
    codes.add(value)
    return true
  }
  return (given) =>
    Object.fromEntries(
      Object.entries(known).map(([name, values]) => {
        const value = given[name] ?? 'other'
        return [name, fits(name, values, value) ? value : 'other']
      }),
    )
}
