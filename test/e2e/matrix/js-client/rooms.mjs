// What a person does in rooms.
import { sdk } from './sdk.mjs'

const POLL = 'org.matrix.msc3381.poll'

export const roomCommands = (client) => {
  const room = (roomId) => {
    const found = client.getRoom(roomId)
    if (!found) throw new Error(`${roomId} is not known here`)
    return found
  }
  const send = async (roomId, type, content) => (await client.sendEvent(roomId, null, type, content)).event_id
  const encrypted = (roomId) => client.getCrypto().isEncryptionEnabledInRoom(roomId)
  /** Until the sync loop has brought the room: a client that does not know of the encryption would send in clear. */
  const known = async (roomId, isReady) => {
    while (!client.getRoom(roomId) || !(await isReady()))
      await new Promise((resolve) => client.once(sdk.ClientEvent.Sync, resolve))
    return roomId
  }
  const joined = (roomId) => known(roomId, () => room(roomId).getMyMembership() === 'join')
  return {
    createRoom: async (options) => {
      const { room_id: roomId } = await client.createRoom(options)
      const secret = options.initial_state?.some((state) => state.type === 'm.room.encryption')
      return known(roomId, () => !secret || encrypted(roomId))
    },
    invite: ({ roomId, userId }) => client.invite(roomId, userId),
    join: async ({ roomId }) => {
      await client.joinRoom(roomId)
      await joined(roomId)
    },
    joined: ({ roomId }) => joined(roomId),
    leave: ({ roomId }) => client.leave(roomId),
    members: ({ roomId }) =>
      room(roomId)
        .currentState.getMembers()
        .map((member) => ({
          userId: member.userId,
          membership: member.membership,
          displayName: member.name,
          // The creator of a room of version 12 has endless power, which JSON cannot say.
          powerLevel: Math.min(member.powerLevel, Number.MAX_SAFE_INTEGER),
        })),
    state: ({ roomId, type, stateKey }) => room(roomId).currentState.getStateEvents(type, stateKey)?.getContent(),
    send: async ({ roomId, type, content }) => {
      if (!(await encrypted(roomId))) throw new Error(`${roomId} is not encrypted, as far as this client knows`)
      return send(roomId, type, content)
    },
    /** As a client that knows no encryption would: the room's encryption is not asked. */
    sendPlain: async ({ roomId, type, content }) => {
      const path = `/rooms/${encodeURIComponent(roomId)}/send/${type}/${client.makeTxnId()}`
      return (await client.http.authedRequest(sdk.Method.Put, path, undefined, content)).event_id
    },
    react: ({ roomId, eventId, key }) =>
      send(roomId, 'm.reaction', { 'm.relates_to': { rel_type: 'm.annotation', event_id: eventId, key } }),
    redact: async ({ roomId, eventId, reason }) =>
      (await client.redactEvent(roomId, eventId, undefined, { reason })).event_id,
    edit: ({ roomId, eventId, body }) =>
      send(roomId, 'm.room.message', {
        msgtype: 'm.text',
        body: `* ${body}`,
        'm.new_content': { msgtype: 'm.text', body },
        'm.relates_to': { rel_type: 'm.replace', event_id: eventId },
      }),
    vote: ({ roomId, pollId, answers }) =>
      send(roomId, `${POLL}.response`, {
        'm.relates_to': { rel_type: 'm.reference', event_id: pollId },
        [`${POLL}.response`]: { answers },
      }),
  }
}
