import { download } from '../../../app/download.ts'
import { MediaError } from '../../../ports/media.ts'

const TWILIO = 'api.twilio.com'

/**
 * A picture by what Twilio told of it: the address of the file (webhook), or of the list of a message's files (list of messages). It is asked at
 * our own address of Twilio and nowhere else. Throws `MediaError`.
 */
export async function fetchMedia(
  { apiUrl, accountSid, authToken }: { apiUrl: string; accountSid: string; authToken: string },
  reference: string,
  most: number,
): Promise<Uint8Array> {
  const home = new URL(apiUrl)
  const headers = { authorization: `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString('base64')}` }
  const at = placeOf(reference, home)
  if (!at.pathname.endsWith('.json')) return download(at, { headers, most })
  const list = parsed(await download(at, { headers, most: 256 * 1024 }))
  const [first] = list.media_list ?? []
  if (typeof first?.uri !== 'string') throw new MediaError('gone', 'twilio-no-media')
  return download(placeOf(first.uri.replace(/\.json$/, ''), home), { headers, most })
}

/** The address comes from outside: only its path counts, and only if it was Twilio's. */
function placeOf(reference: string, home: URL): URL {
  const given = URL.canParse(reference, home.href) ? new URL(reference, home) : undefined
  const isTwilio = given?.hostname === TWILIO || given?.origin === home.origin
  if (!given || !isTwilio || !given.pathname.startsWith('/2010-04-01/Accounts/'))
    throw new MediaError('gone', 'foreign-address')
  return new URL(given.pathname, home)
}

function parsed(bytes: Uint8Array): { media_list?: { uri?: unknown }[] } {
  try {
    return JSON.parse(Buffer.from(bytes).toString()) as { media_list?: { uri?: unknown }[] }
  } catch {
    throw new MediaError('later', 'bad-answer')
  }
}
