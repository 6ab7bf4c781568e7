import type { Message } from 'grammy/types'
import type { Attachment } from '../../ports/inbox.ts'

/** Labels are shown in one line beside the message. */
const LONGEST_LABEL = 200

/** What came with the words; undefined for a plain text. The more telling fields come first: a venue also has a location. */
export function attachmentOf(message: Message): Attachment | undefined {
  return placeIn(message) ?? mediaIn(message) ?? cardIn(message)
}

function placeIn({ venue, location }: Message): Attachment | undefined {
  const at = venue?.location ?? location
  if (!at) return undefined
  const place: Attachment = { kind: 'location', latitude: at.latitude, longitude: at.longitude }
  return venue ? labelled(place, venue.title, venue.address) : place
}

function mediaIn(message: Message): Attachment | undefined {
  const { animation, video, video_note, voice, audio, sticker, document, photo } = message
  // The largest size stands last. A live photo fills `photo` too.
  const picture = photo?.at(-1)
  if (picture) return { kind: 'photo', reference: picture.file_id }
  if (voice) return { kind: 'voice', reference: voice.file_id }
  // Sound is sound: an admin listens to it either way.
  if (audio) return labelled({ kind: 'voice', reference: audio.file_id }, audio.file_name)
  const film = video ?? video_note ?? animation
  if (film) return { kind: 'video', reference: film.file_id }
  if (sticker) return labelled({ kind: 'sticker', reference: sticker.file_id }, sticker.emoji)
  if (document) return labelled({ kind: 'document', reference: document.file_id }, document.file_name)
  return undefined
}

function cardIn({ contact, poll, dice }: Message): Attachment | undefined {
  if (contact) return labelled({ kind: 'contact' }, contact.first_name, contact.last_name, contact.phone_number)
  if (poll) return labelled({ kind: 'other' }, poll.question)
  if (dice) return labelled({ kind: 'other' }, dice.emoji, String(dice.value))
  return undefined
}

function labelled(attachment: Attachment, ...words: (string | undefined)[]): Attachment {
  const label = words.filter(Boolean).join(', ').slice(0, LONGEST_LABEL).toWellFormed()
  return label === '' ? attachment : { ...attachment, label }
}
