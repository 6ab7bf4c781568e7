// What a malicious homeserver, or whoever holds a server admin's token, can do. None of it may move our state.
import { ask, rawEvent, sendEvent } from './client-server.ts'
import type { RunningRule } from './faults.ts'
import type { Content } from './matrix-client.ts'
import type { Proxy } from './proxy.ts'
import type { Relation } from './seen-event.ts'
import type { Synapse } from './synapse.ts'

/** Where a client reads events: syncs, history, single events, relations. */
const EVENTS = /^\/_matrix\/client\/\w+\/(sync|rooms\/[^/]+\/(messages|context|event|relations))/

/** A token for any user, without a password and without a device. */
export const tokenOf = async (synapse: Synapse, userId: string): Promise<string> =>
  (
    await ask<{ access_token: string }>(
      synapse.url,
      'POST',
      `/_synapse/admin/v1/users/${encodeURIComponent(userId)}/login`,
      { token: synapse.adminToken, body: {} },
    )
  ).access_token

/** Sends an event as a user, content as given: in clear, unless it is a ciphertext. Answers the event id. */
export const sendAs = async (
  synapse: Synapse,
  userId: string,
  roomId: string,
  type: string,
  content: Content,
): Promise<string> => sendEvent(synapse.url, await tokenOf(synapse, userId), roomId, type, content)

/** A command in clear in the encrypted room. */
export const commandInClear = (synapse: Synapse, userId: string, roomId: string, body: string): Promise<string> =>
  sendAs(synapse, userId, roomId, 'm.room.message', { msgtype: 'm.text', body })

/** A reaction, which is in clear even in encrypted rooms. */
export const reactAs = (
  synapse: Synapse,
  userId: string,
  roomId: string,
  eventId: string,
  key: string,
): Promise<string> =>
  sendAs(synapse, userId, roomId, 'm.reaction', {
    'm.relates_to': { rel_type: 'm.annotation', event_id: eventId, key },
  })

/** A redaction: of the user's own events, or of anybody's if the user has the power. */
export async function redactAs(
  synapse: Synapse,
  userId: string,
  roomId: string,
  eventId: string,
  reason?: string,
): Promise<string> {
  const path = `/_matrix/client/v3/rooms/${encodeURIComponent(roomId)}/redact/${encodeURIComponent(eventId)}/${String(Date.now())}`
  const token = await tokenOf(synapse, userId)
  return (await ask<{ event_id: string }>(synapse.url, 'PUT', path, { token, body: { reason } })).event_id
}

/** The same ciphertext once more, as a new event of the same sender; with `relation`, as an answer to something else. */
export async function replay(synapse: Synapse, roomId: string, eventId: string, relation?: Relation): Promise<string> {
  const { sender, type, content } = await original(synapse, roomId, eventId)
  const changed = relation === undefined ? content : { ...content, 'm.relates_to': relation }
  return sendAs(synapse, sender, roomId, type, changed)
}

/** An event is found by asking as each member: the server admin is in no room. */
async function original(synapse: Synapse, roomId: string, eventId: string): ReturnType<typeof rawEvent> {
  const path = `/_synapse/admin/v1/rooms/${encodeURIComponent(roomId)}/members`
  const { members } = await ask<{ members: string[] }>(synapse.url, 'GET', path, { token: synapse.adminToken })
  for (const userId of members) {
    const event = await rawEvent(synapse.url, await tokenOf(synapse, userId), roomId, eventId).catch(() => undefined)
    if (event !== undefined) return event
  }
  throw new Error(`no member of ${roomId} can see ${eventId}`)
}

type WireEvent = Readonly<Record<string, unknown>> & { readonly content: Content }

/** What the client behind this proxy is told of one event from now on, wherever it reads it: another sender, time, content. */
export const rewriteEvent = (proxy: Proxy, eventId: string, change: (event: WireEvent) => WireEvent): RunningRule =>
  proxy.fault({
    path: EVENTS,
    fault: {
      kind: 'rewrite',
      change: (answer) =>
        everywhere(answer, (found) => (found['event_id'] === eventId ? change(found as WireEvent) : found)),
    },
  })

/** A relation beside the ciphertext of an event: private talk looks like an answer to an alert. */
export const relateOutside = (proxy: Proxy, eventId: string, relation: Relation): RunningRule =>
  rewriteEvent(proxy, eventId, (event) => ({ ...event, content: { ...event.content, 'm.relates_to': relation } }))

/** The client behind this proxy never gets this event. */
export const withhold = (proxy: Proxy, eventId: string): RunningRule =>
  proxy.fault({
    path: EVENTS,
    fault: {
      kind: 'rewrite',
      change: (answer) =>
        everywhere(
          answer,
          (found) => found,
          (item) => (item as { event_id?: string } | null)?.event_id !== eventId,
        ),
    },
  })

function everywhere(
  value: unknown,
  change: (found: Record<string, unknown>) => Record<string, unknown>,
  keep: (item: unknown) => boolean = () => true,
): unknown {
  if (Array.isArray(value)) return value.filter(keep).map((item) => everywhere(item, change, keep))
  if (typeof value !== 'object' || value === null) return value
  const inside = Object.entries(value).map(([name, item]) => [name, everywhere(item, change, keep)])
  return change(Object.fromEntries(inside) as Record<string, unknown>)
}
