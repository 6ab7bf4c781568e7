// What the simulated room heard, held against the deadlines.
import type { SimulatedMessage } from '../../src/ports/store.ts'
import { nameOf } from './prepare.ts'

export interface Alarms {
  /** Milliseconds from the deadline to the room's entry, for each alarm that came. */
  lateness: number[]
  missing: number
  /** First alarms beyond the first. */
  doubled: number
  /** Alarms before their deadline. */
  early: number
}

export async function readAlarms(url: string, deadlines: readonly number[]): Promise<Alarms> {
  const response = await fetch(`${url}/simulator/messages?after=0`)
  const messages = (await response.json()) as SimulatedMessage[]
  const dueAt = new Map(deadlines.map((at, n) => [nameOf(n), at]))
  const first = new Map<string, number>()
  let doubled = 0
  for (const { to, text, at } of messages) {
    const name = to === 'room' && /^#\d+ OVERDUE[^:]*: (Walker \d+)/.exec(text)?.[1]
    if (!name) continue
    if (first.has(name)) doubled++
    else first.set(name, Date.parse(at))
  }
  const lateness = [...first].map(([name, at]) => at - (dueAt.get(name) ?? NaN))
  return { lateness, missing: deadlines.length - first.size, doubled, early: lateness.filter((it) => it < 0).length }
}
