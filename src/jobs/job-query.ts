import type { JobsSort, JobWithState } from 'agenda'

/** Whether everything that `wanted` says is so in `given`, as a query by data means it. */
export function isPartOf(wanted: unknown, given: unknown): boolean {
  if (!isRecord(wanted)) return wanted === given
  return isRecord(given) && Object.entries(wanted).every(([key, value]) => isPartOf(value, given[key]))
}

/** The jobs in the order asked for, the first key first; 1 or 'asc' is upwards. Without one, soonest first. */
export function sorted(jobs: JobWithState[], sort: JobsSort = {}): JobWithState[] {
  const keys = Object.keys(sort).length > 0 ? sort : ({ nextRunAt: 'asc' } as const)
  const order = Object.entries(keys) as [keyof JobsSort, unknown][]
  return jobs.toSorted((a, b) => {
    for (const [key, direction] of order) {
      const [x, y] = [rank(a[key]), rank(b[key])]
      if (x !== y) return x < y === (direction === 1 || direction === 'asc') ? -1 : 1
    }
    return 0
  })
}

const rank = (value: unknown): string | number => {
  if (value instanceof Date) return value.getTime()
  if (typeof value === 'string' || typeof value === 'number') return value
  return value === undefined || value === null ? -Infinity : JSON.stringify(value)
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !(value instanceof Date)
