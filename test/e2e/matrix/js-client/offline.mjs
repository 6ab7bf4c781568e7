// Syncs that stop when a phone has no network. The SDK itself cannot pause: stopClient() ends its encryption for good.

/** A fetch for the SDK: while offline a sync neither goes out nor stays out; afterwards it is made as it was asked. */
export function interruptibleSync() {
  let offline
  let interrupt = new AbortController()
  const isSync = (url) => new URL(url).pathname.endsWith('/sync')
  return {
    fetch: async (url, options) => {
      while (isSync(url)) {
        await offline?.promise
        const current = interrupt
        try {
          const signals = [current.signal, options.signal].filter(Boolean)
          return await fetch(url, { ...options, signal: AbortSignal.any(signals) })
        } catch (error) {
          if (!current.signal.aborted || options.signal?.aborted) throw error
        }
      }
      return fetch(url, options)
    },
    goOffline: () => {
      offline ??= Promise.withResolvers()
      interrupt.abort()
      interrupt = new AbortController()
    },
    goOnline: () => {
      offline?.resolve()
      offline = undefined
    },
  }
}
