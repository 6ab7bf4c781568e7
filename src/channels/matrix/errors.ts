import { SendError } from '../../ports/channel.ts'
import { MatrixFailure } from './failure.ts'

/** Answers that no second try changes before somebody has acted. */
const actFirst = new Set(['M_TOO_LARGE', 'M_UNSUPPORTED_ROOM_VERSION'])

/**
 * What a failed send means. The room takes our id, so a doubtful one is simply sent again; nothing is ever given up for good
 * but a message that the server will never take, because an alarm must not end in silence.
 */
export function sendError(error: unknown): SendError {
  if (error instanceof SendError) return error
  if (!(error instanceof MatrixFailure)) return new SendError('refused', 'matrix-crypto')
  const { kind, code, status, wait } = error
  const trouble = code.startsWith('M_') ? `matrix-${code.slice(2).toLowerCase().replaceAll('_', '-')}` : code
  if (kind === 'unknown') return new SendError('unknown', trouble)
  if (status === 413 || actFirst.has(code)) return new SendError('impossible', trouble)
  return new SendError('refused', trouble, wait === undefined ? {} : { wait })
}
