import { AsyncLocalStorage } from 'node:async_hooks'
import { LogService, setRequestFn } from 'matrix-bot-sdk'

/** Bytes of an answer: a first sync of a busy account is a few MB; a photo at most what the server's own limit says. */
const LARGEST_ANSWER = 64 * 1024 * 1024

/** What matrix-bot-sdk asks of `request`, as far as it uses it. */
interface Params {
  uri: string
  method: string
  qs?: Record<string, string | number | boolean> | null
  encoding?: null | undefined
  timeout: number
  headers?: Record<string, string>
  body?: string | Buffer
}
type Callback = (
  error: unknown,
  response?: { statusCode: number; body: unknown; headers: Record<string, string> },
  body?: unknown,
) => void

/** Ends requests early: matrix-bot-sdk has no parameter for it. */
export const stopping = new AsyncLocalStorage<AbortSignal>()

/**
 * The way out of matrix-bot-sdk: Node's own fetch in place of the dead `request` package. Errors are short codes; nothing of a request or an
 * answer is ever logged.
 */
export function useFetch(): void {
  setRequestFn((params: Params, callback: Callback) => {
    exchange(params).then(
      ({ body, ...response }) => callback(null, { ...response, body }, body),
      (error: unknown) => callback(error),
    )
  })
  const mute = (): void => undefined
  LogService.setLogger({ info: mute, warn: mute, error: mute, debug: mute, trace: mute })
}

async function exchange(
  params: Params,
): Promise<{ statusCode: number; headers: Record<string, string>; body: unknown }> {
  const url = new URL(params.uri)
  for (const [name, value] of Object.entries(params.qs ?? {})) url.searchParams.append(name, String(value))
  const limit = AbortSignal.timeout(params.timeout)
  const early = stopping.getStore()
  const response = await fetch(url, {
    method: params.method,
    headers: params.headers ?? {},
    redirect: 'error',
    signal: early ? AbortSignal.any([limit, early]) : limit,
    ...(params.body !== undefined && {
      body: typeof params.body === 'string' ? params.body : new Uint8Array(params.body),
    }),
  })
  const bytes = await bounded(response)
  return {
    statusCode: response.status,
    headers: Object.fromEntries(response.headers),
    // With `encoding: null` the caller wants bytes; matrix-bot-sdk parses a string as JSON by itself. Errors are JSON in any case.
    body: params.encoding === null && response.ok ? bytes : bytes.toString('utf8'),
  }
}

async function bounded(response: Response): Promise<Buffer> {
  const parts: Uint8Array[] = []
  let size = 0
  for await (const part of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    size += part.length
    if (size > LARGEST_ANSWER) throw Object.assign(new Error('the answer is too large'), { code: 'answer-too-large' })
    parts.push(part)
  }
  return Buffer.concat(parts)
}
