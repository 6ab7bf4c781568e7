import { SendError } from '../ports/channel.ts'
import type { LogFields } from '../ports/log.ts'

/**
 * An error as it may be logged: its class, its code and where in our code it was thrown. Never its message: libraries quote what they
 * were given, and that is what people wrote.
 */
export function errorFields(error: unknown): LogFields {
  if (!(error instanceof Error)) return { error: typeof error }
  const code = codeOf(error)
  const at = placeOf(error)
  return { error: error.name, ...(code !== undefined && { code }), ...(at !== undefined && { at }) }
}

/** The code of an error, or of what caused it: `fetch failed` has its reason one or two causes down. */
function codeOf(error: Error): string | number | undefined {
  let cause: unknown = error
  for (let depth = 0; depth < 5 && cause instanceof Error; depth++) {
    if (cause instanceof SendError) return cause.trouble
    if ('code' in cause && (typeof cause.code === 'string' || typeof cause.code === 'number')) return cause.code
    cause = cause.cause
  }
  return undefined
}

/** `app/drain.ts:102`: the first place in our own code. The message, which comes first in a stack, is cut off. */
function placeOf({ stack = '', message }: Error): string | undefined {
  const frames = stack.slice(stack.indexOf(message) + message.length)
  return /\/(?:src|build)\/([a-z0-9/-]+\.[jt]s:\d+)/.exec(frames)?.[1]
}
