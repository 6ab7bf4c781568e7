/**
 * The crypto store cannot be used (any more). `damaged`: a part of it is missing; to go on would mean to give the same key away twice and to lose
 * messages, so it must be treated as lost. `wrong-key`, `newer-format`, `locked`: nothing was touched, it may be whole. `closed`, and
 * `foreign-write` (somebody else wrote to our journal): not any more. Else the disk's code (`ENOSPC`, `EIO` …): it cannot be opened, or something is
 * not durable yet.
 */
export class CryptoStoreError extends Error {
  readonly code: string
  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'CryptoStoreError'
    this.code = code
  }
}

/** For operators: no private data. */
export function asCryptoStoreError(error: unknown, doing: string): CryptoStoreError {
  if (error instanceof CryptoStoreError) return error
  const { code } = (error ?? {}) as { code?: unknown }
  const known = typeof code === 'string' ? code : 'unknown'
  return new CryptoStoreError(known, `cannot ${doing}: ${known}`, { cause: error })
}
