import type { OlmMachine } from '@matrix-org/matrix-sdk-crypto-wasm'
import type { TimelineEvent } from './accept.ts'
import type { MatrixApi } from './api.ts'
import { MatrixFailure } from './failure.ts'
import { openOwnEvent } from './own-event.ts'
import { POLL_START, saysIn } from './poll.ts'

/**
 * What an answer of a poll says. The poll is fetched and decrypted each time: it carries its own meaning inside the ciphertext, so
 * nothing need be remembered that a crash could lose. Only a poll that we made ourselves counts. Throws `MatrixFailure` when it cannot be asked.
 */
export async function saysOf(
  from: { api: MatrixApi; machine: OlmMachine; room: string },
  poll: string,
  answer: string,
): Promise<string | undefined> {
  const { api, machine, room } = from
  const path = `/_matrix/client/v3/rooms/${encodeURIComponent(room)}/event/${encodeURIComponent(poll)}`
  let event: TimelineEvent
  try {
    event = await api.request<TimelineEvent>('GET', path)
  } catch (error) {
    if (error instanceof MatrixFailure && error.status === 404) return undefined
    throw error
  }
  const inner = await openOwnEvent(machine, room, event)
  return inner?.type === POLL_START && inner.content ? saysIn(inner.content, answer) : undefined
}
