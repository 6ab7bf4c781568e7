import { once } from 'node:events'
import { createServer } from 'node:net'

/**
 * Below the ports that the system gives to whoever connects somewhere (32768 and up): one that was free a moment ago would be taken by such a
 * connection, and a kernel that is started again must find its own free.
 */
const LOWEST = 20_000
const HOW_MANY = 12_000

/** Each process begins elsewhere. */
let next = (process.pid % 300) * 40

/** A port of the loopback on which nobody listens, and that nobody here was given before. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = LOWEST + (next++ % HOW_MANY)
    const server = createServer().listen(port, '127.0.0.1')
    const isFree = await once(server, 'listening').then(
      () => true,
      (error: unknown) => {
        if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') return false
        throw error
      },
    )
    if (!isFree) continue
    server.close()
    await once(server, 'close')
    return port
  }
}
