// Numbers, and how they are shown.
import { closeSync, fdatasyncSync, openSync, rmSync, writeSync } from 'node:fs'
import path from 'node:path'

/** The value that a share of all is not above. Of nothing: not a number. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN
}

export interface Spread {
  p50: number
  p99: number
  max: number
}

export const spreadOf = (values: readonly number[]): Spread => ({
  p50: quantile(values, 0.5),
  p99: quantile(values, 0.99),
  max: quantile(values, 1),
})

/** What this disk takes to make 300 appended bytes durable, in milliseconds: no promise can be quicker. */
export function syncLatency(folder: string): Spread {
  const file = path.join(folder, 'sync')
  const descriptor = openSync(file, 'w', 0o600)
  const times = Array.from({ length: 300 }, () => {
    writeSync(descriptor, Buffer.alloc(300, 1))
    const started = performance.now()
    fdatasyncSync(descriptor)
    return performance.now() - started
  })
  closeSync(descriptor)
  rmSync(file)
  return spreadOf(times)
}

/** One row of the table: its figure in every run. A figure that is no number was not measured. */
export interface Row {
  what: string
  unit: 'ms' | 's' | 'MB' | ''
  /** The figure must be below; absent where nothing is promised. */
  below?: number
  figures: number[]
}

const shown = (value: number, unit: Row['unit']): string => {
  if (Number.isNaN(value)) return '–'
  const digits = unit === 'ms' && Math.abs(value) < 10 ? 2 : 0
  return `${value.toFixed(digits)}${unit && ` ${unit}`}`
}

const worst = ({ figures }: Row): number => figures.reduce((a, b) => (Number.isNaN(b) ? a : Math.max(a, b)), -Infinity)

/** Markdown, so that it can be quoted as it is. */
export function table(rows: readonly Row[]): string {
  const lines = rows.map((row) => {
    const { what, unit, below, figures } = row
    const isMet = below === undefined || worst(row) < below || (below === 0 && worst(row) === 0)
    const target = below === undefined ? '' : below === 0 ? '0' : `< ${shown(below, unit)}`
    const all = figures.length > 1 ? figures.map((it) => shown(it, '')).join(' · ') : ''
    return `| ${what} | ${target} | ${shown(worst(row), unit)}${isMet ? '' : ' **missed**'} | ${all} |`
  })
  return ['| what | target | worst | every run |', '|---|---|---|---|', ...lines].join('\n')
}

export const missed = (rows: readonly Row[]): string[] =>
  rows.filter((row) => row.below !== undefined && worst(row) >= row.below && worst(row) !== 0).map(({ what }) => what)
