import type { TimelineEvent } from './accept.ts'
import type { StateEvent } from './room-state.ts'

/** Bytes of an event, and of its names: the specification allows no more. A server that sends more fills nobody's disk. */
const LARGEST = 65_536
const LONGEST_NAME = 255

/** The events of an answer, as far as they can be any: a server can send what it likes. Of what it adds by itself only the transaction is kept. */
export const eventsIn = (given: unknown): (TimelineEvent & StateEvent)[] =>
  (Array.isArray(given) ? (given as unknown[]) : []).flatMap((event) => eventOf(event) ?? [])

export function eventOf(given: unknown): (TimelineEvent & StateEvent) | undefined {
  if (!isObject(given)) return undefined
  const { unsigned, ...event } = given
  const { event_id: id, type, sender, state_key: key, content } = event
  if (![id, type, sender].every(isName) || !(key === undefined || isName(key)) || !isObject(content)) return undefined
  if (Buffer.byteLength(JSON.stringify(event)) > LARGEST) return undefined
  const transaction = isObject(unsigned) ? unsigned['transaction_id'] : undefined
  const kept = isName(transaction) ? { unsigned: { transaction_id: transaction } } : {}
  return { ...event, ...kept } as unknown as TimelineEvent & StateEvent
}

const isName = (value: unknown): value is string =>
  typeof value === 'string' && Buffer.byteLength(value) <= LONGEST_NAME

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
