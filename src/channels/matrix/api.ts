import type { Duration } from '../../core/time.ts'

export interface Ask {
  query?: Record<string, string | number | boolean>
  /** JSON; bytes are sent as they are, with `contentType`. */
  body?: unknown
  contentType?: string
  /** Real milliseconds until the request is given up. 15 s, unless said otherwise. */
  within?: Duration
  /** The answer is no JSON: a `Buffer` is returned. */
  bytes?: boolean
  /** Ends the request early. */
  signal?: AbortSignal
}

/** The client-server API as one signed-in device. Every request ends in time. Throws `MatrixFailure`. */
export interface MatrixApi {
  /** `@imok:example.org` */
  readonly userId: string
  readonly deviceId: string
  request<Answer = unknown>(method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, ask?: Ask): Promise<Answer>
}
