import type { OlmMachine } from '@matrix-org/matrix-sdk-crypto-wasm'
import type { MatrixApi } from './api.ts'
import { openOwnEvent } from './own-event.ts'
import { POLL_START, saysIn } from './poll.ts'
import { eventOf } from './wire-events.ts'

/** The poll could not be read. It may be ours. */
export class PollUnread extends Error {
  override readonly name = 'PollUnread'
}

/**
 * What an answer of a poll says. The poll is fetched and decrypted each time: it carries its own meaning inside the ciphertext, so
 * nothing need be remembered that a crash could lose. Only a poll that we made ourselves counts. Throws `PollUnread`.
 */
export async function saysOf(
  from: { api: MatrixApi; machine: OlmMachine; room: string },
  poll: string,
  answer: string,
): Promise<string | undefined> {
  const { api, machine, room } = from
  const path = `/_matrix/client/v3/rooms/${encodeURIComponent(room)}/event/${encodeURIComponent(poll)}`
  const event = await api.request('GET', path).then(eventOf, (error: unknown) => {
    throw new PollUnread('the poll could not be fetched', { cause: error })
  })
  const inner = event && (await openOwnEvent(machine, room, event))
  if (event?.sender === api.userId && !inner) throw new PollUnread('the poll could not be opened')
  return inner?.type === POLL_START && inner.content ? saysIn(inner.content, answer) : undefined
}
