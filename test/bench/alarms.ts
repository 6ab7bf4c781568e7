// What the simulated room heard, held against the deadlines.
import type { SimulatedMessage } from '../../src/ports/store.ts'
import type { Deadline } from './prepare.ts'
import { nameOf } from './prepare.ts'

export interface Alarms {
  /** Milliseconds from the deadline to the room's first entry that names the member: of those who were late among many … */
  storm: number[]
  /** … and of those who were late alone. */
  alone: number[]
  /** The first entry of all, after the first deadline. */
  first: number
  missing: number
  /** Members who were called as new twice, or twice alerted singly. */
  doubled: number
  /** Alarms before their deadline. */
  early: number
  /** Messages of roll-calls. */
  rollCalls: number
}

/** Whom a message names, if it is an alarm. */
export function namedIn(text: string): string[] {
  const single = /^#\d+ OVERDUE[^:]*: (Walker \d+)/.exec(text)?.[1]
  if (single !== undefined) return [single]
  if (!/^#\d+ ROLL-CALL, unconfirmed/.test(text)) return []
  return [...text.matchAll(/^#(\d+) (Walker \d+), .*: take \1$/gm)].map(([, , name = '']) => name)
}

/** `many`: so many of the deadlines, from the first one, come together. */
export async function readAlarms(url: string, deadlines: readonly Deadline[], many: number): Promise<Alarms> {
  const response = await fetch(`${url}/simulator/messages?after=0`)
  const messages = (await response.json()) as SimulatedMessage[]
  const heard = { single: new Map<string, number>(), called: new Map<string, number>() }
  let doubled = 0
  let rollCalls = 0
  for (const { to, text, at } of messages) {
    if (to !== 'room') continue
    const isRollCall = /^#\d+ ROLL-CALL/.test(text)
    if (isRollCall) rollCalls++
    const already = isRollCall ? heard.called : heard.single
    for (const name of namedIn(text)) {
      if (already.has(name)) doubled++
      else already.set(name, Date.parse(at))
    }
  }
  const lateness = deadlines.map(({ at }, n) => {
    const [single, called] = [heard.single.get(nameOf(n)), heard.called.get(nameOf(n))]
    return Math.min(single ?? Infinity, called ?? Infinity) - at
  })
  const came = lateness.filter(Number.isFinite)
  const within = (from: number, to?: number): number[] => lateness.slice(from, to).filter(Number.isFinite)
  const firstHeard = Math.min(...heard.single.values(), ...heard.called.values())
  return {
    storm: within(0, many),
    alone: within(many),
    first: firstHeard - (deadlines[0]?.at ?? NaN),
    missing: deadlines.length - came.length,
    doubled,
    early: came.filter((it) => it < 0).length,
    rollCalls,
  }
}
