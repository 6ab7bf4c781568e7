/** How often something may be said: at least and at most. */
export interface Range {
  least: number
  most: number
}

/** What should have been said to one person and about them, by name, as far as one course of events explains it. */
export class Tally {
  readonly ranges: ReadonlyMap<string, Range>

  constructor(ranges: ReadonlyMap<string, Range> = new Map()) {
    this.ranges = ranges
  }

  /** With more of it. Names of what is said on the phone begin with `phone `, in the room with `room `. */
  with(name: string, least = 1, most = least): Tally {
    const before = this.ranges.get(name) ?? { least: 0, most: 0 }
    const ranges = new Map(this.ranges)
    ranges.set(name, { least: before.least + least, most: before.most + most })
    return new Tally(ranges)
  }
}

export interface Difference {
  name: string
  /** Negative: that many are missing. */
  by: number
}

/** Where what was said differs from what should have been. */
export function differences(tally: Tally, said: ReadonlyMap<string, number>): Difference[] {
  const found: Difference[] = []
  for (const name of new Set([...tally.ranges.keys(), ...said.keys()])) {
    const { least, most } = tally.ranges.get(name) ?? { least: 0, most: 0 }
    const count = said.get(name) ?? 0
    if (count < least) found.push({ name, by: count - least })
    if (count > most) found.push({ name, by: count - most })
  }
  return found
}

export function count(names: Iterable<string>): Map<string, number> {
  const counts = new Map<string, number>()
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1)
  return counts
}
