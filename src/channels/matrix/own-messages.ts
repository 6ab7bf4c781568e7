import type { OlmMachine } from '@matrix-org/matrix-sdk-crypto-wasm'
import type { Duration } from '../../core/time.ts'
import { SECOND } from '../../core/time.ts'
import type { TimelineEvent } from './accept.ts'
import type { MatrixApi } from './api.ts'
import { EFFECT } from './content.ts'
import { oneRunEach } from './one-run.ts'
import { openOwnEvent } from './own-event.ts'
import { eventsIn } from './wire-events.ts'

/** Effects of ours that are remembered; a storm is a few dozen messages. */
const KEPT = 2_000

/** How far back the room is read, in events. One page: what is looked for was said within the last minute. */
const BACK = 100

/** What was read so lately is not read again. Real milliseconds. */
const FRESH: Duration = SECOND

/** What other devices of our account said: of several kernels the one that died may have said what we are about to say. */
export interface OwnMessages {
  /** Of every event that comes. Never rejects. */
  note: (roomId: string, event: TimelineEvent) => Promise<void>
  /** The event that said this effect; undefined if none is to be found. Once the signal is aborted nobody is asked any more. Never rejects. */
  find: (roomId: string, effect: string, signal: AbortSignal) => Promise<string | undefined>
}

/** What was said lately, as the server showed it. */
interface Reading {
  roomId: string
  since: number
  signal: AbortSignal
  events: Promise<TimelineEvent[]>
}

export function createOwnMessages(options: {
  api: MatrixApi
  machine: OlmMachine
  /** Another device of ours said something just now, whatever it was. */
  othersSpoke: () => void
}): OwnMessages {
  const { api, machine, othersSpoke } = options
  const ownId = api.userId
  /** Event by effect. */
  const said = new Map<string, string>()
  /** Events that were opened already, or are our own device's. */
  const known = new Set<string>()
  /** Shared by all who look at the same moment; it is given up with the look that began it. */
  let reading: Reading | undefined

  const keep = <T>(of: Map<T, unknown> | Set<T>): void => {
    if (of.size <= KEPT) return
    for (const oldest of of.keys()) return void of.delete(oldest)
  }

  const isOwn = ({ sender, type }: TimelineEvent): boolean => sender === ownId && type === 'm.room.encrypted'
  const isOthers = ({ unsigned }: TimelineEvent): boolean => unsigned?.['transaction_id'] === undefined

  const note: OwnMessages['note'] = async (roomId, event) => {
    const { event_id: id } = event
    if (!isOwn(event) || known.has(id)) return
    // Our own device knows what it said: the server takes the same transaction once.
    if (isOthers(event)) {
      const effect = (await openOwnEvent(machine, roomId, event))?.content?.[EFFECT]
      // Its key may still be on its way.
      if (typeof effect !== 'string') return
      said.set(effect, id)
      keep(said)
    }
    known.add(id)
    keep(known)
  }

  const readBack = async (roomId: string, signal: AbortSignal): Promise<TimelineEvent[]> => {
    const { chunk } = await api.request<{ chunk?: unknown }>(
      'GET',
      `/_matrix/client/v3/rooms/${encodeURIComponent(roomId)}/messages`,
      { query: { dir: 'b', limit: BACK }, signal },
    )
    // A server may show more than it was asked for, and what was said last would be forgotten over it.
    return eventsIn(Array.isArray(chunk) ? chunk.slice(0, BACK) : [])
  }

  const noteSafely: OwnMessages['note'] = (roomId, event) => note(roomId, event).catch(() => undefined)

  const noteAll = oneRunEach(async ({ roomId, events }: Reading) => {
    for (const event of await events) await noteSafely(roomId, event)
  })

  return {
    note: (roomId, event) => {
      if (isOwn(event) && isOthers(event)) othersSpoke()
      return noteSafely(roomId, event)
    },
    find: async (roomId, effect, signal) => {
      if (!said.has(effect) && !signal.aborted) {
        const since = performance.now()
        if (!reading || reading.signal.aborted || since - reading.since > FRESH)
          reading = { roomId, since, signal, events: readBack(roomId, signal).catch(() => []) }
        // Also of what was read a moment ago: its key may have come since.
        await noteAll(reading)
      }
      return said.get(effect)
    },
  }
}
