/**
 * Many callers, few syncs: whoever calls while one is running shares the next. A sync that began before the call is no proof, since
 * it may have missed what the caller just did.
 */
export function shareSync(sync: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined
  let next: Promise<void> | undefined
  const start = (): Promise<void> => {
    running = sync().finally(() => (running = undefined))
    return running
  }
  const afterwards = async (): Promise<void> => {
    await running?.catch(() => undefined)
    next = undefined
    await start()
  }
  return () => (running ? (next ??= afterwards()) : start())
}
