import type { DeadReason } from '../../core/address.ts'
import { SECOND } from '../../core/time.ts'
import type { Duration } from '../../core/time.ts'
import { SendError } from '../../ports/channel.ts'

/** What the Bot API answered instead of yes. The field names are grammY's. */
interface Refusal {
  error_code: number
  description: string
  parameters: { retry_after?: number; migrate_to_chat_id?: number }
}

/**
 * Errors of connections that were never made: nothing can have been sent. Everything else that breaks may have broken after
 * Telegram had the message.
 */
const neverConnected =
  /^(ECONNREFUSED|ENOTFOUND|EAI_\w+|EHOSTUNREACH|ENETUNREACH|ENETDOWN|EHOSTDOWN|UND_ERR_CONNECT_TIMEOUT|CERT_\w+|ERR_TLS_\w+|ERR_SSL_\w+|DEPTH_ZERO_\w+|SELF_SIGNED_\w+|UNABLE_TO_\w+)$/

/** The answer inside a grammY error; undefined when there was none. */
export function refusal(error: unknown): Refusal | undefined {
  return error instanceof Error && error.name === 'GrammyError' ? (error as Error & Refusal) : undefined
}

/** `timeout`, or the code of what broke (`ECONNREFUSED`). Never the message: it can hold the address, and that the token. */
function networkCode(error: unknown): { code: string; syscall?: string } {
  let inner: unknown = error
  for (let depth = 0; depth < 4 && inner instanceof Error; depth += 1) {
    const { code, syscall } = inner as NodeJS.ErrnoException
    if (typeof code === 'string' && /^[A-Z][A-Z0-9_]+$/.test(code))
      return syscall === undefined ? { code } : { code, syscall }
    // An abort is how grammY ends a request that takes too long.
    if (inner.name === 'AbortError' || inner.message.includes('timed out')) return { code: 'timeout' }
    inner = inner.cause ?? (inner as Error & { error?: unknown }).error
  }
  return { code: 'network' }
}

/** The short code that operators see: `telegram-403`, `ECONNREFUSED`, `timeout`. */
export const troubleOf = (error: unknown): string => {
  const answer = refusal(error)
  return answer ? `telegram-${answer.error_code}` : networkCode(error).code
}

/** The pause that Telegram asked for, in real milliseconds. */
export function pauseAsked(error: unknown): Duration | undefined {
  const seconds = refusal(error)?.parameters.retry_after
  return typeof seconds === 'number' ? seconds * SECOND : undefined
}

/** Where a group went that became a supergroup. */
export function movedTo(error: unknown): string | undefined {
  const chat = refusal(error)?.parameters.migrate_to_chat_id
  return chat === undefined ? undefined : String(chat)
}

/** Maps whatever a send threw. */
export function sendError(error: unknown): SendError {
  if (error instanceof SendError) return error
  const trouble = troubleOf(error)
  const answer = refusal(error)
  if (answer) return fromRefusal(answer, trouble, pauseAsked(error))
  const { code, syscall } = networkCode(error)
  return new SendError(neverConnected.test(code) || syscall === 'connect' ? 'refused' : 'unknown', trouble)
}

function fromRefusal(answer: Refusal, trouble: string, wait: Duration | undefined): SendError {
  const dead = deadReason(answer)
  if (dead) return new SendError('dead', trouble, { why: dead })
  const code = answer.error_code
  if (code === 429 || code === 420) return new SendError('refused', trouble, wait === undefined ? {} : { wait })
  // A gateway that gave up waiting, or a page where an answer should be: the message may be through.
  if (code === 504 || (code >= 200 && code < 300)) return new SendError('unknown', trouble)
  if (code >= 500 || (code >= 300 && code < 400)) return new SendError('refused', trouble)
  return new SendError('impossible', trouble)
}

/** Telegram tells these apart only by its English. */
function deadReason(answer: Refusal): DeadReason | undefined {
  if (/deactivated/i.test(answer.description)) return 'gone'
  if (answer.error_code === 403) return 'blocked'
  if (answer.error_code === 400 && /chat not found|user not found|PEER_ID_INVALID/i.test(answer.description))
    return 'gone'
  return undefined
}

/** What the operator must do, for what does not heal by itself. */
export function advice(trouble: string): string | undefined {
  if (trouble === 'telegram-401' || trouble === 'telegram-404')
    return 'Telegram does not know this token: set IMOK_TELEGRAM_TOKEN to the one that BotFather shows, and check IMOK_TELEGRAM_API_URL'
  if (trouble === 'telegram-409')
    return 'something else reads this bot: stop the other imok, or give each its own bot and IMOK_TELEGRAM_TOKEN'
  return undefined
}
