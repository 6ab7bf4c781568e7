import type { Duration } from '../core/time.ts'
import { SECOND } from '../core/time.ts'
import { MediaError } from '../ports/media.ts'

/** Real milliseconds: with its way to the room it must end within one attempt (20 s). */
const WITHIN: Duration = 8 * SECOND
/** A provider sends us on to where it keeps its files. */
const MOST_REDIRECTS = 3

/**
 * Fetches a file from a provider. `headers` go to the first address only: whoever it sends us on to is not told our secrets. Throws
 * `MediaError`.
 */
export async function download(
  address: URL,
  { headers = {}, most }: { headers?: Record<string, string>; most: number },
): Promise<Uint8Array> {
  const signal = AbortSignal.timeout(WITHIN)
  let url = address
  for (let hops = 0; hops <= MOST_REDIRECTS; hops++) {
    const own = hops === 0 || url.origin === address.origin ? headers : {}
    const response = await fetch(url, { headers: own, redirect: 'manual', signal }).catch((error: unknown) => {
      throw new MediaError('later', error instanceof Error && error.name === 'TimeoutError' ? 'timeout' : 'connection')
    })
    const next = response.headers.get('location')
    if (response.status >= 300 && response.status < 400 && next !== null) {
      await response.body?.cancel()
      url = nextAddress(next, url, address)
      continue
    }
    if (!response.ok) {
      await response.body?.cancel()
      throw new MediaError(isPassing(response.status) ? 'later' : 'gone', `http-${String(response.status)}`)
    }
    return bounded(response, most)
  }
  throw new MediaError('gone', 'redirects')
}

const isPassing = (status: number): boolean => status >= 500 || status === 429 || status === 408

/** Never from https down to http, and never to another kind of address. */
function nextAddress(location: string, from: URL, first: URL): URL {
  const next = URL.canParse(location, from.href) ? new URL(location, from) : undefined
  if (!next || (next.protocol !== 'https:' && next.origin !== first.origin)) throw new MediaError('gone', 'redirects')
  return next
}

async function bounded(response: Response, most: number): Promise<Uint8Array> {
  if (Number(response.headers.get('content-length') ?? 0) > most) {
    await response.body?.cancel()
    throw new MediaError('too-large', 'too-large')
  }
  const parts: Uint8Array[] = []
  let size = 0
  try {
    for await (const part of (response.body ?? []) as AsyncIterable<Uint8Array>) {
      size += part.length
      if (size > most) throw new MediaError('too-large', 'too-large')
      parts.push(part)
    }
  } catch (error) {
    throw error instanceof MediaError ? error : new MediaError('later', 'connection')
  }
  return Buffer.concat(parts)
}
