import type { Duration } from '../../core/time.ts'

/** A request to the homeserver that did not work, without anything that was sent or answered in words. */
export class MatrixFailure extends Error {
  /** `answered`: the server refused. `unreachable`: it certainly never heard. `unknown`: it may have heard and done it. */
  readonly kind: 'answered' | 'unreachable' | 'unknown'
  /** HTTP status; 0 without an answer. */
  readonly status: number
  /** `M_LIMIT_EXCEEDED` …, or a short code of ours: `timeout`, `not-json`, `ECONNREFUSED`. */
  readonly code: string
  /** The server asked for this pause, in real milliseconds. */
  readonly wait?: Duration
  /** What user-interactive authentication needs: the body of a 401 with `flows`. */
  readonly body?: unknown
  constructor(
    kind: MatrixFailure['kind'],
    status: number,
    code: string,
    more: { wait?: Duration; body?: unknown } = {},
  ) {
    super(`the homeserver: ${status === 0 ? '' : `${String(status)} `}${code}`)
    this.name = 'MatrixFailure'
    this.kind = kind
    this.status = status
    this.code = code
    if (more.wait !== undefined) this.wait = more.wait
    if (more.body !== undefined) this.body = more.body
  }
}

/** Whether an error is this answer of the server. */
export const isAnswer = (error: unknown, code: string): boolean => error instanceof MatrixFailure && error.code === code
