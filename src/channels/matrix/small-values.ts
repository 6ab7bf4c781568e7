/** A small durable memory: a part of the crypto store, encrypted with it, and never older or newer than the keys. */
export interface SmallValues {
  get: (key: string) => string | undefined
  /** On disk when it returns, all at once or not at all; `undefined` forgets. */
  set: (values: Readonly<Record<string, string | undefined>>) => void
}
