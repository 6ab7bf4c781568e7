import type { Server } from 'node:http'
import type { Socket } from 'node:net'

/** Milliseconds for running requests to end at close, before their connections are cut. */
const CLOSE_WITHIN = 2_000

/**
 * Watches a server's connections and returns how to close it: those that are answering a request may finish, all others end at once.
 * Node's own closeIdleConnections leaves those that never asked anything (browsers open them ahead), and a restart would wait for them.
 */
export function closingOf(server: Server): () => Promise<void> {
  const open = new Set<Socket>()
  const answering = new Set<Socket>()
  server.on('connection', (socket) => {
    open.add(socket)
    socket.once('close', () => open.delete(socket))
  })
  server.on('request', ({ socket }, response) => {
    answering.add(socket)
    response.once('close', () => answering.delete(socket))
  })
  return () =>
    new Promise((resolve) => {
      const cut = setTimeout(() => server.closeAllConnections(), CLOSE_WITHIN)
      server.close(() => {
        clearTimeout(cut)
        resolve()
      })
      for (const socket of open) if (!answering.has(socket)) socket.destroy()
    })
}
