// What a person at this client would see of each event, and whether their phone would sound.
import { sdk, crypto } from './sdk.mjs'

const VOTE = 'org.matrix.msc3381.poll.response'
const colours = { 0: 'none', 1: 'grey', 2: 'red' }

export function watch(client, say) {
  const events = new Map()

  const tell = async (event) => say({ seen: await describe(client, event) })

  client.on(sdk.ClientEvent.Event, async (event) => {
    const id = event.getId()
    // Only what is in a room's history: no receipts, typing, account data, and no local echo.
    if (!id?.startsWith('$') || !event.getRoomId() || events.has(id)) return
    events.set(id, event)
    await client.decryptEventIfNeeded(event)
    await tell(event)
    // A key may come later.
    event.on(sdk.MatrixEventEvent.Decrypted, () => void tell(event))
    const gone = events.get(event.getAssociatedId() ?? '')
    if (event.getType() === 'm.room.redaction' && gone) {
      gone.goneByUs = true
      await tell(gone)
    }
  })

  return {
    /** The same again, as it looks now: shields change when devices and identities do. */
    look: ({ eventId }) => {
      const event = events.get(eventId)
      if (!event) throw new Error(`${eventId} was not seen`)
      return describe(client, event)
    },
  }
}

async function describe(client, event) {
  const content = event.getContent()
  const outer = event.getWireContent()
  const relation = content['m.relates_to'] ?? outer['m.relates_to']
  const info = event.isEncrypted() ? await client.getCrypto().getEncryptionInfoForEvent(event) : null
  const actions = client.getPushActionsForEvent(event, true)
  const mentions = content['m.mentions']
  return {
    eventId: event.getId(),
    roomId: event.getRoomId(),
    sender: event.getSender(),
    type: event.getType(),
    ...(event.isState() ? { stateKey: event.getStateKey() } : {}),
    at: event.getTs(),
    content,
    msgtype: content.msgtype,
    body: content.body,
    formattedBody: content.formatted_body,
    mentions: { userIds: mentions?.user_ids ?? [], room: mentions?.room ?? false },
    relatesTo: relation,
    outerRelatesTo: event.isEncrypted() ? outer['m.relates_to'] : undefined,
    replaces: relation?.rel_type === 'm.replace' ? relation.event_id : undefined,
    encrypted: event.isEncrypted(),
    decryptionFailure: event.isDecryptionFailure() ? event.decryptionFailureReason : undefined,
    shield: info
      ? {
          colour: colours[info.shieldColour],
          reason: info.shieldReason === null ? undefined : crypto.EventShieldReason[info.shieldReason],
        }
      : undefined,
    pushActions: { notify: actions?.notify ?? false, tweaks: actions?.tweaks ?? {} },
    redacted: event.isRedacted() || event.goneByUs === true,
    redacts: event.getType() === 'm.room.redaction' ? event.getAssociatedId() : undefined,
    answers: event.getType() === VOTE ? (content[VOTE]?.answers ?? []) : undefined,
    file: content.file,
  }
}
