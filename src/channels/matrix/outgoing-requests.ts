import type { OlmMachine, RoomMessageRequest } from '@matrix-org/matrix-sdk-crypto-wasm'
import {
  KeysBackupRequest,
  KeysClaimRequest,
  KeysQueryRequest,
  KeysUploadRequest,
  SignatureUploadRequest,
  ToDeviceRequest,
} from '@matrix-org/matrix-sdk-crypto-wasm'
import type { MatrixApi } from './api.ts'
import { MatrixFailure } from './failure.ts'
import { createTurn } from './turn.ts'

const V3 = '/_matrix/client/v3'
const part = encodeURIComponent

/** What the crypto library wants to tell or ask the server. */
export type Outgoing =
  | KeysUploadRequest
  | KeysQueryRequest
  | KeysClaimRequest
  | ToDeviceRequest
  | SignatureUploadRequest
  | RoomMessageRequest
  | KeysBackupRequest

/** Sends one and gives the machine the answer. What it decided is on disk already: the store is written before anybody is told. */
export async function perform(machine: OlmMachine, api: MatrixApi, request: Outgoing): Promise<void> {
  const [method, path] = wayOf(request)
  const body = JSON.parse(request.body) as unknown
  const query = request instanceof KeysBackupRequest ? { version: request.version } : undefined
  const answer = await api.request(method, path, { body, ...(query && { query }) })
  if (request.id !== undefined) await machine.markRequestAsSent(request.id, request.type, JSON.stringify(answer))
}

function wayOf(request: Outgoing): ['POST' | 'PUT', string] {
  if (request instanceof KeysUploadRequest) return ['POST', `${V3}/keys/upload`]
  if (request instanceof KeysQueryRequest) return ['POST', `${V3}/keys/query`]
  if (request instanceof KeysClaimRequest) return ['POST', `${V3}/keys/claim`]
  if (request instanceof SignatureUploadRequest) return ['POST', `${V3}/keys/signatures/upload`]
  if (request instanceof KeysBackupRequest) return ['PUT', `${V3}/room_keys/keys`]
  if (request instanceof ToDeviceRequest)
    return ['PUT', `${V3}/sendToDevice/${part(request.event_type)}/${part(request.txn_id)}`]
  return ['PUT', `${V3}/rooms/${part(request.room_id)}/send/${part(request.event_type)}/${part(request.txn_id)}`]
}

/**
 * Performs all that the machine has to say, each alone: one that fails keeps nobody from the others and is offered again the next time.
 * Never two runs at once; never rejects. Resolves with the first failure, if any.
 */
export function createPump(machine: OlmMachine, api: MatrixApi): () => Promise<MatrixFailure | undefined> {
  const turn = createTurn()
  return () =>
    turn(async () => {
      let first: MatrixFailure | undefined
      for (const request of (await machine.outgoingRequests()) as Outgoing[]) {
        try {
          await perform(machine, api, request)
        } catch (error) {
          if (!(error instanceof MatrixFailure)) throw error
          first ??= error
        }
      }
      return first
    })
}
