// What the crypto machine wants the homeserver to be asked. Its store is synchronous, so everything that a request tells is on disk
// before the request goes: a crash repeats a request, with the same keys and the same transaction id.
import {
  KeysBackupRequest,
  KeysClaimRequest,
  KeysQueryRequest,
  KeysUploadRequest,
  RequestType,
  RoomMessageRequest,
  SignatureUploadRequest,
  ToDeviceRequest,
} from '@matrix-org/matrix-sdk-crypto-wasm'
import type { OlmMachine, OutgoingRequest } from '@matrix-org/matrix-sdk-crypto-wasm'
import type { Ask, MatrixApi } from './api.ts'
import { ForeignIdentity, withoutForeignIdentity } from './identity/foreign-identity.ts'
import type { KeysAnswer } from './identity/foreign-identity.ts'
import { oneRunEach } from './one-run.ts'
import { shownIdentities } from './shown-identities.ts'

/** A request that did not work; the machine keeps it and asks for it again in a later run. */
export interface Failed {
  /** `KeysUpload`, `ToDevice` … */
  request: string
  /** `MatrixFailure`; `ForeignIdentity` when it worked and showed that the account has an identity that is not ours. */
  error: unknown
}

/** The server said yes to signatures, and then that it kept some of them not. */
export class SignaturesRefused extends Error {
  override readonly name = 'SignaturesRefused'
}

/** More rounds than any flow needs; what is left then is left to the next run. */
const mostRounds = 10
/** These carry an id of their own through every round; the machine makes up the others anew. */
const ownId = new Set([RequestType.ToDevice, RequestType.RoomMessage])
/** Requests that are not sent again in a run: by id, by kind if one failed, by kind and body if it was answered. */
type Left = Set<string | RequestType>

/**
 * Sends all that the machine has to send, and what comes of it (claimed keys make messages). Kinds go side by side, so that a slow
 * remote server keeps only its own; within a kind in order, as Olm wants it. A failed one keeps no other and is not tried again in
 * this run. Never two runs of a machine at once; a request that hangs holds the run until it is given up (`Ask.within`).
 */
export function sendOutgoing(machine: OlmMachine, api: MatrixApi): Promise<Failed[]> {
  apis.set(machine, api)
  return run(machine)
}

const apis = new WeakMap<OlmMachine, MatrixApi>()
const run = oneRunEach(async (machine: OlmMachine): Promise<Failed[]> => {
  const api = apis.get(machine)
  if (!api) throw new Error('a run without an api')
  const failed: Failed[] = []
  const left: Left = new Set()
  for (let round = 0; round < mostRounds; round += 1) {
    const requests = (await machine.outgoingRequests()).filter((request) => !isLeft(left, request))
    if (requests.length === 0) break
    const kinds = Map.groupBy(requests, (request) => request.type)
    await Promise.all([...kinds.values()].map((kind) => inOrder(machine, api, kind, failed, left)))
  }
  return failed
})

async function inOrder(
  machine: OlmMachine,
  api: MatrixApi,
  requests: OutgoingRequest[],
  failed: Failed[],
  left: Left,
): Promise<void> {
  for (const request of requests) {
    try {
      // A user that the server says nothing about is asked for again at once, and would be in every round.
      left.add(contentOf(request))
      await perform(machine, api, request)
    } catch (error) {
      failed.push({ request: RequestType[request.type], error })
      left.add(ownId.has(request.type) ? contentOf(request) : request.type)
    }
  }
}

const isLeft = (left: Left, request: OutgoingRequest): boolean => left.has(request.type) || left.has(contentOf(request))

const contentOf = (request: OutgoingRequest): string =>
  ownId.has(request.type) && request.id !== undefined ? request.id : `${request.type} ${request.body}`

/**
 * One request, and the machine told of the answer, which is returned. Throws `MatrixFailure`, `SignaturesRefused`, or
 * `ForeignIdentity` after the rest of the answer was taken.
 */
export async function perform(machine: OlmMachine, api: MatrixApi, request: OutgoingRequest): Promise<unknown> {
  const { method, path, ...ask } = wire(request)
  const answer = await api.request(method, path, ask)
  const { answer: taken, foreign } =
    request instanceof KeysQueryRequest
      ? await withoutForeignIdentity(machine, answer as KeysAnswer)
      : { answer, foreign: false }
  const { id, type } = request
  const hear = async (): Promise<unknown> =>
    // Some signature uploads have no id, and the machine does not wait for them.
    id !== undefined && machine.markRequestAsSent(id, type, JSON.stringify(taken))
  if (request instanceof KeysQueryRequest) await shownIdentities(machine).whileHearing(taken as KeysAnswer, hear)
  else await hear()
  if (foreign) throw new ForeignIdentity()
  if (request instanceof SignatureUploadRequest && someRefused(answer))
    throw new SignaturesRefused('the homeserver did not keep a signature of ours')
  return answer
}

interface Wire extends Ask {
  method: 'POST' | 'PUT'
  path: string
}

/** How a request travels. To-device messages have their request's id as transaction id: sent twice, they arrive once. */
function wire(request: OutgoingRequest): Wire {
  const body: unknown = JSON.parse(request.body)
  if (request instanceof KeysUploadRequest) return post('keys/upload', body)
  if (request instanceof KeysQueryRequest) return post('keys/query', body)
  if (request instanceof KeysClaimRequest) return post('keys/claim', body)
  if (request instanceof SignatureUploadRequest) return post('keys/signatures/upload', body)
  if (request instanceof KeysBackupRequest)
    return { ...put('room_keys', 'keys'), query: { version: request.version }, body }
  if (request instanceof ToDeviceRequest) return { ...put('sendToDevice', request.event_type, request.txn_id), body }
  if (request instanceof RoomMessageRequest)
    return { ...put('rooms', request.room_id, 'send', request.event_type, request.txn_id), body }
  throw new TypeError('a kind of request that nobody here knows')
}

const base = '/_matrix/client/v3/'
const post = (path: string, body: unknown): Wire => ({ method: 'POST', path: `${base}${path}`, body })
const put = (...parts: string[]): Wire => ({
  method: 'PUT',
  path: `${base}${parts.map((part) => encodeURIComponent(part)).join('/')}`,
})

function someRefused(answer: unknown): boolean {
  const { failures } = answer as { failures?: Record<string, unknown> }
  return failures !== undefined && Object.values(failures).some((user) => Object.keys(user as object).length > 0)
}
