import { RoomMessageRequest, ToDeviceRequest } from '@matrix-org/matrix-sdk-crypto-wasm'
import type { OlmMachine, OutgoingVerificationRequest } from '@matrix-org/matrix-sdk-crypto-wasm'
import { RoomId, UserId } from '@matrix-org/matrix-sdk-crypto-wasm'
import type { MatrixApi } from '../api.ts'
import { perform } from '../outgoing-requests.ts'

/** As far as we read one that came to the device, or to a room and was decrypted. */
export interface VerificationEvent {
  sender: string
  type: string
  content: { msgtype?: string; transaction_id?: string }
}

/** What clients show that do not know the code. Nothing private: in a room it travels in clear. */
const reason = 'imok is a bot and verifies nobody. Nothing is wrong, and there is nothing to do.'

/**
 * Whoever asks the bot to compare emojis would wait ten minutes for an answer: they get one at once, with the code `m.user` ("does
 * not want to"). The bot verifies nobody, because a verified admin who resets their identity blocks the room keys of everyone.
 * To be called when the machine has taken the events in (`receiveSyncChanges`, `receiveVerificationEvent`). Returns what could not be sent; never rejects,
 * because anybody may send such events, with anything in them, and whoever reads them must go on.
 */
export async function cancelVerifications(
  machine: OlmMachine,
  api: MatrixApi,
  events: readonly VerificationEvent[],
): Promise<unknown[]> {
  const failed: unknown[] = []
  for (const event of events.filter(isVerification)) {
    try {
      for (const cancel of cancellations(machine, event)) await perform(machine, api, explained(cancel))
    } catch (error) {
      failed.push(error)
    }
  }
  return failed
}

/** The same in a room: `event` as it was decrypted. Never rejects. */
export async function declineInRoom(
  machine: OlmMachine,
  api: MatrixApi,
  room: string,
  event: { sender: string; type: string; content: Record<string, unknown> } & Record<string, unknown>,
): Promise<unknown[]> {
  try {
    await machine.receiveVerificationEvent(JSON.stringify({ ...event, room_id: room }), new RoomId(room))
  } catch (error) {
    return [error]
  }
  return cancelVerifications(machine, api, [event])
}

/** Of what a stranger sends nothing is certain, not even that it has a type. */
function isVerification(event: Partial<Record<keyof VerificationEvent, unknown>> | null): boolean {
  const { sender, type, content } = event ?? {}
  if (typeof sender !== 'string' || typeof type !== 'string' || typeof content !== 'object' || content === null)
    return false
  const { msgtype, transaction_id: id } = content as Record<string, unknown>
  if (id !== undefined && typeof id !== 'string') return false
  return (
    type.startsWith('m.key.verification.') || (type === 'm.room.message' && msgtype === 'm.key.verification.request')
  )
}

function cancellations(
  machine: OlmMachine,
  { sender, type, content }: VerificationEvent,
): OutgoingVerificationRequest[] {
  const asked = machine
    .getVerificationRequests(new UserId(sender))
    .filter((request) => !request.isDone() && !request.isCancelled())
    .map((request) => request.cancel())
  // Older clients begin without asking.
  const begun =
    type === 'm.key.verification.start'
      ? [machine.getVerification(new UserId(sender), content.transaction_id ?? '')?.cancelWithCode('m.user')]
      : []
  return [...asked, ...begun].filter((cancel) => cancel !== undefined)
}

/** The machine gives its own reason, in words that fit a person who pressed "cancel". */
function explained(cancel: OutgoingVerificationRequest): OutgoingVerificationRequest {
  if (cancel instanceof RoomMessageRequest) {
    const content = { ...(JSON.parse(cancel.body) as object), reason }
    return new RoomMessageRequest(cancel.id, cancel.room_id, cancel.txn_id, cancel.event_type, JSON.stringify(content))
  }
  const { messages } = JSON.parse(cancel.body) as { messages: Record<string, Record<string, object>> }
  for (const devices of Object.values(messages))
    for (const [device, content] of Object.entries(devices)) devices[device] = { ...content, reason }
  return new ToDeviceRequest(cancel.id, cancel.event_type, cancel.txn_id, JSON.stringify({ messages }))
}
