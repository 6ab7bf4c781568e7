import type { Heartbeat } from '../ports/heartbeat.ts'

/** Real milliseconds for one ping: it must not hang into the next one. */
const WITHIN = 10_000

/** Pings an outside watchdog (Healthchecks and kin): a GET, any answer below 400 is heard. Throws otherwise. */
export const httpHeartbeat = (url: string): Heartbeat => ({
  ping: async () => {
    const response = await fetch(url, { signal: AbortSignal.timeout(WITHIN), redirect: 'follow' })
    await response.body?.cancel()
    if (response.status >= 400)
      throw Object.assign(new Error('the heartbeat was refused'), { code: `http-${String(response.status)}` })
  },
})
