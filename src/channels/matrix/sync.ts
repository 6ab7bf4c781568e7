import type { OlmMachine } from '@matrix-org/matrix-sdk-crypto-wasm'
import { DecryptionSettings, DeviceLists, TrustRequirement, UserId } from '@matrix-org/matrix-sdk-crypto-wasm'
import type { Duration } from '../../core/time.ts'
import { SECOND } from '../../core/time.ts'
import type { TimelineEvent } from './accept.ts'
import type { MatrixApi } from './api.ts'
import { isAnswer } from './failure.ts'
import { cancelVerifications } from './identity/cancel-verification.ts'
import type { VerificationEvent } from './identity/cancel-verification.ts'
import type { SmallValues } from './small-values.ts'
import type { StateEvent } from './room-state.ts'
import type { Vault } from './vault.ts'
import { eventsIn } from './wire-events.ts'

/** What is added to the time that the server holds an empty answer, for the way. Real milliseconds. */
const WAY: Duration = 15 * SECOND

/** Pages of a hundred events that are read back into a gap: an outage of days in a busy room. */
const MOST_PAGES = 50

const SINCE = 'sync:since'
/** The server has forgotten our place: what was said since is not shown again. */
const LOST_PLACE = 'sync:lost-place'

interface SyncAnswer {
  next_batch: string
  to_device?: { events?: unknown[] }
  device_lists?: { changed?: string[]; left?: string[] }
  device_one_time_keys_count?: Record<string, number>
  device_unused_fallback_key_types?: string[]
  'org.matrix.msc2732.device_unused_fallback_key_types'?: string[]
  rooms?: {
    join?: Record<string, JoinedRoom>
    leave?: Record<string, unknown>
  }
}

interface JoinedRoom {
  state?: { events?: unknown }
  timeline?: { events?: unknown; limited?: boolean; prev_batch?: string }
}

/** What one round brought, in the room that is ours. */
export interface Round {
  /** State, oldest first. */
  state: StateEvent[]
  /** What was said, oldest first; what a gap hid is among it. */
  timeline: TimelineEvent[]
  /** Something was said that is not shown any more: a gap longer than what is read back, or a place that the server forgot. */
  gap: boolean
  /** We are not in it any more. */
  putOut: boolean
  /** Nothing was known before: what stands in the timeline is of no concern. */
  first: boolean
  /** Somebody's devices may have changed. */
  devicesChanged: boolean
}

export interface SyncOptions {
  machine: OlmMachine
  api: MatrixApi
  values: SmallValues
  together: Vault['together']
  room: () => string | undefined
  /** Stores what it brings, durably. The server's token moves only after it has resolved. */
  handle: (round: Round) => Promise<void>
}

/** One round, in the only order that loses nothing: keys durable, then what was said, then the token (design/matrix.md). */
export async function syncOnce(options: SyncOptions, wait: Duration, signal: AbortSignal): Promise<void> {
  const { api, values, room, handle } = options
  const since = values.get(SINCE)
  const timeout = since === undefined ? 0 : wait
  const answer = await api
    .request<SyncAnswer>('GET', '/_matrix/client/v3/sync', {
      query: { timeout, filter: filterOf(room()), ...(since !== undefined && { since }) },
      within: timeout + (since === undefined ? 4 : 1) * WAY,
      signal,
    })
    .catch((error: unknown) => {
      // Some servers forget very old tokens. Keys waited for us all the same: they go by device.
      if (since !== undefined && isAnswer(error, 'M_UNKNOWN_POS'))
        values.set({ [SINCE]: undefined, [LOST_PLACE]: 'yes' })
      throw error
    })
  await receive(options, answer)
  await handle(await roundOf(options, answer, since, signal))
  if (answer.next_batch !== since) values.set({ [SINCE]: answer.next_batch, [LOST_PLACE]: undefined })
}

async function receive({ machine, api, together }: SyncOptions, answer: SyncAnswer): Promise<void> {
  const { to_device: toDevice, device_lists: lists, device_one_time_keys_count: counts } = answer
  const unused =
    answer.device_unused_fallback_key_types ?? answer['org.matrix.msc2732.device_unused_fallback_key_types']
  const ids = (users: string[] = []): UserId[] => users.map((user) => new UserId(user))
  // In several transactions, and with only some of them on the disk a room key can be lost for good (ADR 5).
  const processed = await together(() =>
    machine.receiveSyncChanges(
      JSON.stringify(toDevice?.events ?? []),
      new DeviceLists(ids(lists?.changed), ids(lists?.left)),
      new Map(Object.entries(counts ?? {})),
      unused && new Set(unused),
      new DecryptionSettings(TrustRequirement.Untrusted),
    ),
  )
  const events = processed.map(({ rawEvent }) => JSON.parse(rawEvent) as VerificationEvent)
  // What cannot be sent now is cancelled by time.
  await cancelVerifications(machine, api, events)
}

async function roundOf(
  options: SyncOptions,
  answer: SyncAnswer,
  since: string | undefined,
  signal: AbortSignal,
): Promise<Round> {
  const id = options.room()
  const joined = id === undefined ? undefined : answer.rooms?.join?.[id]
  const timeline = eventsIn(joined?.timeline?.events)
  const missed =
    since !== undefined && id !== undefined && joined?.timeline?.limited === true
      ? await readBack(options.api, id, joined.timeline.prev_batch, since, signal)
      : { events: [], gap: false }
  return {
    state: [...eventsIn(joined?.state?.events), ...timeline.filter((event) => event.state_key !== undefined)],
    timeline: [...missed.events, ...timeline],
    gap: missed.gap || options.values.get(LOST_PLACE) !== undefined,
    putOut: id !== undefined && answer.rooms?.leave?.[id] !== undefined && !joined,
    first: since === undefined,
    devicesChanged: (answer.device_lists?.changed?.length ?? 0) > 0 || (answer.device_lists?.left?.length ?? 0) > 0,
  }
}

/** What lies between the last token and a timeline that the server cut short. */
async function readBack(
  api: MatrixApi,
  room: string,
  from: string | undefined,
  to: string,
  signal: AbortSignal,
): Promise<{ events: TimelineEvent[]; gap: boolean }> {
  const found: TimelineEvent[] = []
  let place = from
  for (let page = 0; place !== undefined && page < MOST_PAGES; page++) {
    const answer: { chunk?: unknown[]; end?: string } = await api.request(
      'GET',
      `/_matrix/client/v3/rooms/${encodeURIComponent(room)}/messages`,
      { query: { dir: 'b', from: place, to, limit: 100 }, signal },
    )
    found.unshift(...eventsIn(answer.chunk).reverse())
    if ((answer.chunk ?? []).length === 0 || answer.end === undefined || answer.end === to)
      return { events: found, gap: false }
    place = answer.end
  }
  return { events: found, gap: place !== undefined }
}

/** Only our room, once there is one; nothing that nobody needs. */
const filterOf = (room: string | undefined): string =>
  JSON.stringify({
    presence: { types: [] },
    account_data: { types: [] },
    room: {
      ...(room !== undefined && { rooms: [room] }),
      account_data: { types: [] },
      ephemeral: { types: [] },
      timeline: { limit: 100 },
    },
  })
