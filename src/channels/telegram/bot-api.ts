import type { Api } from 'grammy'

/** What grammY hands to a fetch. */
interface Request {
  body: string
  signal: AbortSignal
}

/**
 * A client of the Bot API. grammY is loaded here and nowhere else, so that a kernel without Telegram never holds it in memory.
 * `limit` is in real milliseconds: grammY's own default of 500 s would keep an alert waiting. `mayAct` is asked right before a request leaves.
 */
export async function botApi(
  token: string,
  apiUrl: string,
  limit: number,
  mayAct: () => boolean = () => true,
): Promise<Api> {
  const { Api: Client } = await import('grammy')
  return new Client(token, {
    apiRoot: apiUrl.replace(/\/+$/, ''),
    timeoutSeconds: limit / 1_000,
    // grammY's type is that of node-fetch; this much of it is what its client uses.
    fetch: ((url: string, request: Request) => {
      if (!mayAct()) throw Object.assign(new Error('another kernel may act'), { code: 'not-in-office' })
      return ask(url, request)
    }) as never,
  })
}

/**
 * Node's own fetch instead of the one that grammY brings: its errors carry a code instead of the address, which holds the
 * token; it drops idle connections before the server does; and the HTTP status of a page that is no Bot API answer is kept.
 */
async function ask(url: string, request: Request): Promise<{ json: () => Promise<unknown> }> {
  const abort = new AbortController()
  // grammY's signal is a polyfill, which Node's fetch refuses.
  request.signal.addEventListener('abort', () => abort.abort())
  if (request.signal.aborted) abort.abort()
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: request.body,
    signal: abort.signal,
    // A redirect would carry the token somewhere else.
    redirect: 'manual',
  })
  const text = await response.text()
  return { json: () => Promise.resolve(answerIn(text, response.status)) }
}

/** A gateway's page becomes the error it stands for. */
function answerIn(text: string, status: number): unknown {
  const answer = parse(text)
  if (typeof answer === 'object' && answer !== null && 'ok' in answer) return answer
  return { ok: false, error_code: status, description: 'not an answer of the Bot API' }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
