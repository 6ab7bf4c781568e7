/** Numbers from one to another, both included. */
export interface Range {
  from: number
  to: number
}

/** As people write them: `7-9, 12`. */
export const rangesOf = (numbers: Iterable<number>): string => {
  const ranges: Range[] = []
  for (const number of [...new Set(numbers)].sort((a, b) => a - b)) {
    const last = ranges.at(-1)
    if (last && last.to === number - 1) last.to = number
    else ranges.push({ from: number, to: number })
  }
  return ranges.map(written).join(', ')
}

export const written = ({ from, to }: Range): string =>
  from === to ? String(from) : to === from + 1 ? `${String(from)}, ${String(to)}` : `${String(from)}-${String(to)}`
