/** The small durable memory of the identity: a part of the crypto store, encrypted with it. `set` is on disk when it returns. */
export interface IdentityStore {
  get: (key: string) => string | undefined
  /** All at once or not at all; `undefined` forgets. */
  set: (values: Record<string, string | undefined>) => void
}
